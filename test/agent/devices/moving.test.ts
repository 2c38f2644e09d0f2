// SPDX-License-Identifier: Apache-2.0
/** Children with their own external ids, at any gateway. */

import test, { type ExecutionContext } from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { type AppBoard, type AppChild, createAgent } from '../../../src/index.ts';
import {
  createOperation,
  eventsOf,
  findDevice,
  measurementsOf,
  updateObject,
} from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { calls, createSettled, logged, settle } from '../scene.ts';
import { level, objects } from './family.ts';

const externalId = { type: 'acme_Meter', id: 'W-4711' };

/** A gateway whose meters are plugged in and out. */
class Gateway {
  board: AppBoard | undefined;
  meter: AppChild | undefined;
  /** The meter is connected at the start. */
  hasMeter = false;
  readonly app = (board: AppBoard) => {
    this.board = board;
    if (this.hasMeter) this.plugIn();
  };

  plugIn(): void {
    this.meter = this.board?.child('meter', { name: 'Water meter', externalId });
    this.meter?.sensor({ reports: level, sensor: { sample: () => ({ level: 1 }) } });
    this.meter?.operation({ name: 'x_Work', run: (operation) => operation.succeed() });
  }
}

function createPair(t: ExecutionContext) {
  const [first, second] = [new Gateway(), new Gateway()];
  first.hasMeter = true;
  const world = createSettled(t, { app: first.app, config: { deviceId: 'first' } });
  world.run(60_000);
  const other = world.add({
    app: second.app,
    config: { deviceId: 'second' },
    machine: { board: { mac: '0200000000bb', serialNumber: 'second' } },
  });
  other.start();
  world.run(60_000);
  return { world, first, second, other, meter: meterOf(world) };
}

function meterOf(world: World) {
  const found = findDevice(world.platform, externalId.id, externalId.type);
  if (found === undefined) throw new Error('no meter');
  return found;
}

function below(world: World, deviceId: string): string[] {
  return [...(findDevice(world.platform, deviceId)?.children.childDevices ?? [])];
}

test('a child is registered by its own external id and found by it at the next start', (t) => {
  const { world, meter } = createPair(t);
  t.deepEqual(below(world, 'first'), [meter.id]);
  t.is(findDevice(world.platform, 'first:meter'), undefined);
  t.is(meter.fragments['fractus_ExternalId'], externalId.id);
  const before = world.requests;
  world.device.reboot();
  settle(world);
  world.run(60_000);
  t.deepEqual(calls(world, 'POST', objects, before), []);
  t.false(world.exchanges.some(({ number, method }) => number > before && method === 'DELETE'));
  t.is(meterOf(world), meter);
});

test('a meter that moves to another gateway keeps its object and is under that gateway only', (t) => {
  const { world, first, second, other, meter } = createPair(t);
  const history = measurementsOf(world.platform, meter.id).length;
  t.true(history > 0);
  // Unplugged here, plugged in there: the first gateway has noticed.
  first.meter?.remove();
  world.run(10_000);
  t.deepEqual(below(world, 'first'), []);
  updateObject(world.platform, meter.id, { owner: other.user });
  const before = world.requests;
  second.plugIn();
  world.run(300_000);
  t.is(meterOf(world), meter);
  t.deepEqual(below(world, 'second'), [meter.id]);
  t.deepEqual(calls(world, 'POST', objects, before), []);
  t.true(measurementsOf(world.platform, meter.id).length >= history + 4);
  const operation = createOperation(world.platform, meter.id, { x_Work: {} });
  world.run(10_000);
  t.is(operation.status, 'SUCCESSFUL');
});

test('the owner is changed late: the device waits, logs it and recovers', (t) => {
  const { world, first, second, other, meter } = createPair(t);
  first.meter?.remove();
  world.run(10_000);
  second.plugIn();
  world.run(600_000);
  const device = findDevice(world.platform, 'second')?.id ?? '';
  const types = () => eventsOf(world.platform, device).map(({ fragments }) => fragments['type']);
  t.deepEqual(types(), ['c8y_ChildRefused']);
  updateObject(world.platform, meter.id, { owner: other.user });
  world.run(600_000);
  t.deepEqual(types(), ['c8y_ChildRefused', 'fractus_RegistrationHealed']);
  t.true(measurementsOf(world.platform, meter.id).length >= 5);
});

test('the previous gateway is off: its object loses the meter as soon as the owner allows it', (t) => {
  const { world, second, other, meter } = createPair(t);
  world.device.powerCut();
  updateObject(world.platform, meter.id, { owner: other.user });
  second.plugIn();
  world.run(600_000);
  t.deepEqual(below(world, 'second'), [meter.id]);
  const parent = findDevice(world.platform, 'first');
  t.deepEqual(below(world, 'first'), [meter.id], 'it is not this one’s to change');
  t.true(other.lines.some((line) => line.includes(`still under managed object ${parent?.id}`)));
  updateObject(world.platform, parent?.id ?? '', { owner: other.user });
  world.run(600_000);
  t.deepEqual(below(world, 'first'), []);
  t.deepEqual(below(world, 'second'), [meter.id]);
});

test('undeclared facts of a child are not sent', (t) => {
  const world = createSettled(t, {
    app: (board) => {
      board.child('bare', {});
      board.child('full', { hardware: { model: 'M1' }, firmware: { name: 'f', version: '2' } });
    },
  });
  const fragments = (id: string) => findDevice(world.platform, `${world.device.deviceId}:${id}`)?.fragments ?? {};
  t.false('c8y_Hardware' in fragments('bare'));
  t.false('c8y_Firmware' in fragments('bare'));
  t.deepEqual(fragments('full')['c8y_Hardware'], { model: 'M1' });
  t.deepEqual(fragments('full')['c8y_Firmware'], { name: 'f', version: '2', url: '' });
  t.false(logged(world, 'error'));
});

for (const [what, declare] of [
  ['without a type', (board: AppBoard) => board.child('a', { externalId: { type: '', id: 'x' } })],
  ['with a blank in it', (board: AppBoard) => board.child('a', { externalId: { type: 't', id: 'a b' } })],
  ['that is no text', (board: AppBoard) => board.child('a', { externalId: { type: 't', id: 7 as unknown as string } })],
  ['of another child', (board: AppBoard) => [board.child('a', { externalId }), board.child('b', { externalId })]],
  [
    'of the board',
    (board: AppBoard) => board.child('a', { externalId: { type: 'c8y_Serial', id: 'esp32-0200000000fa' } }),
  ],
] as const) {
  test(`an external id ${what} is refused at declaration`, (t) => {
    const hal = new FakeMachine().boot();
    const config = { url: 'http://127.0.0.1', bootstrapPassword: 'x' };
    t.throws(() => createAgent({ hal, config, app: (board) => void declare(board) }), {
      instanceOf: RangeError,
      message: /external/,
    });
  });
}
