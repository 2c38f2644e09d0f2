// SPDX-License-Identifier: Apache-2.0
/** Activities of the agent as services, and services whose status is a function. */

import test, { type ExecutionContext } from 'ava';
import { agentServices, type ServiceDefinition, services } from '../../src/capabilities/index.ts';
import type { App, AppBoard } from '../../src/index.ts';
import type { ManagedObject, Operation } from '../../tools/platform/model.ts';
import { findDevice } from '../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../tools/simulate/machine/world.ts';
import { isEnded, order } from '../agent/operations/operating.ts';
import { calls, createWorld, settle } from '../agent/scene.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const POLL = '/notification/operations';

/** The board of each world in its current start. */
const boards = new WeakMap<World, AppBoard>();

function createScene(t: ExecutionContext, options: WorldOptions = {}, own: readonly ServiceDefinition[] = []): World {
  const app: App = (board: AppBoard) => {
    services(board, [...agentServices(board), ...own]);
    boards.set(world, board);
  };
  const world: World = createWorld(t, { app, ...options });
  world.start();
  settle(world);
  world.run(20_000);
  return world;
}

const serviceOf = (world: World, name: string) =>
  findDevice(world.platform, `${world.device.deviceId}:service-${name}`) as ManagedObject;
const statusOf = (world: World, name: string) => serviceOf(world, name).fragments['status'];

async function command(world: World, name: string, text: string): Promise<Operation> {
  const operation = order(world, { c8y_ServiceCommand: { command: text } }, serviceOf(world, name).id);
  for (let n = 0; n < 60 && !isEnded(operation); n++) {
    world.run(1000);
    // Two for the promise of the command, and one for that of the service.
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  }
  return operation;
}

/** The board sends something each minute. */
function live(world: World, minutes: number): void {
  for (let n = 0; n < minutes; n++) {
    boards.get(world)?.event('acme_Minute', 'A minute');
    world.run(MINUTE_MS);
  }
}

test('both are up, and an idle day sends no update of them', (t) => {
  const world = createScene(t);
  for (const name of ['operations', 'records']) {
    t.like(serviceOf(world, name).fragments, {
      type: 'c8y_Service',
      serviceType: 'agent',
      status: 'up',
      c8y_SupportedServiceCommands: ['RESTART'],
    });
  }
  const since = world.requests;
  world.run(24 * HOUR_MS);
  for (const name of ['operations', 'records'])
    t.is(calls(world, 'PUT', `/inventory/managedObjects/${serviceOf(world, name).id}`, since).length, 0);
});

test('a network that lets no long poll through: down after minutes, up again afterwards', (t) => {
  const world = createScene(t);
  const fault = world.platform.order({ kind: 'status', path: POLL, status: 503, times: 1e6 });
  // The open poll ends after five minutes, and five more make it a fault.
  live(world, 9);
  t.is(statusOf(world, 'operations'), 'up', 'not yet');
  live(world, 3);
  t.is(statusOf(world, 'operations'), 'down');
  t.is(statusOf(world, 'records'), 'up');
  world.platform.cancel(fault);
  live(world, 10);
  t.is(statusOf(world, 'operations'), 'up');
});

test('records that the platform does not take: down, and RESTART tries them again at once', async (t) => {
  const world = createScene(t);
  const fault = world.platform.order({ kind: 'status', path: '/event/events', status: 503, times: 1e6 });
  live(world, 90);
  t.is(statusOf(world, 'records'), 'down');
  t.is(statusOf(world, 'operations'), 'up');
  world.platform.cancel(fault);
  const since = world.requests;
  const operation = await command(world, 'records', 'RESTART');
  t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
  world.run(MINUTE_MS);
  t.true(calls(world, 'POST', '/event/events', since).length >= 1);
  t.is(statusOf(world, 'records'), 'up');
});

test('RESTART fails when it does not help', async (t) => {
  const world = createScene(t);
  world.platform.order({ kind: 'status', path: POLL, status: 503, times: 1e6 });
  world.platform.order({ kind: 'status', path: '/event/events', status: 503, times: 1e6 });
  live(world, 1);
  for (const name of ['operations', 'records']) {
    const { status, failureReason } = await command(world, name, 'RESTART');
    t.is(status, 'FAILED');
    t.is(failureReason, 'it does not work yet, 30 s after the restart');
  }
});

test('an outage of the platform is no fault of the services', (t) => {
  const world = createScene(t);
  const said: unknown[] = [];
  world.device.linkDown();
  live(world, 60);
  world.device.linkUp();
  for (let n = 0; n < 60; n++) {
    world.run(1000);
    for (const name of ['operations', 'records']) said.push(statusOf(world, name));
  }
  t.deepEqual([...new Set(said)], ['up']);
});

test('RESTART of the long poll begins a new session, and nothing is lost meanwhile', async (t) => {
  for (const connections of ['1', '2']) {
    const world = createScene(t, { config: { connections } });
    const since = world.requests;
    const shakes = () => calls(world, 'POST', POLL, since).filter(({ body }) => body.includes('handshake')).length;
    const operation = await command(world, 'operations', 'RESTART');
    t.is(operation.status, 'SUCCESSFUL', operation.failureReason);
    world.run(10_000);
    t.is(shakes(), 1);
    t.is((await command(world, 'records', 'RESTART')).status, 'SUCCESSFUL');
    t.regex((await command(world, 'operations', 'STOP')).failureReason ?? '', /^command: allowed are RESTART$/);
    t.deepEqual(world.device.machine.restarts, []);
  }
});

test('a status by a function: sent when it changes, before the end of a command, and unknown when it fails', async (t) => {
  let said: () => unknown = () => 'up';
  const world = createScene(t, {}, [
    {
      name: 'pump',
      type: 'driver',
      status: () => said() as string,
      commands: ['STOP'],
      onCommand() {
        said = () => 'down';
      },
    },
  ]);
  t.is(statusOf(world, 'pump'), 'up');
  let atEnd: unknown;
  world.onRequest = ({ method, body }) => {
    if (method === 'PUT' && Buffer.from(body).includes('SUCCESSFUL')) atEnd = statusOf(world, 'pump');
    return true;
  };
  t.is((await command(world, 'pump', 'STOP')).status, 'SUCCESSFUL');
  t.is(atEnd, 'down');
  for (const [each, shown] of [
    [() => 'degraded', 'degraded'],
    [() => 7, 'unknown'],
    [() => 'up', 'up'],
    [
      () => {
        throw new Error('it is gone');
      },
      'unknown',
    ],
    [() => '', 'unknown'],
    [() => 'x'.repeat(10_000), 'x'.repeat(200)],
  ] as const) {
    said = each;
    world.run(15_000);
    t.is(statusOf(world, 'pump'), shown);
  }
  const noted = world.device.lines.filter((line) => line.includes('it is gone'));
  t.deepEqual(noted, ['warn: service pump: its status is not known: it is gone']);
  t.deepEqual(world.device.machine.restarts, []);
});
