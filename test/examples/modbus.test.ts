// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { alarmsOf, findDevice, measurementsOf, World } from 'fractus/test';
import { createApp, type Meter } from '../../examples/modbus/app.ts';
import { app as simulated } from '../../examples/modbus/desk.ts';
import { type Port, putChecksum } from '../../examples/modbus/rtu.ts';
import type { App, AppHal } from '../../src/index.ts';

const METERS: readonly Meter[] = [
  { serialNumber: '18490001', name: 'Heat pump', unit: 1 },
  { serialNumber: '18490002', name: 'Wallbox', unit: 2 },
];

/**
 * What is said on the line, questions and answers of both meters: voltage, power, energy. The first pair stands in the manual of the
 * meter (230.2 V); the checksums of the others are those of another implementation.
 */
const FRAMES: Readonly<Record<string, string>> = {
  '01 04 00 00 00 02 71 cb': '01 04 04 43 66 33 34 1b 38',
  '01 04 00 0c 00 02 b1 c8': '01 04 04 44 ea 50 00 f2 80',
  '01 04 01 56 00 02 90 27': '01 04 04 44 9a 50 00 f3 5b',
  '02 04 00 00 00 02 71 f8': '02 04 04 43 65 e6 66 07 55',
  '02 04 00 0c 00 02 b1 fb': '02 04 04 00 00 00 00 c8 84',
  '02 04 01 56 00 02 90 14': '02 04 04 42 ae 80 00 dc dd',
};
const POWER_OF_FIRST = '01 04 00 0c 00 02 b1 c8';
const VOLTAGE_OF_FIRST = '01 04 00 00 00 02 71 cb';

/** What the line does with an answer; the pieces in which it comes, one after the other. */
type Wire = (answer: Buffer, question: string) => readonly Uint8Array[];
const SOUND: Wire = (answer) => [answer];

/** A port whose other end the test plays. */
class FakePort implements Port {
  readonly asked: string[] = [];
  wire = SOUND;
  delayMs = 30;
  readonly #hal: AppHal;
  readonly #onReadable: () => void;
  #waiting = Buffer.alloc(0);

  constructor(hal: AppHal, onReadable: () => void) {
    this.#hal = hal;
    this.#onReadable = onReadable;
  }

  read(into: Uint8Array): number | undefined {
    const count = this.#waiting.copy(into);
    this.#waiting = this.#waiting.subarray(count);
    return count === 0 ? undefined : count;
  }

  write(bytes: Uint8Array): void {
    const question = Buffer.from(bytes).toString('hex').replace(/..\B/g, '$& ');
    this.asked.push(question);
    const answer = Buffer.from((FRAMES[question] ?? '').replaceAll(' ', ''), 'hex');
    this.wire(answer, question).forEach((piece, i) => {
      const timer = this.#hal.createTimer(() => {
        this.#waiting = Buffer.concat([this.#waiting, piece]);
        this.#onReadable();
      });
      timer.start(this.delayMs + i);
    });
  }
}

function createGateway() {
  const ports: FakePort[] = [];
  const app: App = (board) =>
    createApp(METERS, (onReadable) => {
      const port = new FakePort(board.hal, onReadable);
      ports.push(port);
      return port;
    })(board);
  const world = new World({ app, config: { measurementInterval: '10' } });
  const meter = (serialNumber: string) => findDevice(world.platform, serialNumber, 'acme_Meter');
  world.connect();
  world.run(30_000);
  const readings = (serialNumber: string) =>
    measurementsOf(world.platform, meter(serialNumber)?.id ?? '').map(
      ({ fragments }) => fragments['acme_Electricity'] as Record<string, { value: number }>,
    );
  const states = (serialNumber: string) =>
    alarmsOf(world.platform, meter(serialNumber)?.id ?? '').map(({ fragments }) => fragments['status']);
  const [port] = ports;
  if (port === undefined) throw new Error('no port was opened');
  return { world, port, meter, readings, states };
}

test('two meters on a line are two children, each with its own values', (t) => {
  const { world, port, meter, readings, states } = createGateway();
  t.deepEqual(port.asked.slice(0, 6), Object.keys(FRAMES), 'one question after the other');
  t.like(meter('18490001')?.fragments, {
    name: 'Heat pump',
    type: 'acme_Meter',
    c8y_Hardware: { model: 'SDM120', serialNumber: '18490001' },
  });
  t.deepEqual(readings('18490001')[0], {
    U: { value: 230.2, unit: 'V' },
    P: { value: 1874.5, unit: 'W' },
    A: { value: 1234.5, unit: 'kWh' },
  } as never);
  t.deepEqual(
    Object.values(readings('18490002')[0] ?? {}).map(({ value }) => value),
    [229.9, 0, 87.25],
  );
  t.deepEqual(states('18490001'), []);
  world.finish();
});

const HOSTILE: Readonly<Record<string, Wire>> = {
  'byte by byte': (answer) => [...answer].map((byte) => Uint8Array.of(byte)),
  'with a checksum that is wrong the first time': once((answer) => [flipped(answer)]),
  'of another meter the first time': once(() => [Buffer.from('0204044365e6660755', 'hex')]),
  'cut short the first time': once((answer) => [answer.subarray(0, 6)]),
  'with noise before it the first time': once((answer) => [Uint8Array.of(0xff), answer]),
  'not at all the first time': once(() => []),
  twice: (answer) => [answer, answer],
};

for (const [name, wire] of Object.entries(HOSTILE)) {
  test(`an answer that comes ${name} costs nothing`, (t) => {
    const { world, port, readings, states } = createGateway();
    port.wire = wire;
    const before = readings('18490001').length;
    world.run(60_000);
    const after = readings('18490001').slice(before);
    t.true(after.length >= 5, `${after.length}`);
    for (const { U, P, A } of after) t.deepEqual([U?.value, P?.value, A?.value], [230.2, 1874.5, 1234.5]);
    t.deepEqual(states('18490001'), []);
    world.finish();
  });
}

test('a late answer does not count for the next question', (t) => {
  const { world, port, readings } = createGateway();
  for (const delayMs of [700, 1000]) {
    port.delayMs = delayMs;
    world.run(120_000);
  }
  const all = (serialNumber: string) =>
    new Set(readings(serialNumber).map(({ U, P, A }) => `${U?.value} ${P?.value} ${A?.value}`));
  t.deepEqual([...all('18490001')], ['230.2 1874.5 1234.5']);
  t.deepEqual([...all('18490002')], ['229.9 0 87.25']);
  t.true(readings('18490002').length > 10);
  world.finish();
});

test('a meter that refuses a register has no values, is out of reach after three rounds, and keeps nobody else', (t) => {
  const { world, port, readings, states } = createGateway();
  const refused = Buffer.from('018402c2c1', 'hex');
  port.wire = (answer, question) => [question === POWER_OF_FIRST ? refused : answer];
  const [first, second] = [readings('18490001').length, readings('18490002').length];
  world.run(60_000);
  t.true(readings('18490001').length <= first + 1);
  t.true(readings('18490002').length >= second + 5);
  t.deepEqual(states('18490001'), ['ACTIVE']);
  t.deepEqual(states('18490002'), []);
  t.true(world.device.lines.some((line) => line.includes('meter 18490001: exception 2')));
  port.wire = SOUND;
  world.run(30_000);
  t.deepEqual(states('18490001'), ['CLEARED']);
  world.finish();
});

test('a line that is cut is asked twice for each value in each round, and never faster', (t) => {
  const { world, port } = createGateway();
  port.wire = () => [];
  port.asked.length = 0;
  world.run(60_000);
  t.true(port.asked.length <= 6 * 12, `${port.asked.length}`);
  t.true(port.asked.filter((each) => each === VOLTAGE_OF_FIRST).length >= 10);
  world.finish();
});

test('a line with sixty meters: each of them is read', (t) => {
  const meters = Array.from({ length: 60 }, (_, i) => ({
    serialNumber: `${100 + i}`,
    name: `Flat ${i + 1}`,
    unit: i + 1,
  }));
  const app: App = (board) =>
    createApp(meters, (onReadable) => {
      let answer = new Uint8Array(0);
      const timer = board.hal.createTimer(onReadable);
      return {
        read(into) {
          const count = answer.length;
          into.set(answer);
          answer = new Uint8Array(0);
          return count;
        },
        write([unit = 0]) {
          answer = Uint8Array.of(unit, 4, 4, 0x43, unit, 0, 0, 0, 0);
          putChecksum(answer, 7);
          timer.start(5);
        },
      };
    })(board);
  const world = new World({ app, config: { measurementInterval: '20' } });
  world.connect();
  world.run(300_000);
  for (const { serialNumber, unit } of meters) {
    const object = findDevice(world.platform, serialNumber, 'acme_Meter');
    const [first] = measurementsOf(world.platform, object?.id ?? '');
    const value = 128 + unit;
    t.like(first?.fragments['acme_Electricity'], { U: { value }, P: { value }, A: { value } }, serialNumber);
  }
  world.finish();
});

test('meters that nobody has are shown on a desk', (t) => {
  const world = new World({ app: simulated, config: { measurementInterval: '10' } });
  world.connect();
  world.run(60_000);
  for (const { serialNumber } of METERS) {
    const object = findDevice(world.platform, serialNumber, 'acme_Meter');
    t.true(measurementsOf(world.platform, object?.id ?? '').length >= 4, serialNumber);
  }
  world.finish();
});

/** The first of the tries for each value fails so; the answer to the second is as it is. */
function once(wire: Wire): Wire {
  let last = '';
  return (answer, question) => {
    const isSecond = question === last;
    last = isSecond ? '' : question;
    return isSecond ? [answer] : wire(answer, question);
  };
}

function flipped(answer: Buffer): Buffer {
  const copy = Buffer.from(answer);
  copy[4] = (copy[4] ?? 0) ^ 1;
  return copy;
}
