// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Connectors } from '../../../../hal/esp32/sensors/part.ts';
import { Probe } from '../../../../hal/esp32/sensors/probe.ts';
import { type ThermocoupleOptions, thermocouple } from '../../../../hal/esp32/sensors/spi.ts';

const PINS = { clock: 18, in: 19, select: 5 };

/** A MAX31855 that answers with these bits, and what it was opened with. */
function createScene(options: Partial<ThermocoupleOptions> = {}) {
  const scene = { bits: 0, opened: [] as unknown[], closed: 0 };
  class Spi {
    constructor(given: unknown) {
      scene.opened.push(given);
    }
    read(into: Uint8Array): void {
      new DataView(into.buffer).setUint32(into.byteOffset, scene.bits);
    }
    close(): void {
      scene.closed++;
    }
  }
  const { part, values, open } = thermocouple({ io: Spi, ...PINS, ...options });
  let nowMs = 0;
  const clock = { ticks: () => nowMs, now: () => undefined, set: () => {} };
  const probe = new Probe({ part, values, clock, open: () => open({} as Connectors) });
  const sample = () => {
    nowMs += 600_000;
    return probe.sample();
  };
  return { scene, sample };
}

/** Table 4 and 5 of the data sheet: bits 31 to 18, and 15 to 4. */
const READINGS = [
  ['01100100000000', 1600, '011111110000', 127],
  ['00111110100000', 1000, '011001001001', 100.5625],
  ['00000110010000', 100, '000110010000', 25],
  ['00000000000000', 0, '000000000001', 0.0625],
  ['11111111111111', -0.25, '111111111111', -0.0625],
  ['11110000011000', -250, '110010010000', -55],
] as const;

test('readings of the data sheet', (t) => {
  const { scene, sample } = createScene({ least: -270, most: 1800 });
  for (const [tip, temperature, own, junction] of READINGS) {
    scene.bits = Number.parseInt(`${tip}00${own}0000`, 2);
    // 127 °C is beyond what the part itself endures.
    t.deepEqual({ ...sample() }, junction > 125 ? { temperature } : { temperature, junction }, tip);
  }
  t.deepEqual(scene.opened, [{ ...PINS, active: 0, mode: 0, hz: 1_000_000 }]);
});

for (const [bits, message] of [
  [0, /: it does not answer$/],
  [0xffffffff, /: it does not answer$/],
  [0x00010011, /: its wires are open$/],
  [0x00010012, /: its wires touch ground$/],
  [0x00010014, /: its wires touch the supply$/],
  [0x00010010, /: it reports an unknown fault/],
] as const) {
  test(`no value, and why: ${bits.toString(16)}`, (t) => {
    const { scene, sample } = createScene();
    scene.bits = bits;
    t.throws(sample, { message });
    t.is(scene.closed, 1, 'and it is opened anew');
    scene.bits = 0x01900190;
    t.deepEqual({ ...sample() }, { temperature: 25, junction: 1.5625 });
  });
}

test('beyond its type there is no value', (t) => {
  const { scene, sample } = createScene();
  scene.bits = 0b01100100000000000001100100000000;
  t.deepEqual({ ...sample() }, { junction: 25 });
});

test('a controller of the chip that is named', (t) => {
  const { scene, sample } = createScene({ port: 2, hz: 4_000_000 });
  scene.bits = 0x01900190;
  sample();
  t.deepEqual(scene.opened, [{ ...PINS, active: 0, mode: 0, hz: 4_000_000, port: 2 }]);
});
