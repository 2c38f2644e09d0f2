// SPDX-License-Identifier: Apache-2.0
/**
 * What an app declares, looked at on a desk: shapes that TypeScript would refuse. Who writes JavaScript has no compiler to tell, and a
 * board has no room for what a desk can find.
 */

import type { App, AppBoard, AppDevice } from '../../src/api.ts';

const SEVERITIES = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];
const SENSOR = ['reports', 'sensor', 'rules', 'intervalS'];
const RULE = ['of', 'above', 'below', 'back', 'forS', 'type', 'severity', 'text'];
const CHILD = ['name', 'type', 'externalId', 'hardware', 'firmware', 'requiredAvailabilityMin'];

type Members = Readonly<Record<string, unknown>>;

/**
 * The same app, on a board that looks at the arguments of its calls before it does as it is told.
 * @throws RangeError from those calls: which declaration, what is given and what is expected
 */
export function declared(app: App): App {
  const run = (board: AppBoard) => {
    look(board);
    const child = board.child.bind(board);
    const command = board.command.bind(board);
    const own: Pick<AppBoard, 'child' | 'command'> = {
      child(id, definition) {
        isText('child: its id', id);
        hasOnly(`child ${id}`, definition, CHILD, "an object, as { name: 'Pump' }");
        return look(child(id, definition));
      },
      command(definition) {
        const { name, run, help } = membersOf('command', definition);
        isText('command: its name', name);
        isText(`command ${name}: help`, help);
        isFunction(`command ${name}: run`, run);
        command(definition);
      },
    };
    // What is in flash cannot be written over, on XS.
    for (const [name, value] of Object.entries(own)) Object.defineProperty(board, name, { value, configurable: true });
    app(board);
  };
  return app.settings === undefined ? run : Object.assign(run, { settings: app.settings });
}

/** Has the calls that a board and a child share look first. */
function look<D extends AppDevice>(device: D): D {
  const does: Record<(typeof LOOKED_AT)[number], (...args: never) => void> = {
    sensor: (definition: unknown) => lookAtSensor(definition, Object.keys(device.hal.sensors)),
    operation: lookAtOperation,
    event: lookAtEvent,
    alarm: lookAtAlarm,
    measure: lookAtMeasurement,
    software: lookAtSoftware,
    position: lookAtPosition,
  };
  for (const name of LOOKED_AT) {
    const call = device[name].bind(device) as (...args: readonly unknown[]) => void;
    const first = does[name] as (...args: readonly unknown[]) => void;
    const both = (...args: readonly unknown[]) => {
      first(...args);
      call(...args);
    };
    Object.defineProperty(device, name, { value: both, configurable: true });
  }
  return device;
}

const LOOKED_AT = ['sensor', 'operation', 'event', 'alarm', 'measure', 'software', 'position'] as const;

/** @param there names of the sensors that the board has */
function lookAtSensor(definition: unknown, there: readonly string[]): void {
  const what = 'sensor';
  const { reports, sensor, rules, intervalS } = hasOnly(what, definition, SENSOR, '{ reports, sensor }');
  const { type, of } = membersOf(`${what}: reports`, reports, 'what measurement() gives');
  if (!Array.isArray(of)) refuse(`${what}: reports`, reports, 'what measurement() gives');
  const name = `sensor for ${type}`;
  for (const each of of as readonly unknown[]) isText(`${name}: of, the name in its sample, of a series`, each);
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
  const { name, run, inventory, recover, timeoutMs } = membersOf('operation', capability, '{ name, run }');
  isText('operation: its name', name);
  isFunction(`operation ${name}: run`, run);
  if (inventory !== undefined) isFunction(`operation ${name}: inventory`, inventory);
  if (recover !== undefined) isFunction(`operation ${name}: recover`, recover);
  isNumber(`operation ${name}: timeoutMs`, timeoutMs ?? 1);
}

function lookAtEvent(type: unknown, text: unknown): void {
  isText('event: its type', type);
  isText(`event ${type}: its text`, text);
}

function lookAtAlarm(type: unknown, severity: unknown, text: unknown): void {
  isText('alarm: its type', type);
  isSeverity(`alarm ${type}`, severity);
  isText(`alarm ${type}: its text`, text);
}

function lookAtSoftware(name: unknown, version: unknown): void {
  isText('software: its name', name);
  if (version !== undefined) isText(`software ${name}: its version`, version);
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
      if (typeof each !== 'object' || each === null || !('value' in each)) continue;
      isNumber(`${what}: value of ${name}`, each.value);
      series++;
    }
  }
  if (series === 0) refuse(what, fragments, `at least one series, as ${EXAMPLE}`);
}

const EXAMPLE = "{ acme_Steam: { T: { value: 96.5, unit: '°C' } } }";

function membersOf(what: string, value: unknown, expected = 'an object'): Members {
  if (typeof value !== 'object' || value === null) refuse(what, value, expected);
  return value as Members;
}

/** Nothing else: what is misspelt would be passed over. */
function hasOnly(what: string, value: unknown, names: readonly string[], expected: string): Members {
  const members = membersOf(what, value, expected);
  for (const name of Object.keys(members)) {
    if (!names.includes(name)) throw new RangeError(`${what}: there is no ${name}; there are: ${names.join(', ')}`);
  }
  return members;
}

function isText(what: string, value: unknown): void {
  if (typeof value !== 'string') refuse(what, value, 'a text');
}

function isNumber(what: string, value: unknown): void {
  if (!Number.isFinite(value)) refuse(what, value, 'a number');
}

function isFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') refuse(what, value, 'a function');
}

function isSeverity(what: string, value: unknown): void {
  if (!SEVERITIES.includes(value as string)) refuse(`${what}: severity`, value, SEVERITIES.join(', '));
}

function refuse(what: string, value: unknown, expected: string): never {
  throw new RangeError(`${what}: ${shown(value)} is not allowed; allowed: ${expected}`);
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return JSON.stringify(value).slice(0, 80);
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : `{ ${Object.keys(value).slice(0, 8).join(', ')} }`;
}
