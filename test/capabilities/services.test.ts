// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { type Service, type ServiceCommand, type ServiceDefinition, services } from '../../src/capabilities/index.ts';
import type { App } from '../../src/index.ts';
import type { ManagedObject } from '../../tools/platform/model.ts';
import { createOperation, findDevice } from '../../tools/platform/operator.ts';
import type { World } from '../../tools/simulate/machine/world.ts';
import { calls, createWorld, objectOf, settle } from '../agent/scene.ts';

const MINUTE_MS = 60_000;

interface Scene {
  readonly world: World;
  /** The services that the next start declares. */
  definitions: readonly ServiceDefinition[];
  /** The services of the current start. */
  made: readonly Service[];
  readonly commands: string[];
}

function createScene(t: ExecutionContext, first: readonly ServiceDefinition[]): Scene {
  const commands: string[] = [];
  const app: App = (board) => {
    const onCommand = (command: ServiceCommand, service: Service) => {
      commands.push(command);
      if (command === 'RESTART') throw new Error('it is stuck');
      service.status = command === 'START' ? 'up' : 'down';
    };
    scene.made = services(
      board,
      scene.definitions.map((each) => (each.commands === undefined ? each : { onCommand, ...each })),
    );
  };
  const scene: Scene = { world: createWorld(t, { app }), definitions: first, made: [], commands };
  scene.world.start();
  settle(scene.world);
  return scene;
}

const serviceOf = (world: World, name: string): ManagedObject | undefined =>
  findDevice(world.platform, `${world.device.deviceId}:service-${name}`);

const additions = (world: World) => [...objectOf(world).children.childAdditions];

const PUMP: ServiceDefinition = { name: 'pump', type: 'driver', status: 'up', commands: ['START', 'STOP', 'RESTART'] };
const RADIO: ServiceDefinition = { name: 'radio', type: 'task' };

test('services are child additions of their device, not devices', (t) => {
  const { world } = createScene(t, [PUMP, RADIO]);
  const pump = serviceOf(world, 'pump');
  const radio = serviceOf(world, 'radio');
  t.like(pump?.fragments, {
    name: 'pump',
    type: 'c8y_Service',
    serviceType: 'driver',
    status: 'up',
    c8y_SupportedOperations: ['c8y_ServiceCommand'],
    c8y_SupportedServiceCommands: ['START', 'STOP', 'RESTART'],
  });
  t.like(radio?.fragments, {
    type: 'c8y_Service',
    serviceType: 'task',
    status: 'unknown',
    c8y_SupportedOperations: [],
  });
  for (const object of [pump, radio]) {
    t.is(object?.fragments['c8y_IsDevice'], undefined);
    t.is(object?.fragments['c8y_RequiredAvailability'], undefined);
  }
  t.deepEqual(additions(world), [pump?.id, radio?.id] as string[]);
  t.is(objectOf(world).children.childDevices.size, 0);
});

test('a changed status is sent once', (t) => {
  const { world, made } = createScene(t, [PUMP]);
  const { id } = serviceOf(world, 'pump') ?? {};
  const [pump] = made as [Service];
  for (const status of ['down', 'down', 'degraded']) {
    pump.status = status;
    world.run(5000);
    t.is(serviceOf(world, 'pump')?.fragments['status'], status);
    t.is(pump.status, status);
  }
  t.is(calls(world, 'PUT', `/inventory/managedObjects/${id}`).length, 2);
});

test('commands: the status after one is on the platform before its end', (t) => {
  const { world, commands } = createScene(t, [PUMP, RADIO]);
  const pump = serviceOf(world, 'pump') as ManagedObject;
  const order = (fragment: Record<string, unknown>) => {
    const operation = createOperation(world.platform, pump.id, { c8y_ServiceCommand: fragment as never });
    world.runUntil(() => ['SUCCESSFUL', 'FAILED'].includes(operation.status), MINUTE_MS);
    return operation;
  };
  let statusAtEnd: unknown;
  world.onRequest = ({ method, body }) => {
    if (method === 'PUT' && Buffer.from(body).includes('SUCCESSFUL')) statusAtEnd = pump.fragments['status'];
    return true;
  };
  t.is(order({ command: 'STOP', serviceName: 'pump', serviceType: 'driver' }).status, 'SUCCESSFUL');
  t.is(statusAtEnd, 'down');
  t.is(order({ command: 'START' }).status, 'SUCCESSFUL');
  t.is(statusAtEnd, 'up');
  // Also if its first update is lost.
  world.platform.order({ kind: 'status', status: 503, method: 'PUT', path: `/inventory/managedObjects/${pump.id}` });
  t.is(order({ command: 'STOP' }).status, 'SUCCESSFUL');
  t.is(statusAtEnd, 'down');
  t.is(order({ command: 'RESTART' }).failureReason, 'it is stuck');
  for (const [fragment, reason] of [
    [{}, /command: allowed are START, STOP, RESTART/],
    [{ command: 'start' }, /command: allowed/],
    [{ command: 5 }, /command: allowed/],
    [{ command: 'START', serviceName: 'radio' }, /serviceName: this is pump/],
  ] as const) {
    const { status, failureReason } = order(fragment);
    t.is(status, 'FAILED');
    t.regex(failureReason ?? '', reason);
  }
  t.deepEqual(commands, ['STOP', 'START', 'STOP', 'RESTART']);
});

test('other return values of a command are no promises', (t) => {
  for (const returned of [7, null, 'done']) {
    const { world } = createScene(t, [{ ...PUMP, onCommand: () => returned as unknown as undefined }]);
    const { id } = serviceOf(world, 'pump') as ManagedObject;
    const operation = createOperation(world.platform, id, { c8y_ServiceCommand: { command: 'START' } });
    world.run(10_000);
    t.is(operation.failureReason, undefined);
    t.is(operation.status, 'SUCCESSFUL');
  }
});

test('a command that takes time ends when it is done, or with its failure', (t) => {
  const ends: ((error?: Error) => void)[] = [];
  const onCommand = () =>
    new Promise<void>((resolve, reject) => ends.push((error) => (error === undefined ? resolve() : reject(error))));
  const { world } = createScene(t, [{ ...PUMP, onCommand }]);
  const { id } = serviceOf(world, 'pump') as ManagedObject;
  const operations = [1, 2].map(() =>
    createOperation(world.platform, id, { c8y_ServiceCommand: { command: 'START' } as never }),
  );
  world.run(10_000);
  t.deepEqual(
    operations.map(({ status }) => status),
    ['EXECUTING', 'PENDING'],
  );
  return (async () => {
    ends[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    world.run(10_000);
    ends[1]?.(new Error('no water'));
    await Promise.resolve();
    await Promise.resolve();
    world.run(10_000);
    t.deepEqual(
      operations.map(({ status, failureReason }) => [status, failureReason]),
      [
        ['SUCCESSFUL', undefined],
        ['FAILED', 'no water'],
      ],
    );
  })();
});

test('a start finds its services again; an undeclared one is removed from the device, once', (t) => {
  const scene = createScene(t, [PUMP, RADIO]);
  const { world } = scene;
  const before = additions(world);
  world.device.reboot();
  settle(world);
  t.deepEqual(additions(world), before);
  scene.definitions = [RADIO];
  world.device.reboot();
  settle(world);
  world.run(MINUTE_MS);
  t.deepEqual(additions(world), [before[1]] as string[]);
  t.truthy(serviceOf(world, 'pump'), 'its data stays');
  const requests = world.requests;
  world.device.reboot();
  settle(world);
  t.deepEqual(calls(world, 'DELETE', '/inventory/managedObjects/*/childAdditions/*', requests), []);
  scene.definitions = [PUMP, RADIO];
  world.device.reboot();
  settle(world);
  t.deepEqual(additions(world).sort(), [...before].sort());
});

test('one object for each service, with a power cut at any moment of creation and removal', (t) => {
  for (let n = 1; n <= 14; n++) {
    const app: App = (board) => void services(board, definitions);
    let definitions: readonly ServiceDefinition[] = [PUMP, RADIO];
    const world = createWorld(t, { app, seed: n });
    let left = n;
    world.onApplied = () => {
      if (--left === 0) world.device.powerCut();
    };
    world.start();
    world.run(20_000);
    world.device.start();
    settle(world);
    const objects = () =>
      [...world.platform.core.objects.values()].filter(({ fragments }) => fragments['type'] === 'c8y_Service');
    t.is(objects().length, 2, `cut after request ${n}`);
    t.is(additions(world).length, 2, `cut after request ${n}`);
    definitions = [RADIO];
    left = n;
    world.device.reboot();
    world.run(20_000);
    world.device.start();
    settle(world);
    world.run(MINUTE_MS);
    t.deepEqual(additions(world), [serviceOf(world, 'radio')?.id] as string[], `cut after request ${n}`);
    t.is(objects().length, 2);
  }
});

test('a service that people delete is created again', (t) => {
  const { world, made } = createScene(t, [PUMP]);
  const { id } = serviceOf(world, 'pump') as ManagedObject;
  const core = world.platform.core;
  core.objects.delete(id);
  for (const [key, value] of core.externalIds) if (value.objectId === id) core.externalIds.delete(key);
  (made as [Service])[0].status = 'down';
  world.runUntil(() => serviceOf(world, 'pump') !== undefined, 10 * MINUTE_MS);
  world.run(MINUTE_MS);
  t.is(serviceOf(world, 'pump')?.fragments['status'], 'down');
  t.true(additions(world).includes(serviceOf(world, 'pump')?.id ?? ''));
});

test('impossible definitions are errors of the app', (t) => {
  for (const definitions of [
    [{ ...PUMP, name: '' }],
    [{ ...PUMP, name: 'a b' }],
    [{ ...PUMP, name: 'x'.repeat(51) }],
    [PUMP, PUMP],
    Array.from({ length: 21 }, (_, i) => ({ ...PUMP, name: `p${i}` })),
  ]) {
    const world = createWorld(t, {
      app: (board) => {
        t.throws(() => services(board, definitions), { instanceOf: RangeError });
      },
    });
    world.start();
  }
});

test('new names at each start without a platform do not crash: the oldest are forgotten', (t) => {
  let starts = 0;
  const app: App = (board) => {
    starts++;
    services(
      board,
      Array.from({ length: 20 }, (_, i) => ({ name: `task-${starts}-${i}`, type: 'task' })),
    );
  };
  const world = createWorld(t, { app });
  world.platform.order({ kind: 'status', status: 503, path: '/devicecontrol/deviceCredentials', times: 100_000 });
  world.start();
  for (let i = 0; i < 12; i++) {
    world.run(5000);
    world.device.powerCut();
    world.device.start();
  }
  t.is(starts, 13);
  t.deepEqual(world.device.machine.restarts, []);
  const noted = Buffer.from(world.device.machine.flash.values.get('services') ?? []).toString();
  t.is(noted.split('task-').length - 1, 60);
});
