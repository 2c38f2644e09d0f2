// SPDX-License-Identifier: Apache-2.0
/** What the compiler cannot tell, and a person has looked at: functions, and why all is well. */

/** The compiler cannot tell which members are named here. */
export const HIDDEN: Readonly<Record<string, string>> = {
  'src/agent/agent.ts constructor': 'an author gives fragments, whose names are those of JSON',
  'src/base/machine.ts perform': 'the name of a delegate comes from `table`; those of methods are marked for esbuild',
  'src/base/table.ts table': 'delegates are found by the names under which they are stored',
  'src/capabilities/logs/log-files.ts read': 'a promise of an author',
  'src/capabilities/parameters/parameters-set.ts parameterSet': 'parameters by the names of an author',
  'src/parts/settings.ts withSettings': 'settings by the names of an author',
};

/** Values pass through here as something without members, to code that knows their type. */
export const PASSED_ON: Readonly<Record<string, string>> = {
  'hal/esp32/network/plain-stream.ts takeDirect': 'a socket, which has the stream as its target',
  'hal/esp32/network/plain-stream.ts write': 'a socket, which has the stream as its target',
  'hal/esp32/network/secure-stream.ts #begin': 'a socket, which has the stream as its target',
  'src/base/machine.ts perform': 'from the machine to its own methods, or those of a delegate',
  'src/base/machine.ts understand': 'to the method that a table names',
  'src/base/machine.ts write': 'to the method that a table names',
  'src/base/table.ts rowsOf': 'members are put together by the names that they have',
  'src/base/table.ts table': 'rows are stored as they are given',
};
