// SPDX-License-Identifier: Apache-2.0
/** Logs that an app reads: of a child, and of a board without a log of its own. */

import test, { type ExecutionContext } from 'ava';
import { CAPABILITIES, type LogFile, logFiles, logs, type WantedLines } from '../../../src/capabilities/index.ts';
import type { App } from '../../../src/index.ts';
import type { Json, JsonObject, Operation } from '../../../tools/platform/model.ts';
import { eventsOf } from '../../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd } from '../../agent/operations/operating.ts';
import { createSettled, createWorld, objectOf, settle } from '../../agent/scene.ts';
import { KID, shown } from './children-scene.ts';

const HOUR_MS = 3_600_000;
const EVERYTHING: WantedLines = { logFile: 'plc', fromMs: -Infinity, toMs: Infinity, text: '', maximumLines: 1000 };

interface Scene {
  readonly world: World;
  /** What `read` was asked for. */
  readonly asked: WantedLines[];
  /** What it returns. */
  content: () => unknown;
}

function createScene(t: ExecutionContext, options: WorldOptions = {}): Scene {
  const asked: WantedLines[] = [];
  const file: LogFile = {
    type: 'plc',
    read(wanted) {
      asked.push(wanted);
      return scene.content() as string;
    },
  };
  const app: App = (board) => {
    const child = board.child(KID, {});
    child.operation(logFiles(file, { type: 'drive', read: () => 'one line' }));
  };
  const scene: Scene = {
    world: createSettled(t, { app, ...options }),
    asked,
    content: () => 'first\nSecond\r\nthird\n',
  };
  scene.world.run(10_000);
  return scene;
}

const request = (wish: JsonObject) => ({ c8y_LogfileRequest: { logFile: 'plc', ...wish } });

function ask({ world }: Scene, wish: JsonObject = {}): Operation {
  const operation = order(world, request(wish), childOf(world, KID).id);
  runToEnd(world, [operation], HOUR_MS);
  return operation;
}

/** The files of events with the child as their source. */
const files = (world: World) =>
  eventsOf(world.platform, childOf(world, KID).id).map(({ binary }) => String(Buffer.from(binary?.bytes ?? [])));

test('the log of a child is an event of the child, and the operation repeats the request with the place of the file', (t) => {
  const scene = createScene(t);
  const { world } = scene;
  t.deepEqual(shown(world, 'c8y_SupportedOperations'), ['c8y_LogfileRequest']);
  t.deepEqual(shown(world, 'c8y_SupportedLogs'), ['plc', 'drive']);
  const operation = ask(scene, { dateFrom: '2026-01-01T00:00:00+0100', searchText: '', maximumLines: 1000 });
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(files(world), ['# plc: 3 lines\nfirst\nSecond\nthird\n']);
  const [event] = eventsOf(world.platform, childOf(world, KID).id);
  t.like(event?.fragments, { type: 'c8y_LogfileRequest', text: `Log plc for operation ${operation.id}` });
  t.deepEqual(operation.fragments['c8y_LogfileRequest'], {
    ...{ logFile: 'plc', dateFrom: '2026-01-01T00:00:00+0100', searchText: '', maximumLines: 1000 },
    file: `https://platform.test/event/events/${event?.id}/binaries`,
  });
  t.deepEqual(scene.asked, [{ ...EVERYTHING, fromMs: Date.parse('2025-12-31T23:00:00Z') }]);
  t.false(eventsOf(world.platform, objectOf(world).id).some(({ binary }) => binary !== undefined));
});

test('by text, in any case, the newest lines, and 16 KB at most', (t) => {
  const scene = createScene(t);
  scene.content = () => 'Valve 1\npump\nvalve 2\n\nVALVE 3';
  const newest = () => files(scene.world).at(-1) ?? '';
  t.is(ask(scene, { searchText: 'vALVe', maximumLines: '2' }).failureReason, undefined);
  t.is(newest(), '# plc: 2 lines, the newest of 3\nvalve 2\nVALVE 3\n');
  t.is(ask(scene, { searchText: 'nothing' }).failureReason, undefined);
  t.is(newest(), '# plc: 0 lines\n');
  scene.content = () => Array.from({ length: 5000 }, (_, n) => `line ${String(n).padStart(5, '0')}`).join('\n');
  t.is(ask(scene, { maximumLines: 1e9 }).failureReason, undefined);
  t.regex(newest(), /^# plc: 1489 lines, the newest of 5000\nline 03511\n/);
  t.true(newest().length <= 16_384 + 50);
});

test('a source is sent as it is, read in pieces', (t) => {
  const scene = createScene(t);
  const bytes = Buffer.from('0123456789'.repeat(3000));
  let at = 0;
  scene.content = () => ({
    open() {
      at = 0;
      return bytes.length;
    },
    read(into: Uint8Array) {
      const count = bytes.copy(into, 0, at);
      at += count;
      return count;
    },
  });
  const operation = ask(scene);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.is(files(scene.world)[0], String(bytes));
});

const broken = (open: () => unknown, read: () => unknown = () => 1) => ({ open, read });
const thrown = (reason: string) => () => {
  throw new Error(reason);
};
const BAD: [string, () => unknown, RegExp][] = [
  ['an exception', thrown('the bus is silent'), /^the bus is silent$/],
  ['nothing', () => undefined, /^read of the log plc: it must return a text or a source$/],
  ['a number', () => 7, /must return a text or a source/],
  ['null', () => null, /must return a text or a source/],
  ['open throws', () => broken(thrown('no file')), /^no file$/],
  ['open returns no number', () => broken(() => 'ten'), /^open of the source: it must return 0 to 9999999 bytes$/],
  ['open returns too much', () => broken(() => 1e8), /^open of the source/],
  ['read throws', () => broken(() => 10, thrown('it has gone')), /^it has gone$/],
  [
    'read returns too much',
    () =>
      broken(
        () => 9000,
        () => 5000,
      ),
    /^read of the source: it must return 0 to 512 bytes$/,
  ],
  [
    'read returns NaN',
    () =>
      broken(
        () => 10,
        () => NaN,
      ),
    /^read of the source/,
  ],
];
for (const [what, content, reason] of BAD) {
  test(`a driver that is wrong ends the operation, not the start of the board: ${what}`, (t) => {
    const scene = createScene(t);
    scene.content = content;
    const operation = ask(scene);
    t.is(operation.status, 'FAILED');
    t.regex(operation.failureReason ?? '', reason);
    t.deepEqual(scene.world.device.machine.restarts, []);
    const attached = eventsOf(scene.world.platform, childOf(scene.world, KID).id).filter(({ binary }) => binary);
    t.deepEqual(attached, [], 'no file, not even an empty one');
    scene.content = () => 'all is well';
    t.is(ask(scene).status, 'SUCCESSFUL', 'the next one');
  });
}

test('requests that are not possible', (t) => {
  const scene = createScene(t);
  const cases: [Json, RegExp][] = [
    [{ logFile: 'agent' }, /^logFile: "agent" is not there; allowed: plc, drive$/],
    [{ logFile: '../plc' }, /^logFile: "\.\.\/plc" is not there/],
    [{ logFile: 7 }, /^logFile: "" is not there/],
    [{ dateFrom: 'yesterday' }, /dateFrom, dateTo: allowed are times/],
    [{ dateFrom: '2026-02-01T00:00:00Z', dateTo: '2026-01-01T00:00:00Z' }, /dateFrom: is later than dateTo/],
    [{ maximumLines: 0 }, /maximumLines: allowed is 1 or more/],
    [{ maximumLines: 'many' }, /maximumLines/],
  ];
  for (const [wish, reason] of cases) {
    const { status, failureReason = '' } = ask(scene, wish as JsonObject);
    t.is(status, 'FAILED');
    t.regex(failureReason, reason);
  }
  t.is(scene.asked.length, 0);
});

test('a driver that takes time, one that rejects, and one that never ends', async (t) => {
  const scene = createScene(t);
  const { world } = scene;
  for (const [content, reason] of [
    [() => Promise.resolve('late'), undefined],
    [() => Promise.reject(new Error('no answer')), 'no answer'],
    [() => new Promise(() => {}), 'the operation took too long'],
  ] as const) {
    scene.content = content;
    const operation = order(world, request({}), childOf(world, KID).id);
    for (let i = 0; i < 40; i++) {
      world.run(60_000);
      await Promise.resolve();
    }
    t.is(operation.failureReason, reason);
  }
  t.deepEqual(files(world), ['# plc: 1 lines\nlate\n']);
});

test('a power cut at each request: one event with one file', (t) => {
  for (let n = 1; n <= 7; n++) {
    const { world } = createScene(t);
    const operation = order(world, request({}), childOf(world, KID).id);
    let left = n;
    world.onApplied = () => {
      if (--left === 0) world.device.powerCut();
    };
    world.run(60_000);
    left = Infinity;
    if (!world.device.powered) world.device.start();
    runToEnd(world, [operation], HOUR_MS);
    t.is(operation.status, 'SUCCESSFUL', `cut after request ${n}: ${operation.failureReason}`);
    t.deepEqual(files(world), ['# plc: 3 lines\nfirst\nSecond\nthird\n'], `cut after request ${n}`);
  }
});

test('a board without `logs()` has logs of its app', (t) => {
  const app: App = (board) => board.operation(logFiles({ type: 'till', read: () => 'sold' }));
  const world = createSettled(t, { app });
  const operation = order(world, { c8y_LogfileRequest: { logFile: 'till' } });
  runToEnd(world, [operation], HOUR_MS);
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  t.deepEqual(objectOf(world).fragments['c8y_SupportedLogs'], ['till']);
});

test('`logs()` on a child would send the log of the board: it is an error of the app', (t) => {
  let thrown: unknown;
  const world = createWorld(t, {
    machine: { nor: { sectors: 16, sectorBytes: 4096 } },
    capabilities: [...CAPABILITIES],
    app: (board) => {
      const child = board.child(KID, {});
      const message = 'logs is for the board itself; for a child use logFiles(file)';
      thrown = t.throws(() => child.operation(logs()), { instanceOf: RangeError, message });
    },
  });
  world.start();
  settle(world);
  t.truthy(thrown);
});

test('types that are not allowed are errors of the app', (t) => {
  const of = (...types: string[]) => types.map((type) => ({ type, read: () => '' }));
  for (const each of [[], of(''), of('a b'), of('a/b'), of('plc', 'plc'), of('x'.repeat(41))])
    t.throws(() => logFiles(...each), { instanceOf: RangeError, message: /allowed are types of 1 to 40/ });
});
