// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Bus, createApp, type Room } from '../../examples/gateway/app.ts';
import { alarmsOf, createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';

class FakeRoom implements Room {
  readonly id: string;
  readonly name: string;
  readonly climate = { sample: () => ({ temperature: 19.84, humidity: 44.4 }) };
  valve = 0;

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  turnValve(position: number): void {
    this.valve = position;
  }
}

function createGateway() {
  const [kitchen, attic, cellar] = [
    new FakeRoom('kitchen', 'Kitchen'),
    new FakeRoom('attic', 'Attic'),
    new FakeRoom('cellar', 'Cellar'),
  ] as const;
  const bus: Bus = { rooms: [kitchen, attic], onChange: undefined };
  const world = new World({ app: createApp(bus) });
  const child = (id: string) => findDevice(world.platform, `${world.device.deviceId}:${id}`);
  const isLinked = (id: string) => world.object?.children.childDevices.has(child(id)?.id ?? '') === true;
  world.start();
  world.runUntil(() => isLinked('kitchen') && isLinked('attic'), 60_000);
  return { world, bus, kitchen, attic, cellar, child, isLinked };
}

test('each room is a child device with measurements of its own', (t) => {
  const { world, child } = createGateway();
  world.run(61_000);
  t.is(child('kitchen')?.fragments['name'], 'Kitchen');
  for (const id of ['kitchen', 'attic']) {
    const [measurement] = measurementsOf(world.platform, child(id)?.id ?? '');
    t.deepEqual(measurement?.fragments['acme_RoomClimate'], {
      T: { value: 19.8, unit: '°C' },
      h: { value: 44, unit: '%RH' },
    });
  }
  world.finish();
});

test('an operation for a room reaches that room', (t) => {
  const { world, kitchen, attic, child } = createGateway();
  const operation = createOperation(world.platform, child('attic')?.id ?? '', { acme_Valve: { position: 0.5 } });
  world.runUntil(() => operation.status === 'SUCCESSFUL', 10_000);
  t.is(attic.valve, 0.5);
  t.is(kitchen.valve, 0);
  t.deepEqual(child('attic')?.fragments['acme_Valve'], { position: 0.5 });

  const wrong = createOperation(world.platform, child('attic')?.id ?? '', { acme_Valve: { position: 2 } });
  world.runUntil(() => wrong.status === 'FAILED', 10_000);
  t.is(wrong.failureReason, 'position: allowed is 0 to 1');
  world.finish();
});

test('rooms come, fall silent, come back and go', (t) => {
  const { world, bus, kitchen, cellar, child, isLinked } = createGateway();
  bus.onChange?.('added', cellar);
  world.runUntil(() => isLinked('cellar'), 60_000);

  bus.onChange?.('silent', kitchen);
  const alarms = () => alarmsOf(world.platform, child('kitchen')?.id ?? '');
  world.runUntil(() => alarms().length === 1, 60_000);
  t.is(alarms()[0]?.fragments['status'], 'ACTIVE');
  t.true(isLinked('kitchen'), 'a silent room keeps its place');
  bus.onChange?.('back', kitchen);
  world.runUntil(() => alarms()[0]?.fragments['status'] === 'CLEARED', 60_000);

  bus.onChange?.('removed', kitchen);
  world.runUntil(() => !isLinked('kitchen'), 60_000);
  t.truthy(child('kitchen'), 'its data stays');
  world.finish();
});
