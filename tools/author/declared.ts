// SPDX-License-Identifier: Apache-2.0
/**
 * What an app declares, looked at on a desk: shapes that TypeScript would refuse. Who writes JavaScript has no compiler to tell, and a
 * board has no room for what a desk can find.
 */

import type { Sensor } from '../../hal/hal.ts';
import type { App, AppBoard, AppChild, AppDevice, SensorDefinition } from '../../src/api.ts';
import type { Command } from '../../src/capability.ts';
import {
  hasNoSlip,
  hasOnly,
  isFlag,
  isFragments,
  isFunction,
  isNumber,
  isSeverity,
  isText,
  type Members,
  membersOf,
  refuse,
} from './arguments.ts';
import { Samples, type WatchedSensor } from './sampled.ts';

const SENSOR = ['reports', 'sensor', 'rules', 'intervalS'];
const RULE = ['of', 'above', 'below', 'back', 'forS', 'type', 'severity', 'text'];
const CHILD = ['name', 'type', 'externalId', 'hardware', 'firmware', 'requiredAvailabilityMin'];
const HARDWARE = ['model', 'revision', 'serialNumber'];
const OPERATION = ['name', 'run', 'inventory', 'recover', 'repeatable', 'timeoutMs', 'isPossible', 'begin'];
const COMMAND = ['name', 'help', 'repeatable', 'run'];

/** A call with any arguments, as JavaScript allows. */
type Call = (...args: readonly unknown[]) => unknown;
/** Looks at the arguments of calls, by their names: they throw, or return a list of others in their place. */
type Looks = Readonly<Record<string, Call>>;

/**
 * The same app, on a board that looks at the arguments of its calls before it does as it is told.
 * @param samples watches what its sensors give
 * @throws RangeError from those calls: which declaration, what is given and what is expected
 */
export function declared(app: App, samples?: Samples): App {
  const run = (board: AppBoard) => {
    // On XS, what a module has made before the start is read-only.
    const watched = samples ?? new Samples();
    look(board, { ...ofDevice(board, watched), child: lookAtChild, command: lookAtCommand, restart: lookAtRestart });
    const child = board.child.bind(board);
    const own: AppBoard['child'] = (id, definition) => {
      const made: AppChild = child(id, definition);
      look(made, { ...ofDevice(made, watched), reachable: lookAtReachable });
      return made;
    };
    Object.defineProperty(board, 'child', { value: own, configurable: true });
    notAsync(app(board) as unknown);
  };
  return app.settings === undefined ? run : Object.assign(run, { settings: app.settings });
}

/** What such an app declares after its first wait comes too late, and what it throws then has no place. */
function notAsync(result: unknown): void {
  if (typeof (result as Partial<Promise<unknown>> | undefined)?.then !== 'function') return;
  // It is told in the place of what it may throw.
  (result as Promise<unknown>).then(undefined, () => {});
  refuse('app: what it returns', result, 'nothing, because an app is not async; a timer or an operation may be');
}

/** Has these calls of a device look first. */
function look(device: AppDevice, looks: Looks): void {
  for (const [name, first] of Object.entries(looks)) {
    const call = (device as unknown as Readonly<Record<string, Call>>)[name]?.bind(device);
    const both: Call = (...args) => {
      const others = first(...args);
      return call?.(...(Array.isArray(others) ? (others as readonly unknown[]) : args));
    };
    // What is in flash cannot be written over, on XS.
    Object.defineProperty(device, name, { value: both, configurable: true });
  }
}

/** Of the calls that a board and a child share. */
function ofDevice({ hal }: AppDevice, samples: Samples): Looks {
  const stands = new Map<Sensor, WatchedSensor>();
  return {
    sensor(definition) {
      lookAtSensor(definition, Object.keys(hal.sensors));
      return [samples.watch(definition as SensorDefinition, stands)];
    },
    removeSensor(sensor) {
      membersOf('removeSensor', sensor, 'the sensor that was declared');
      return [stands.get(sensor as Sensor) ?? sensor];
    },
    operation: lookAtOperation,
    removeOperation: (name) => isText('removeOperation: its name', name),
    fragment: lookAtFragment,
    software: lookAtSoftware,
    alsoKnownAs: lookAtOtherId,
    position: lookAtPosition,
    measure: lookAtMeasurement,
    event: lookAtEvent,
    alarm: lookAtAlarm,
    clear: (type) => isText('clear: the type of the alarm', type),
  };
}

/** @param there names of the sensors that the board has */
function lookAtSensor(definition: unknown, there: readonly string[]): void {
  const what = 'sensor';
  const { reports, sensor, rules, intervalS } = hasOnly(what, definition, SENSOR, '{ reports, sensor }');
  const { type, of } = membersOf(`${what}: reports`, reports, 'what measurement() gives');
  if (!Array.isArray(of)) refuse(`${what}: reports`, reports, 'what measurement() gives');
  const name = `sensor for ${type}`;
  const expected = `an object with sample(); this board has: ${there.join(', ')}`;
  isFunction(`${name}: sample`, membersOf(`${name}: sensor`, sensor, expected)['sample']);
  isNumber(`${name}: intervalS`, intervalS ?? 1);
  if (rules === undefined) return;
  if (!Array.isArray(rules)) refuse(`${name}: rules`, rules, 'a list');
  for (const rule of rules as readonly unknown[]) lookAtRule(name, rule);
}

function lookAtRule(sensor: string, definition: unknown): void {
  const rule = hasOnly(`${sensor}: a rule`, definition, RULE, '{ of, above, type, severity, text }');
  isText(`${sensor}: type of a rule`, rule['type']);
  const name = `rule ${rule['type']}`;
  isText(`${name}: of`, rule['of']);
  isText(`${name}: text`, rule['text']);
  isSeverity(name, rule['severity']);
  for (const each of ['above', 'below', 'back', 'forS']) {
    isNumber(`${name}: ${each}`, rule[each] ?? 0);
  }
  if (Number(rule['forS'] ?? 0) < 0) refuse(`${name}: forS`, rule['forS'], '0 or more seconds');
}

function lookAtOperation(capability: unknown): void {
  const { name, run, inventory, recover, repeatable, timeoutMs } = membersOf('operation', capability, '{ name, run }');
  isText('operation: its name', name);
  const what = `operation ${name}`;
  hasNoSlip(what, capability, OPERATION);
  isFunction(`${what}: run`, run);
  if (inventory !== undefined) isFunction(`${what}: inventory`, inventory);
  if (recover !== undefined) isFunction(`${what}: recover`, recover);
  isFlag(`${what}: repeatable`, repeatable ?? false);
  isNumber(`${what}: timeoutMs`, timeoutMs ?? 1);
}

function lookAtCommand(definition: unknown): readonly unknown[] {
  const { name, run, help, repeatable } = membersOf('command', definition, '{ name, help, run }');
  isText('command: its name', name);
  const what = `command ${name}`;
  hasNoSlip(what, definition, COMMAND);
  isText(`${what}: help`, help);
  isFunction(`${what}: run`, run);
  isFlag(`${what}: repeatable`, repeatable ?? false);
  const command = definition as Command;
  const answers: Command['run'] = (args, host) => answered(what, command.run(args, host));
  return [Object.create(command, { run: { value: answers } })];
}

/** The operator reads the error. A board would say that it cannot read the answer, and not of which command. */
function answered(what: string, answer: unknown): string | Promise<string> {
  if (typeof answer === 'string') return answer;
  const then = (answer as Partial<Promise<unknown>> | null | undefined)?.then;
  if (typeof then !== 'function') refuse(`${what}: its answer`, answer, 'a text, or a promise of one');
  return (answer as Promise<unknown>).then((later) => {
    if (typeof later !== 'string') refuse(`${what}: its answer`, later, 'a text');
    return later as string;
  });
}

function lookAtChild(id: unknown, definition: unknown): void {
  isText('child: its id', id);
  const what = `child ${id}`;
  const { name, type, externalId, hardware, firmware } = hasOnly(
    what,
    definition,
    CHILD,
    "an object, as { name: 'Pump' }",
  );
  if (name !== undefined) isText(`${what}: name`, name);
  if (type !== undefined) isText(`${what}: type`, type);
  for (const [member, value, names] of [
    ['externalId', externalId, ['type', 'id']],
    ['hardware', hardware, HARDWARE],
    ['firmware', firmware, ['name', 'version']],
  ] as const) {
    if (value !== undefined) areTexts(`${what}: ${member}`, hasOnly(`${what}: ${member}`, value, names));
  }
}

function areTexts(what: string, members: Members): void {
  for (const [name, value] of Object.entries(members)) if (value !== undefined) isText(`${what}.${name}`, value);
}

function lookAtReachable(yes: unknown): void {
  isFlag('reachable', yes);
}

function lookAtRestart(reason: unknown): void {
  isText('restart: its reason', reason);
}

function lookAtFragment(name: unknown, value: unknown): void {
  isText('fragment: its name', name);
  // More members are allowed, but Device management does not show them.
  if (name === 'c8y_Hardware') hasNoSlip(`fragment ${name}`, value, HARDWARE, '{ model, revision, serialNumber }');
}

function lookAtOtherId(type: unknown, id: unknown): void {
  isText('alsoKnownAs: its type', type);
  isText(`alsoKnownAs ${type}: its id`, id);
}

function lookAtEvent(type: unknown, text: unknown, fragments: unknown): void {
  isText('event: its type', type);
  isText(`event ${type}: its text`, text);
  isFragments(`event ${type}: its fragments`, fragments);
}

function lookAtAlarm(type: unknown, severity: unknown, text: unknown, fragments: unknown): void {
  isText('alarm: its type', type);
  isSeverity(`alarm ${type}`, severity);
  isText(`alarm ${type}: its text`, text);
  isFragments(`alarm ${type}: its fragments`, fragments);
}

function lookAtSoftware(name: unknown, version: unknown, url: unknown): void {
  isText('software: its name', name);
  if (version !== undefined) isText(`software ${name}: its version`, version);
  if (url !== undefined) isText(`software ${name}: its url`, url);
}

function lookAtPosition(latitude: unknown, longitude: unknown, altitude: unknown = 0): void {
  isNumber('position: latitude', latitude);
  isNumber('position: longitude', longitude);
  isNumber('position: altitude', altitude);
}

/** The platform takes what has no series, and shows nothing of it. */
function lookAtMeasurement(type: unknown, fragments: unknown): void {
  isText('measurement: its type', type);
  const what = `measurement ${type}`;
  let series = 0;
  for (const fragment of Object.values(membersOf(what, fragments, EXAMPLE))) {
    if (typeof fragment !== 'object' || fragment === null) continue;
    for (const [name, each] of Object.entries(fragment)) {
      if (typeof each !== 'object' || each === null || !('value' in each || 'unit' in each)) continue;
      const { value } = hasNoSlip(`${what}: ${name}`, each, ['value', 'unit']);
      isNumber(`${what}: value of ${name}`, value);
      series++;
    }
  }
  if (series === 0) refuse(what, fragments, `at least one series, as ${EXAMPLE}`);
}

const EXAMPLE = "{ acme_Steam: { T: { value: 96.5, unit: '°C' } } }";
