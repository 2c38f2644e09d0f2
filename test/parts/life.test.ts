// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ongoingEvent } from 'fractus/events';
import { IDLE, type Life, life } from 'fractus/life';
import { Keep } from '../../src/agent/devices/upkeep.ts';
import { List } from '../../src/agent/operations/backlog-table.ts';
import { Tell } from '../../src/agent/records/alarms/alarms-table.ts';
import type { AppBoard } from '../../src/index.ts';
import { createOperation, eventsOf } from '../../tools/platform/operator.ts';
import { createSettled, createWorld, logged, objectOf, settle } from '../agent/scene.ts';

test('the places of the tables that mean rest are these', (t) => {
  t.deepEqual(IDLE, { alarms: Tell.Idle, upkeep: Keep.Idle, backlog: List.Idle });
});

test('an app sees the state of its device, and is informed of each change', (t) => {
  const told: string[] = [];
  const scene: { board?: AppBoard; life?: Life } = {};
  const world = createWorld(t, {
    app(board) {
      scene.board = board;
      scene.life = life(board);
      scene.life.onChange(({ connected, registered, timeKnown, allSent }) => {
        told.push([connected, registered, timeKnown, allSent].map(Number).join(''));
      });
    },
  });
  world.start();
  t.is(scene.board?.id, '');
  t.like(scene.life, { connected: false, registered: false, timeKnown: false, allSent: false });
  settle(world);
  t.is(scene.board?.id, objectOf(world).id);
  t.like(scene.life, { connected: true, registered: true, timeKnown: true, allSent: true });
  t.is(told[0]?.slice(0, 2), '00', 'the time is known before the registration');
  t.is(told.at(-1), '1111');
  for (let i = 1; i < told.length; i++) t.not(told[i], told[i - 1]);

  told.length = 0;
  createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.run(2000);
  t.deepEqual([told[0], told.at(-1)], ['1110', '1111'], 'an operation in hand');
  told.length = 0;
  world.device.linkDown();
  world.run(900_000);
  t.is(told.at(-1), '0110');
  told.length = 0;
  scene.board?.event('acme_Event', 'something that waits');
  t.false(scene.life?.allSent);
  world.device.linkUp();
  world.run(300_000);
  t.is(told.at(-1), '1111');
});

test('at the end of a start an app can still record, and its exception ends nothing', (t) => {
  const world = createSettled(t, {
    machine: { nor: { sectors: 16 } },
    app(board) {
      life(board).onEnd(() => {
        board.event('acme_End', 'good night');
        throw new Error('by mistake');
      });
      life(board).onEnd(() => board.event('acme_End', 'sleep well'));
    },
  });
  createOperation(world.platform, objectOf(world).id, { c8y_Restart: {} });
  world.run(60_000);
  settle(world);
  t.is(world.device.machine.restarts.length, 1);
  t.true(logged(world, 'error: onEnd: by mistake'));
  const ends = eventsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['type'] === 'acme_End');
  t.deepEqual(
    ends.map(({ fragments }) => fragments['text']),
    ['good night', 'sleep well'],
  );
});

test('not all is sent while an event is to be updated, and it is when the platform has taken or refused that', (t) => {
  const scene: { board?: AppBoard; life?: Life } = {};
  const world = createSettled(t, {
    app(board) {
      scene.board = board;
      scene.life = life(board);
    },
  });
  const { board } = scene;
  if (board === undefined) throw new Error('the app has not run');
  const door = ongoingEvent(board, 'acme_Door', 'The door is open');
  world.run(5000);
  t.true(scene.life?.allSent);
  for (const [status, seconds] of [
    [503, 300],
    [400, 20],
  ] as const) {
    world.platform.order({ kind: 'status', status, method: 'PUT', path: '/event/events/*' });
    door.update('The door is ajar');
    door.update(`The door is shut after ${status}`);
    t.false(scene.life?.allSent, `${status}`);
    world.run(seconds * 1000);
    t.true(scene.life?.allSent, `${status}`);
  }
});
