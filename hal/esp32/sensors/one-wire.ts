// SPDX-License-Identifier: Apache-2.0
/** Thermometers on a 1-Wire bus: the module `fractus/one-wire`. It is part of the projects that import it, and of no other image. */

/** The SDK's class `onewire` on one pin. A device is known by the eight bytes of its ROM. */
export interface OneWireIo {
  /** Those that answer now. */
  search(): Bytes[];
  /** Resets the bus; the device is the one that is spoken to next. */
  select(rom: Bytes): void;
  write(byte: number): void;
  /** A number only without a count. */
  read(count: number): Bytes | number;
}

/** The SDK's types say the latter, its code gives the former. */
export type Bytes = ArrayBuffer | Uint8Array;

/**
 * DS18B20, DS18S20, DS1822 and their like on one bus, each with a supply of its own: one that lives on the data line measures only
 * while nobody speaks there.
 */
export interface Thermometers {
  /**
   * ROM codes of those that answer now: 16 hexadecimal digits, the family first, as on many a label. One that is new begins to
   * measure. 32 at most.
   */
  search(): string[];
  /**
   * °C, as it was after the call before: a measurement takes up to 750 ms, and the next one begins here.
   * @throws Error when it was not found, does not answer, answers garbled, or has measured nothing since it has power
   */
  temperatureOf(rom: string): number;
}

const MOST = 32;
/** Family codes: the first has half degrees, the others sixteenths. */
const DS18S20 = 0x10;
const FAMILIES: readonly number[] = [DS18S20, 0x22, 0x28, 0x3b];
const CONVERT = 0x44;
const READ_SCRATCHPAD = 0xbe;
const SCRATCHPAD_BYTES = 9;
/** What stands there from power-on until the first measurement: 85 °C, and this in a byte that a measurement changes. */
const POWER_ON = 85 * 16;
const POWER_ON_MARK = 0x0c;

/** `thermometers(new OneWire({ pin: 4 }))`, with `import OneWire from 'onewire'` of the SDK. */
export function thermometers(io: OneWireIo): Thermometers {
  return new Bus(io);
}

interface Found {
  readonly code: string;
  readonly rom: Bytes;
}

class Bus implements Thermometers {
  readonly #io: OneWireIo;
  #known: readonly Found[] = [];

  constructor(io: OneWireIo) {
    this.#io = io;
  }

  search(): string[] {
    const found: Found[] = [];
    for (const rom of this.#io.search().slice(0, MOST)) {
      const code = codeOf(rom);
      if (code === undefined) continue;
      if (!this.#known.some((each) => each.code === code)) this.#convert(rom);
      found.push({ code, rom });
    }
    this.#known = found;
    return found.map(({ code }) => code);
  }

  temperatureOf(code: string): number {
    const found = this.#known.find((each) => each.code === code);
    if (found === undefined) throw new Error(`thermometer ${code}: it was not found`);
    const { rom } = found;
    this.#io.select(rom);
    this.#io.write(READ_SCRATCHPAD);
    const bytes = new Uint8Array(this.#io.read(SCRATCHPAD_BYTES) as Bytes);
    this.#convert(rom);
    // A line that is held down reads as zeros, which have a right checksum.
    if (bytes.length < SCRATCHPAD_BYTES || bytes.every((byte) => byte === bytes[0]))
      throw new Error(`thermometer ${code}: it does not answer`);
    if (crc8(bytes) !== 0) throw new Error(`thermometer ${code}: its checksum is wrong`);
    const value = new DataView(bytes.buffer).getInt16(0, true);
    const isHalves = code.startsWith(DS18S20.toString(16));
    if (!isHalves && value === POWER_ON && bytes[6] === POWER_ON_MARK)
      throw new Error(`thermometer ${code}: it has measured nothing since it has power`);
    return value / (isHalves ? 2 : 16);
  }

  #convert(rom: Bytes): void {
    this.#io.select(rom);
    this.#io.write(CONVERT);
  }
}

/** Of a thermometer; undefined: the ROM is garbled, or that of something else. The SDK gives it in this order or the other. */
function codeOf(rom: Bytes): string | undefined {
  const bytes = new Uint8Array(rom.slice(0));
  if (crc8(bytes) !== 0) bytes.reverse();
  if (bytes.length !== 8 || crc8(bytes) !== 0 || !FAMILIES.includes(bytes[0] as number)) return undefined;
  let code = '';
  for (const byte of bytes) code += (byte + 0x100).toString(16).slice(1);
  return code;
}

/** Of the checksum too it is 0 (Maxim, application note 27). */
function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}
