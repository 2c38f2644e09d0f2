// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { Board, buildFirmware, buildTestModules, Screen } from './bench.ts';
import { BMP280, bme680Values } from './drivers/data-sheets.ts';

type Sample = Readonly<Record<string, number>> | string | null;

const screen = await Screen.open();
test.after.always(() => screen.close());

const results = new Map<string, Sample[]>();

test.before(async () => {
  await buildTestModules({
    'drivers-main': 'test/moddable/drivers/main.ts',
    'fake-i2c': 'test/moddable/drivers/fake-i2c.ts',
  });
  const project = fileURLToPath(new URL('drivers', import.meta.url));
  const library = await buildFirmware('drivers', { project });
  const board = new Board({ screen, library, config: {} });
  board.simulator.start();
  try {
    await board.line(/^drivers: done/);
  } finally {
    await board.simulator.stop();
  }
  for (const line of board.simulator.lines) {
    const [, name, json] = /^(\w+ [\w-]+) (\[.*\])$/.exec(line) ?? [];
    if (name !== undefined && json !== undefined) results.set(name, JSON.parse(json) as Sample[]);
  }
});

const G = 9.80665;
const PARTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  bme68x: { ...bme680Values() },
  bmp280: { temperature: BMP280.celsius, pressure: BMP280.pascal },
  sht3x: { temperature: -45 + (175 * 0x6666) / 65535, humidity: (100 * 0x6666) / 65535 },
  tmp117: { temperature: -10.5 },
  lis3dh: { x: -G / 16, y: 0, z: G },
};

/** True for what the data sheet makes of the registers. */
function isGood(part: string, sample: Sample | undefined): boolean {
  if (typeof sample !== 'object' || sample === null) return false;
  const expected = PARTS[part] ?? {};
  const names = Object.keys(expected);
  return (
    Object.keys(sample).length === names.length &&
    names.every((name) => {
      const [is = NaN, want = NaN] = [sample[name], expected[name]];
      // The drivers round, to a hundredth of a degree and a tenth of a thousandth of the scale.
      return Math.abs(is - want) <= Math.max(0.011, Math.abs(want) * 0.0005);
    })
  );
}

for (const part of Object.keys(PARTS)) {
  const all = (what: string) => results.get(`${part} ${what}`) ?? [];

  test(`${part}: good registers are what the data sheet says, in SI units`, (t) => {
    const [first, ...others] = all('good');
    t.is(others.length, 2);
    t.true(isGood(part, others[0]), JSON.stringify(all('good')));
    t.true(isGood(part, others[1]));
    // What was read before the part had measured is the truth or nothing.
    t.true(first === null || isGood(part, first), JSON.stringify(first));
  });

  for (const wire of ['absent', 'low', 'high', 'slow']) {
    test(`${part}: ${wire} from the start gives no value, and works once it is there`, (t) => {
      const samples = all(wire);
      t.is(samples.length, 7);
      for (const sample of samples.slice(0, 3))
        t.true(sample === null || typeof sample === 'string', JSON.stringify(sample));
      t.true(isGood(part, samples.at(-1)), JSON.stringify(samples));
    });

    test(`${part}: ${wire} in between gives no value, and works afterwards`, (t) => {
      const samples = all(`good-${wire}`);
      t.is(samples.length, 12);
      t.true(isGood(part, samples[1]));
      for (const sample of samples.slice(2, 8))
        t.true(sample === null || typeof sample === 'string', JSON.stringify(sample));
      t.true(isGood(part, samples.at(-1)), JSON.stringify(samples));
    });
  }

  test(`${part}: after a moment without power it is set up anew, and never tells its reset values`, (t) => {
    const samples = all('unpowered');
    t.is(samples.length, 7);
    for (const sample of samples) {
      t.true(sample === null || typeof sample === 'string' || isGood(part, sample), JSON.stringify(sample));
    }
    t.true(isGood(part, samples.at(-1)), JSON.stringify(samples));
  });

  test(`${part}: another part at its address is told of`, (t) => {
    if (part === 'sht3x') {
      // It has no number to know it by; the checksums do not fit.
      for (const sample of all('other')) t.regex(String(sample), /^SHT3x: /);
    } else {
      for (const sample of all('other')) t.regex(String(sample), /: (unexpected sensor|init fail)$/);
    }
  });
}

test('sht3x: an answer whose checksum is wrong is no value', (t) => {
  const samples = results.get('sht3x noisy') ?? [];
  t.is(samples.length, 6);
  for (const sample of samples.slice(0, 3)) t.is(typeof sample, 'string');
  t.true(isGood('sht3x', samples.at(-1)), JSON.stringify(samples));
});

test('bme68x: its heater stays cold', (t) => {
  t.deepEqual(results.get('bme68x heater'), [0] as unknown as Sample[]);
});

test('no driver has left its address open more than once', (t) => {
  t.deepEqual(results.get('bus open'), [1] as unknown as Sample[]);
});
