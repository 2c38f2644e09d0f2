// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Bytes, type OneWireIo, thermometers } from '../../../../hal/esp32/sensors/one-wire.ts';

/** As in Maxim's application note 27, by a table of its own. */
function crcOf(bytes: readonly number[]): number {
  return bytes.reduce((crc, byte) => {
    let next = crc ^ byte;
    for (let bit = 0; bit < 8; bit++) next = (next >> 1) ^ (next % 2 === 1 ? 0x8c : 0);
    return next;
  }, 0);
}

function romOf(family: number, serial: number): number[] {
  const rom = [family, serial, 2, 3, 4, 5, 0];
  return [...rom, crcOf(rom)];
}

const hex = (bytes: readonly number[]) => Buffer.from(bytes).toString('hex');

/** A thermometer as its data sheet has it: what stands in its scratchpad changes by measuring only. */
class Thermometer {
  readonly rom: number[];
  celsius = 20;
  scratchpad: number[];
  conversions = 0;

  constructor(family: number, serial: number) {
    this.rom = romOf(family, serial);
    this.scratchpad = this.#filled(85, 0x0c);
  }

  convert(): void {
    this.conversions++;
    this.scratchpad = this.#filled(this.celsius, 0x10);
  }

  #filled(celsius: number, mark: number): number[] {
    const raw = Math.round(celsius * (this.rom[0] === 0x10 ? 2 : 16));
    const bytes = [raw & 255, (raw >> 8) & 255, 0x4b, 0x46, 0x7f, 0xff, mark, 0x10];
    return [...bytes, crcOf(bytes)];
  }
}

/** The SDK's `onewire`: it knows ROMs family first, or on a chip the other way round. */
class Wire implements OneWireIo {
  readonly plugged: Thermometer[] = [];
  /** Comes back when the bus is read; undefined: what a device says. */
  noise: number[] | undefined;
  readonly #isReversed: boolean;
  #selected: Thermometer | undefined;
  #said: number[] = [];

  constructor(isReversed = false) {
    this.#isReversed = isReversed;
  }

  search(): Bytes[] {
    return this.plugged.map(({ rom }) => Uint8Array.from(this.#isReversed ? [...rom].reverse() : rom).buffer);
  }

  select(rom: Bytes): void {
    const wanted = Buffer.from(new Uint8Array(rom as ArrayBuffer)).toString('hex');
    this.#selected = this.plugged.find((each) => hex(this.#isReversed ? [...each.rom].reverse() : each.rom) === wanted);
  }

  write(byte: number): void {
    this.#said = byte === 0xbe ? (this.#selected?.scratchpad ?? []) : [];
    if (byte === 0x44) this.#selected?.convert();
  }

  read(count: number): Bytes {
    const bytes = new Uint8Array(count).fill(0xff);
    bytes.set((this.noise ?? this.#said).slice(0, count));
    return bytes.buffer;
  }
}

for (const isReversed of [false, true]) {
  test(`what was measured after the call before, for each family; ROMs ${isReversed ? 'backwards' : 'forwards'}`, (t) => {
    const wire = new Wire(isReversed);
    wire.plugged.push(new Thermometer(0x28, 1), new Thermometer(0x10, 2), new Thermometer(0x22, 3));
    const bus = thermometers(wire);
    const codes = bus.search();
    t.deepEqual(
      codes,
      wire.plugged.map(({ rom }) => hex(rom)),
    );
    for (const celsius of [-55, -0.5, 0, 25.5, 85, 125]) {
      for (const each of wire.plugged) each.celsius = celsius;
      for (const code of codes) bus.temperatureOf(code);
      for (const code of codes) t.is(bus.temperatureOf(code), celsius, code);
    }
    for (const each of wire.plugged) t.is(each.conversions, 13);
  });
}

test('85 °C of a thermometer without a measurement is not a value', (t) => {
  const wire = new Wire();
  const thermometer = new Thermometer(0x28, 1);
  wire.plugged.push(thermometer);
  const bus = thermometers(wire);
  const [code = ''] = bus.search();
  thermometer.scratchpad = new Thermometer(0x28, 1).scratchpad;
  t.throws(() => bus.temperatureOf(code), {
    message: `thermometer ${code}: no measurement since power-on`,
  });
  t.is(bus.temperatureOf(code), 20);
});

test('an unplugged, shorted or garbled thermometer has no value and a reason', (t) => {
  const wire = new Wire();
  wire.plugged.push(new Thermometer(0x28, 1));
  const bus = thermometers(wire);
  const [code = ''] = bus.search();
  for (const [noise, message] of [
    [[255, 255, 255, 255, 255, 255, 255, 255, 255], /does not answer/],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0], /does not answer/],
    [[0x91, 1, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10, 0], /checksum/],
  ] as const) {
    wire.noise = [...noise];
    t.throws(() => bus.temperatureOf(code), { message });
  }
  wire.noise = undefined;
  wire.plugged.length = 0;
  t.throws(() => bus.temperatureOf(code), { message: /does not answer/ });
  bus.search();
  t.throws(() => bus.temperatureOf(code), { message: /was not found/ });
});

test('other devices and garbled ROMs are no thermometers; of hundreds there are 32', (t) => {
  const wire = new Wire();
  wire.plugged.push(new Thermometer(0x2d, 1));
  const garbled = new Thermometer(0x28, 2);
  garbled.rom[3] = 9;
  wire.plugged.push(garbled);
  t.deepEqual(thermometers(wire).search(), []);
  wire.plugged.length = 0;
  for (let serial = 0; serial < 200; serial++) wire.plugged.push(new Thermometer(0x28, serial));
  t.is(thermometers(wire).search().length, 32);
});
