// SPDX-License-Identifier: Apache-2.0
/** Guide step 4: the next start does not overwrite a fragment that an operation has changed. */

import test, { type ExecutionContext } from 'ava';
import type { AppBoard, Capability } from '../../../src/index.ts';
import { createOperation, deleteObject, findDevice } from '../../../tools/platform/operator.ts';
import { calls, createSettled, createWorld, objectOf, settle } from '../scene.ts';

const setting = (operation: Parameters<Capability['run']>[0]) => {
  operation.fragment('x_Relay', { state: operation.text('state') ?? '' });
  operation.succeed();
};
/** The value is declared with the operation or by the app. */
const ways = {
  'with the operation': (to: Pick<AppBoard, 'operation'>, state: string) =>
    to.operation({ name: 'x_Relay', inventory: () => ({ x_Relay: { state } }), run: setting }),
  'by the app': (to: Pick<AppBoard, 'operation' | 'fragment'>, state: string) => {
    to.operation({ name: 'x_Relay', run: setting });
    to.fragment('x_Relay', { state });
  },
} as const;

function create(t: ExecutionContext, way: keyof typeof ways) {
  const scene = { start: 'open', board: undefined as AppBoard | undefined };
  const world = createSettled(t, {
    app: (board) => {
      scene.board = board;
      ways[way](board, scene.start);
      ways[way](board.child('c', {}), scene.start);
    },
  });
  const states = () =>
    [objectOf(world), findDevice(world.platform, `${world.device.deviceId}:c`)].map(
      (each) => (each?.fragments['x_Relay'] as { state?: string } | undefined)?.state,
    );
  const set = (state: string, of: 'board' | 'child' = 'board') => {
    const child = findDevice(world.platform, `${world.device.deviceId}:c`);
    const id = of === 'board' ? objectOf(world).id : (child?.id ?? '');
    const operation = createOperation(world.platform, id, { x_Relay: { state } });
    world.run(5000);
    t.is(operation.status, 'SUCCESSFUL');
  };
  const reboot = () => {
    world.device.reboot();
    settle(world);
    world.run(5000);
  };
  return { scene, world, states, set, reboot };
}

for (const way of ['with the operation', 'by the app'] as const) {
  test(`a change by an operation survives restarts (declared ${way})`, (t) => {
    const { scene, states, set, reboot } = create(t, way);
    t.deepEqual(states(), ['open', 'open']);
    set('closed');
    reboot();
    t.deepEqual(states(), ['closed', 'open']);
    set('half', 'child');
    reboot();
    reboot();
    t.deepEqual(states(), ['closed', 'half']);
    // A firmware that declares another value sends it.
    scene.start = 'unknown';
    reboot();
    t.deepEqual(states(), ['unknown', 'unknown']);
    // So does the previous firmware when it is back.
    scene.start = 'open';
    reboot();
    t.deepEqual(states(), ['open', 'open']);
  });

  test(`an operation that sets the declared value changes nothing (declared ${way})`, (t) => {
    const { states, set, reboot } = create(t, way);
    set('closed');
    set('open');
    reboot();
    t.deepEqual(states(), ['open', 'open']);
  });

  test(`a new object gets the declared value (declared ${way})`, (t) => {
    const { world, states, set, reboot } = create(t, way);
    set('closed');
    world.device.powerCut();
    deleteObject(world.platform, objectOf(world).id);
    world.device.start();
    settle(world);
    world.run(5000);
    t.deepEqual(states(), ['open', 'open']);
    reboot();
    t.is(states()[1], 'open');
  });
}

test('a value set by the app after the operation wins', (t) => {
  const { scene, states, set, reboot, world } = create(t, 'by the app');
  set('closed');
  scene.board?.fragment('x_Relay', { state: 'jammed' });
  world.run(5000);
  t.deepEqual(states(), ['jammed', 'open']);
  reboot();
  t.deepEqual(states(), ['open', 'open']);
});

test('within one start, too: an update of all fragments does not undo the change', (t) => {
  const { scene, world, states, set } = create(t, 'by the app');
  set('closed');
  const before = world.requests;
  scene.board?.operation({ name: 'x_Other', run: (operation) => operation.succeed() });
  world.run(60_000);
  t.true(calls(world, 'PUT', `/inventory/managedObjects/${objectOf(world).id}`, before).length > 0);
  t.deepEqual(states(), ['closed', 'open']);
});

test('the change by an operation survives a power cut at any write to flash', (t) => {
  for (let n = 1; n < 12; n++) {
    const world = createWorld(t, {
      app: (board) => ways['with the operation'](board, 'open'),
      config: { startSpread: '0' },
    });
    world.start();
    settle(world);
    const operation = createOperation(world.platform, objectOf(world).id, { x_Relay: { state: 'closed' } });
    world.device.cutAtWrite(n, 'before');
    world.run(10_000);
    world.device.start();
    world.run(120_000);
    const { state } = objectOf(world).fragments['x_Relay'] as { state: string };
    const isTold = world.exchanges.some(
      ({ method, path, body }) => method === 'PUT' && path.includes('/inventory/') && body.includes('closed'),
    );
    t.is(state, isTold ? 'closed' : 'open', `write ${n}: ${operation.status}`);
  }
});
