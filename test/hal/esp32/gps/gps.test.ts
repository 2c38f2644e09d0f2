// SPDX-License-Identifier: Apache-2.0
/** A receiver on a serial port, and what is reported of the way that it goes. */

import test, { type ExecutionContext } from 'ava';
import { gps, track } from '../../../../hal/esp32/gps/gps.ts';
import { distanceM } from '../../../../hal/esp32/gps/track.ts';
import { connectSensors } from '../../../../hal/esp32/sensors/connect.ts';
import type { Connectors } from '../../../../hal/esp32/sensors/part.ts';
import { bundle } from '../../../../tools/moddable/modules.ts';
import { eventsOf } from '../../../../tools/platform/operator.ts';
import { World } from '../../../../tools/simulate/machine/world.ts';

const GGA = '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n';

interface SerialOptions {
  readonly receive: number;
  readonly port: number;
  readonly baud: number;
  readonly onReadable: () => void;
}

/** A port of a board, and what somebody says on it. */
class FakeSerial {
  static opened: FakeSerial[] = [];
  readonly options: SerialOptions;
  isClosed = false;
  #waiting = Buffer.alloc(0);

  constructor(options: Readonly<Record<string, unknown>>) {
    this.options = options as unknown as SerialOptions;
    FakeSerial.opened.push(this);
  }

  read(into: Uint8Array): number | undefined {
    if (this.isClosed) throw new Error('closed');
    const count = this.#waiting.copy(into);
    this.#waiting = this.#waiting.subarray(count);
    return count === 0 ? undefined : count;
  }

  close(): void {
    this.isClosed = true;
  }

  say(text: string): void {
    for (let at = 0; at < text.length; at += 60) {
      this.#waiting = Buffer.from(text.slice(at, at + 60));
      this.options.onReadable();
    }
  }
}

/** A probe over the driver, as a board has it. */
function createReceiver() {
  const clock = { ms: 0, ticks: () => clock.ms, now: () => undefined, set() {} };
  const connectors = { Serial: FakeSerial } as unknown as Connectors;
  FakeSerial.opened = [];
  const { gps: sensor } = connectSensors({ nav: gps({ receive: 16 }) }, { connectors, clock, log() {} });
  const sample = () => {
    clock.ms += 60_000;
    return sensor?.sample();
  };
  return { sample, ports: FakeSerial.opened };
}

test('a sample has the data since the sample before', (t) => {
  const { sample, ports } = createReceiver();
  t.is(sample(), undefined);
  t.like(ports[0]?.options, { receive: 16, port: 1, baud: 9600 });
  ports[0]?.say(GGA);
  const { altitude, satellites, fix } = sample() ?? {};
  t.deepEqual({ altitude, satellites, fix }, { altitude: 545.4, satellites: 8, fix: 1 });
  t.is(sample(), undefined);
});

test('a receiver without a fix has not failed; a silent one has, and is opened again', (t) => {
  const { sample, ports } = createReceiver();
  sample();
  for (let i = 0; i < 20; i++) {
    ports[0]?.say('$GNRMC,102411.00,V,,,,,,,161126,,,N*67\r\n$GNGGA,1,,,,,0,00,99.99,,,,,,*67\r\n');
    sample();
  }
  t.is(ports.length, 1);
  for (let i = 0; i < 4; i++) t.is(sample(), undefined);
  t.throws(sample, { message: 'GPS on pin 16: it has no value' });
  t.true(ports[0]?.isClosed);
  t.notThrows(() => ports[0]?.say(GGA), 'what the port still delivers ends nothing');
  sample();
  t.is(ports.length, 2);
});

/** A device with a sensor that says where it is. */
function createTracked(t: ExecutionContext) {
  const at: { sample: Record<string, number> | undefined; fails: boolean } = { sample: undefined, fails: false };
  const sensor = {
    sample() {
      if (at.fails) throw new Error('GPS: it has no value');
      return at.sample;
    },
  };
  const world = new World({ app: (board) => track(board, { sensor, leastM: 50, everyS: 10 }) });
  t.teardown(() => world.finish());
  world.start();
  world.run(60_000);
  const events = () =>
    eventsOf(world.platform, world.object?.id ?? '').filter(
      ({ fragments }) => fragments['type'] === 'c8y_LocationUpdate',
    );
  return { at, world, events };
}

test('a position is sent when it is known, and again only after a movement', (t) => {
  const { at, world, events } = createTracked(t);
  t.is(events().length, 0);
  at.sample = { latitude: 48.117_3, longitude: 11.516_7, altitude: 545 };
  world.run(60_000);
  t.is(events().length, 1);
  t.deepEqual(events()[0]?.fragments['c8y_Position'], { lat: 48.117_3, lng: 11.516_7, alt: 545 });
  t.deepEqual(world.object?.fragments['c8y_Position'], { lat: 48.117_3, lng: 11.516_7, alt: 545 });
  // It wanders about as receivers do: some 20 m.
  for (let i = 0; i < 30; i++) {
    at.sample = { latitude: 48.117_3 + (i % 3) * 0.000_09, longitude: 11.516_7 - (i % 2) * 0.000_1, altitude: 540 + i };
    world.run(10_000);
  }
  t.is(events().length, 1);
  at.sample = { latitude: 48.118_3, longitude: 11.516_7 };
  world.run(30_000);
  t.is(events().length, 2);
  t.deepEqual(world.object?.fragments['c8y_Position'], { lat: 48.118_3, lng: 11.516_7 });
  world.run(600_000);
  t.is(events().length, 2);
});

test('a receiver that fails or has no fix is not a movement, and is reported once', (t) => {
  const { at, world, events } = createTracked(t);
  at.sample = { latitude: 48.117_3, longitude: 11.516_7 };
  world.run(30_000);
  at.fails = true;
  world.run(300_000);
  at.fails = false;
  at.sample = { fix: 0 };
  world.run(300_000);
  at.sample = { latitude: 48.117_4, longitude: 11.516_7 };
  world.run(60_000);
  t.is(events().length, 1);
  t.is(world.device.lines.filter((line) => line.includes('position: GPS: it has no value')).length, 1);
});

test('only a firmware that imports the module contains it', async (t) => {
  const [tracker, board] = await Promise.all([bundle('examples/tracker/main.ts'), bundle('hal/esp32/index.ts')]);
  t.true(tracker.includes('satellites'));
  t.false(tracker.includes('fractus/gps'));
  t.false(board.includes('satellites'));
});

test('distances are those on the earth, the short way round', (t) => {
  const near = (actual: number, wanted: number) => t.true(Math.abs(actual - wanted) < wanted * 0.01, `${actual}`);
  near(distanceM(48, 11, 48.001, 11), 111.2);
  near(distanceM(48, 11, 48, 11.001), 74.4);
  near(distanceM(60, 179.999, 60, -179.999), 111.2);
  t.is(distanceM(-90, 10, -90, 10), 0);
  t.is(distanceM(NaN, NaN, 48, 11), NaN);
});
