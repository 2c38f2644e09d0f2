// SPDX-License-Identifier: Apache-2.0
/** Operations of an author: their parameters, progress and deadline. */

import test from 'ava';
import type { App, Operation } from '../../../src/index.ts';
import type { Json } from '../../../src/json/write.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import { bodyOf, calls, createSettled, objectOf } from '../scene.ts';

const ASKED = {
  rooms: [
    { name: 'attic', on: true, limits: [1, 2.5] },
    { name: 'cellar', on: false, tags: ['a', 'b'] },
  ],
  deep: { er: { still: { here: 7 } } },
  'a name': 'b',
};

/** The value that `read` returns for an operation with the parameters `asked`. */
function readOf(t: Parameters<typeof createSettled>[0], asked: Json, read: (operation: Operation) => Json): unknown {
  let found: unknown;
  const app: App = (board) =>
    board.operation({
      name: 'acme_Read',
      run(operation) {
        found = read(operation);
        operation.succeed();
      },
    });
  const world = createSettled(t, { app });
  createOperation(world.platform, objectOf(world).id, { acme_Read: asked } as JsonObject);
  world.run(5000);
  return found;
}

test('parameters of any shape are read by their path', (t) => {
  const found = readOf(t, ASKED, (operation) => [
    operation.text('rooms[0].name') ?? null,
    operation.flag('rooms[1].on') ?? null,
    operation.number('rooms[0].limits[1]') ?? null,
    operation.texts('rooms[1].tags') ?? null,
    operation.number('deep.er.still.here') ?? null,
    operation.text('a name') ?? null,
    operation.count('rooms') ?? null,
    operation.count('rooms[0].limits') ?? null,
  ]);
  t.deepEqual(found, ['attic', false, 2.5, ['a', 'b'], 7, 'b', 2, 2]);
});

test('a missing parameter, or one of another type, is undefined', (t) => {
  const paths = [
    'rooms[2].name',
    'rooms.name',
    'rooms[-1]',
    'rooms[1e9]',
    'deep[0]',
    'deep..er',
    '',
    '[0]',
    'nothing.at.all',
  ];
  const found = readOf(t, ASKED, (operation) => paths.map((path) => operation.text(path) ?? null));
  t.deepEqual(
    found,
    paths.map(() => null),
  );
  const kinds = readOf(t, ASKED, (operation) => [operation.number('rooms') ?? 0, operation.count('deep') ?? 0]);
  t.deepEqual(kinds, [0, 0]);
});

test('a fragment that is an array is read element by element', (t) => {
  const found = readOf(t, [{ name: 'a' }, { name: 'b' }], (operation) => [
    operation.count('') ?? null,
    operation.text('[1].name') ?? null,
  ]);
  t.deepEqual(found, [2, 'b']);
});

test('hundreds of strings are read in one pass', (t) => {
  const asked = Array.from({ length: 900 }, () => 'a');
  let reads = 0;
  const found = readOf(t, asked, (operation) => {
    const { texts } = operation;
    const text = operation.text.bind(operation);
    operation.text = (path) => {
      reads += 1;
      return text(path);
    };
    return texts.call(operation)?.length ?? 0;
  });
  t.deepEqual([found, reads], [900, 0]);
});

test('the operator sees the progress every five seconds; the end does not wait for it', (t) => {
  const app: App = (board) =>
    board.operation({
      name: 'acme_Long',
      run(operation) {
        let done = 0;
        const timer = board.hal.createTimer(() => {
          done += 1;
          operation.progress(`${done} of 20`);
          if (done === 20) operation.succeed();
          else timer.start(1000);
        });
        timer.start(1000);
      },
    });
  const world = createSettled(t, { app });
  const since = world.requests;
  const operation = createOperation(world.platform, objectOf(world).id, { acme_Long: {} });
  world.run(12_000);
  t.is(operation.status, 'EXECUTING');
  t.regex(JSON.stringify(operation.fragments['fractus_Progress']), /^\{"text":"(?:11|12) of 20"\}$/);
  world.run(20_000);
  t.is(operation.status, 'SUCCESSFUL');
  const bodies = calls(world, 'PUT', '/devicecontrol/operations/*', since).map(bodyOf);
  t.deepEqual(
    bodies.map((body) => body['status']),
    ['EXECUTING', 'EXECUTING', 'EXECUTING', 'EXECUTING', 'EXECUTING', 'SUCCESSFUL'],
  );
});

test('progress that the platform refuses delays neither the end nor the next operation', (t) => {
  const app: App = (board) =>
    board.operation({
      name: 'acme_Long',
      run(operation) {
        const end = board.hal.createTimer(() => operation.succeed());
        const timer = board.hal.createTimer(() => {
          if (operation.finished) return;
          operation.progress('still at it');
          timer.start(1000);
        });
        timer.start(1000);
        end.start(120_000);
      },
    });
  const world = createSettled(t, { app });
  const path = '/devicecontrol/operations/*';
  world.platform.order({ kind: 'status', status: 500, method: 'PUT', path, contains: 'fractus_Progress', times: 9999 });
  const since = world.requests;
  const first = createOperation(world.platform, objectOf(world).id, { acme_Long: {} });
  const second = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.run(125_000);
  t.is(first.status, 'SUCCESSFUL');
  world.run(5000);
  t.is(second.status, 'SUCCESSFUL');
  const tries = calls(world, 'PUT', path, since).filter(({ body }) => body.includes('fractus_Progress')).length;
  t.true(tries >= 2 && tries <= 10, `${tries} tries in two minutes`);
  const last = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'status' } });
  world.run(5000);
  t.notRegex(JSON.stringify(last.fragments), /trouble:/);
});

test('the end of an operation is sent after progress that is under way', (t) => {
  const app: App = (board) =>
    board.operation({
      name: 'acme_Short',
      run(operation) {
        const timer = board.hal.createTimer(() => {
          operation.progress('nearly done');
          operation.fail('after all');
        });
        timer.start(100);
      },
    });
  const world = createSettled(t, { app });
  const operation = createOperation(world.platform, objectOf(world).id, { acme_Short: {} });
  world.run(10_000);
  t.is(operation.failureReason, 'after all');
  t.deepEqual(operation.fragments['fractus_Progress'], { text: 'nearly done' });
});

test('the deadline tells the handler to stop, and the restart that waits behind it follows', (t) => {
  const told: string[] = [];
  const app: App = (board) =>
    board.operation({
      name: 'acme_Endless',
      timeoutMs: 30_000,
      run(operation) {
        operation.onTimeout = () => told.push(operation.finished ? 'stop' : 'too early');
      },
    });
  const world = createSettled(t, { app });
  const endless = createOperation(world.platform, objectOf(world).id, { acme_Endless: {} });
  const restart = createOperation(world.platform, objectOf(world).id, { c8y_Restart: {} });
  world.run(29_000);
  t.deepEqual([endless.status, restart.status, ...told], ['EXECUTING', 'PENDING']);
  world.run(60_000);
  t.deepEqual([endless.status, restart.status, ...told], ['FAILED', 'SUCCESSFUL', 'stop']);
});

for (const timeoutMs of [0, -1, NaN, Number.POSITIVE_INFINITY, 86_400_001]) {
  test(`an operation must not block the others for ever: ${timeoutMs} ms`, (t) => {
    const app: App = (board) => board.operation({ name: 'acme_Long', timeoutMs, run() {} });
    createSettled(t, {
      app(board) {
        t.throws(() => app(board), {
          instanceOf: RangeError,
          message: /operation acme_Long: timeoutMs .*allowed: 1 to/,
        });
      },
    });
  });
}

test('a command may answer later; a rejection is a failure', (t) => {
  const app: App = (board) => {
    const later = (ms: number) => new Promise<void>((resolve) => board.hal.createTimer(resolve).start(ms));
    board.command({ name: 'slow', help: '', run: (args) => later(3000).then(() => `done ${args}`) });
    board.command({ name: 'bad', help: '', run: () => later(1000).then(() => Promise.reject(new Error('no'))) });
  };
  const world = createSettled(t, { app });
  const order = (text: string) => createOperation(world.platform, objectOf(world).id, { c8y_Command: { text } });
  const slow = order('slow as it is');
  const bad = order('bad');
  // Promises settle between events, and this test runs in one event.
  world.run(10_000);
  return Promise.resolve()
    .then(() => new Promise((resolve) => setImmediate(resolve)))
    .then(() => world.run(10_000))
    .then(() => new Promise((resolve) => setImmediate(resolve)))
    .then(() => world.run(10_000))
    .then(() => {
      t.deepEqual(slow.fragments['c8y_Command'], { text: 'slow as it is', result: 'done as it is' });
      t.is(bad.failureReason, 'no');
    });
});

for (const name of ['', 'two words']) {
  test(`a command name that cannot be called is an error of the app: "${name}"`, (t) => {
    createSettled(t, {
      app(board) {
        t.throws(() => board.command({ name, help: '', run: () => '' }), { instanceOf: RangeError });
      },
    });
  });
}

test('an app can restart the board in an orderly way', (t) => {
  const world = createSettled(t, {
    app(board) {
      if (board.hal.board.bootCount === 1) board.hal.createTimer(() => board.restart('because')).start(60_000);
    },
  });
  world.run(120_000);
  t.deepEqual(world.device.machine.restarts, ['because']);
});
