// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { type OngoingEvent, ongoingEvent, resumedEvent } from 'fractus/events';
import type { AppBoard, AppChild } from '../../src/index.ts';
import type { Fault } from '../../tools/platform/faults.ts';
import { eventsOf, findDevice } from '../../tools/platform/operator.ts';
import type { World } from '../../tools/simulate/machine/world.ts';
import { bodyOf, calls, createSettled, logged, objectOf, settle } from '../agent/scene.ts';

const DOOR = { type: 'acme_Door', text: 'The door is open' };
const LIST = '/event/events';
const ONE = '/event/events/*';

interface Scene {
  readonly world: World;
  readonly board: AppBoard;
  /** An event of the door that goes on. */
  open(): OngoingEvent;
  /** Those of the door, as the platform has them. */
  events(): Record<string, unknown>[];
}

function createScene(t: ExecutionContext): Scene {
  const scene: { board?: AppBoard } = {};
  const world = createSettled(t, {
    machine: { nor: { sectors: 16 } },
    app(board) {
      scene.board = board;
    },
  });
  const { board } = scene;
  if (board === undefined) throw new Error('the app has not run');
  return {
    world,
    board,
    open: () => ongoingEvent(board, DOOR.type, DOOR.text, { acme_Door: { state: 'open' }, acme_Who: { name: 'Ada' } }),
    events: () =>
      eventsOf(world.platform, objectOf(world).id)
        .map(({ fragments }) => fragments)
        .filter(({ type }) => type === DOOR.type),
  };
}

test('an event is updated: its text and the given fragments change, the rest stays', (t) => {
  const { world, open, events } = createScene(t);
  const door = open();
  world.run(5000);
  t.like(events()[0], { ...DOOR, acme_Door: { state: 'open' }, fractus_Key: door.key });
  t.is(calls(world, 'GET', LIST).length, 0, 'nobody looks for it before there is something to say');
  door.update('The door was open for 5 s', { acme_Door: { state: 'closed', seconds: 5 } });
  world.run(5000);
  t.is(events().length, 1);
  t.like(events()[0], { type: DOOR.type, text: 'The door was open for 5 s', acme_Who: { name: 'Ada' } });
  t.deepEqual(events()[0]?.['acme_Door'], { state: 'closed', seconds: 5 });
  door.update(undefined, { acme_Seen: true });
  world.run(5000);
  t.like(events()[0], { text: 'The door was open for 5 s', acme_Seen: true });
  t.is(calls(world, 'GET', LIST).length, 1, 'it is looked for once');
  t.deepEqual(bodyOf(calls(world, 'PUT', ONE)[1]), { acme_Seen: true });
});

test('without a link the event and its updates wait, and all changes go in one update', (t) => {
  const { world, open, events } = createScene(t);
  world.device.linkDown();
  world.run(60_000);
  const door = open();
  door.update('Two minutes', { acme_Door: { state: 'open', seconds: 120 } });
  door.update('Three minutes', { acme_Count: 1 });
  door.update(undefined, { acme_Count: 2 });
  world.run(600_000);
  t.is(events().length, 0);
  world.device.linkUp();
  world.run(120_000);
  t.like(events()[0], { text: 'Three minutes', acme_Count: 2, acme_Door: { state: 'open', seconds: 120 } });
  t.is(calls(world, 'PUT', ONE).length, 1);
});

test('a change during an update follows it', (t) => {
  const { world, open, events } = createScene(t);
  const door = open();
  door.update('first');
  world.runUntil(() => calls(world, 'PUT', ONE).length === 1, 60_000);
  door.update('second');
  world.run(5000);
  t.is(events()[0]?.['text'], 'second');
  t.is(calls(world, 'PUT', ONE).length, 2);
});

test('after a restart an event is found by its key; a child has events, too', (t) => {
  const scene: { board?: AppBoard; child?: AppChild } = {};
  const world = createSettled(t, {
    app(board) {
      scene.board = board;
      scene.child = board.child('gate', {});
    },
  });
  world.run(30_000);
  const { key } = ongoingEvent(scene.child as AppChild, DOOR.type, DOOR.text);
  world.run(5000);
  world.device.reboot();
  settle(world);
  world.run(30_000);
  resumedEvent(scene.child as AppChild, DOOR.type, key).update('closed');
  world.run(10_000);
  const gate = findDevice(world.platform, `${world.device.deviceId}:gate`);
  t.is(eventsOf(world.platform, gate?.id ?? '')[0]?.fragments['text'], 'closed');
  t.throws(() => resumedEvent(scene.child as AppChild, DOOR.type, 'a b'), { instanceOf: RangeError });
});

const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 503, times: 3 },
  { kind: 'status', status: 502, html: true, times: 3 },
  { kind: 'dropBefore', times: 3 },
  { kind: 'dropAfter', times: 3 },
  { kind: 'truncate', bytes: 20, times: 2 },
  { kind: 'status', status: 200, body: '{"events":[{"id":"1","fractus_Key":"0"}]}', times: 1 },
  { kind: 'status', status: 200, body: '{"events":[', times: 1 },
  { kind: 'status', status: 200, body: '{"statistics":{}}', times: 4 },
];
for (const method of ['GET', 'PUT']) {
  for (const fault of FAULTS.filter(({ kind }) => method === 'GET' || kind !== 'truncate')) {
    if (method === 'PUT' && fault.kind === 'status' && fault.status === 200) continue;
    test(`${method} disturbed by ${JSON.stringify(fault)}: it is updated in the end, and nothing else`, (t) => {
      const { world, board, open, events } = createScene(t);
      board.event('acme_Other', 'nothing to do with it');
      const door = open();
      world.run(5000);
      world.platform.order({ ...fault, method, path: method === 'GET' ? LIST : ONE });
      door.update('closed');
      world.run(900_000);
      t.is(events()[0]?.['text'], 'closed');
      t.is(events().length, 1);
      const asked = calls(world, method, method === 'GET' ? LIST : ONE).length;
      t.true(asked <= 1 + (fault.times ?? 1) * 2, `${asked}`);
    });
  }
}

for (const status of [403, 404, 422]) {
  test(`an update that the platform refuses (${status}) is told of once and given up`, (t) => {
    const { world, open, events } = createScene(t);
    const door = open();
    world.run(5000);
    world.platform.order({ kind: 'status', status, method: 'PUT', path: ONE, times: 100 });
    door.update('closed');
    world.run(900_000);
    t.is(events()[0]?.['text'], DOOR.text);
    t.is(calls(world, 'PUT', ONE).length, 1);
    t.true(logged(world, 'event acme_Door is not updated: the platform refuses it'));
  });
}

test('a missing event is looked for three times; a waiting one, until it is found', (t) => {
  const { world, board, open, events } = createScene(t);
  resumedEvent(board, DOOR.type, '0123456789abcdef').update('nobody has it');
  world.run(900_000);
  t.is(calls(world, 'GET', LIST).length, 3);
  t.true(logged(world, 'event acme_Door is not updated: it is not there'));
  const since = world.exchanges.at(-1)?.number ?? 0;
  world.platform.order({ kind: 'status', status: 503, method: 'POST', path: LIST, times: 6 });
  open().update('closed');
  world.run(900_000);
  t.is(events()[0]?.['text'], 'closed');
  t.true(calls(world, 'GET', LIST, since).length <= 12, `${calls(world, 'GET', LIST, since).length}`);
});

test('one that the platform never takes is looked for more and more seldom, and found when it is there', (t) => {
  const { world, open, events } = createScene(t);
  world.platform.order({ kind: 'status', status: 503, method: 'POST', path: LIST, times: 1000 });
  const door = open();
  for (let minute = 0; minute < 240; minute++) {
    door.update(`open for ${minute} min`);
    world.run(60_000);
  }
  const looked = calls(world, 'GET', LIST).length;
  t.true(looked <= 80, `${looked} times in 4 h`);
  world.platform.cancel();
  world.run(1_800_000);
  t.is(events()[0]?.['text'], 'open for 239 min');
});

test('what is said while it waits to be looked for again is sent once, and nothing after it', (t) => {
  const { world, open, events } = createScene(t);
  world.platform.order({ kind: 'status', status: 503, method: 'POST', path: LIST });
  const door = open();
  door.update('first');
  world.runUntil(() => calls(world, 'GET', LIST).length === 1, 60_000);
  world.runUntil(() => events().length === 1, 60_000);
  for (let i = 0; i < 10; i++) door.update('second');
  world.run(120_000);
  t.is(events()[0]?.['text'], 'second');
  t.is(calls(world, 'PUT', ONE).length, 1);
  t.is(calls(world, 'GET', LIST).length, 2);
});

test('an invalid event is refused at once, and the former update stays', (t) => {
  const { world, open, events } = createScene(t);
  const door = open();
  door.update('good');
  for (const wrong of [{ text: 'mine' }, { 'acme.Door': 1 }, { acme_Long: 'x'.repeat(3000) }]) {
    t.throws(() => door.update('bad', wrong), { instanceOf: RangeError });
  }
  world.run(10_000);
  t.is(events()[0]?.['text'], 'good');
});
