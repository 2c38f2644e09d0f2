// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createApp } from '../../examples/one-wire/app.ts';
import type { Thermometers } from '../../hal/esp32/sensors/one-wire.ts';
import { alarmsOf, findDevice, measurementsOf, updateObject } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';

const FIRST = '28ff641e8316f0aa';
const SECOND = '28ff641e8316f0bb';
const MINUTE_MS = 60_000;

/** A bus with thermometers plugged into it. */
class FakeBus implements Thermometers {
  readonly plugged = new Map<string, number>();

  search(): string[] {
    return [...this.plugged.keys()];
  }

  temperatureOf(rom: string): number {
    const value = this.plugged.get(rom);
    if (value === undefined) throw new Error(`${rom} does not answer`);
    return value;
  }
}

function createGateway() {
  const bus = new FakeBus();
  bus.plugged.set(FIRST, 21.44);
  const world = new World({ app: createApp(bus) });
  const found = (rom: string) => findDevice(world.platform, rom, 'acme_1Wire');
  const isLinked = (rom: string) => world.object?.children.childDevices.has(found(rom)?.id ?? '') === true;
  const count = (rom: string) => measurementsOf(world.platform, found(rom)?.id ?? '').length;
  world.start();
  world.runUntil(() => isLinked(FIRST), MINUTE_MS);
  return { world, bus, found, isLinked, count };
}

test('a thermometer that is found is registered by its ROM code and measured', (t) => {
  const { world, bus, found, isLinked } = createGateway();
  world.run(2 * MINUTE_MS);
  t.like(found(FIRST)?.fragments, {
    name: `Thermometer ${FIRST}`,
    type: 'acme_Thermometer',
    c8y_Hardware: { model: 'DS18B20', serialNumber: FIRST },
  });
  const [measurement] = measurementsOf(world.platform, found(FIRST)?.id ?? '');
  t.deepEqual(measurement?.fragments['c8y_TemperatureMeasurement'], { T: { value: 21.4, unit: '°C' } });
  bus.plugged.set(SECOND, 4);
  world.run(2 * MINUTE_MS);
  t.true(isLinked(SECOND), 'found by a later search');
  world.finish();
});

test('a silent thermometer has an alarm until it is back, and is not registered again', (t) => {
  const { world, bus, found, isLinked, count } = createGateway();
  const { id = '' } = found(FIRST) ?? {};
  const states = () => alarmsOf(world.platform, id).map(({ fragments }) => fragments['status']);
  bus.plugged.delete(FIRST);
  world.run(2 * MINUTE_MS);
  t.deepEqual(states(), [], 'once or twice is nothing');
  world.run(3 * MINUTE_MS);
  t.deepEqual(states(), ['ACTIVE']);
  t.true(isLinked(FIRST));
  const before = count(FIRST);
  bus.plugged.set(FIRST, 20);
  world.run(3 * MINUTE_MS);
  t.deepEqual(states(), ['CLEARED']);
  t.true(count(FIRST) > before);
  t.is(found(FIRST)?.id, id);
  t.is(world.platform.core.objects.size, 2);
  world.finish();
});

test('a thermometer that is gone for good is removed from the gateway, and is the same device when it is back', (t) => {
  const { world, bus, found, isLinked, count } = createGateway();
  const { id = '' } = found(FIRST) ?? {};
  bus.plugged.delete(FIRST);
  world.run(65 * MINUTE_MS);
  t.false(isLinked(FIRST));
  t.is(found(FIRST)?.id, id, 'its data stays');
  const before = count(FIRST);
  bus.plugged.set(FIRST, 20);
  world.run(5 * MINUTE_MS);
  t.true(isLinked(FIRST));
  t.is(found(FIRST)?.id, id);
  t.true(count(FIRST) >= before + 3);
  t.deepEqual(
    alarmsOf(world.platform, id).map(({ fragments }) => fragments['status']),
    ['CLEARED'],
  );
  world.finish();
});

test('a thermometer at another gateway is the same device', (t) => {
  const { world, bus, found, isLinked } = createGateway();
  const { id = '' } = found(FIRST) ?? {};
  const there = new FakeBus();
  const other = world.add({
    app: createApp(there),
    config: { deviceId: 'other' },
    machine: { board: { mac: '0200000000bb', serialNumber: 'other' } },
  });
  other.start();
  world.run(MINUTE_MS);
  bus.plugged.delete(FIRST);
  there.plugged.set(FIRST, 19);
  updateObject(world.platform, id, { owner: other.user });
  world.run(70 * MINUTE_MS);
  t.is(found(FIRST)?.id, id);
  t.false(isLinked(FIRST), 'the gateway before has let it go');
  t.deepEqual([...(findDevice(world.platform, 'other')?.children.childDevices ?? [])], [id]);
  world.finish();
});
