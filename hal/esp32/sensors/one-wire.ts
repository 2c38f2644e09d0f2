// SPDX-License-Identifier: Apache-2.0
/** The module `fractus/one-wire`: thermometers on a 1-Wire bus. Only projects that import it carry it. */

/** The SDK's class `onewire` on one pin. Eight ROM bytes identify a device. */
export interface OneWireIo {
  /** ROM codes of the devices that answer now. */
  search(): Bytes[];
  /** Resets the bus and addresses one device for the next command. */
  select(rom: Bytes): void;
  write(byte: number): void;
  /** Returns a number only when `count` is missing. */
  read(count: number): Bytes | number;
}

/** The SDK's code returns an ArrayBuffer, although its types say Uint8Array. */
export type Bytes = ArrayBuffer | Uint8Array;

/**
 * DS18B20, DS18S20, DS1822 and similar thermometers on one bus, each with its own supply. Parasitic power is not
 * supported: it needs a silent bus during a measurement.
 */
export interface Thermometers {
  /**
   * ROM codes of the devices that answer now, at most 32: 16 hexadecimal digits, the family first, as on many labels. A
   * new device starts its first measurement.
   */
  search(): string[];
  /**
   * The temperature in °C from the measurement that the previous call started. A measurement takes up to 750 ms; this
   * call starts the next one.
   * @throws Error when the device was not found, does not answer, answers garbled data, or has measured nothing since
   * power-on
   */
  temperatureOf(rom: string): number;
}

const MOST = 32;
/** Family codes: the DS18S20 counts in halves of a degree, the others in sixteenths. */
const DS18S20 = 0x10;
const FAMILIES: readonly number[] = [DS18S20, 0x22, 0x28, 0x3b];
const CONVERT = 0x44;
const READ_SCRATCHPAD = 0xbe;
const SCRATCHPAD_BYTES = 9;
/** The values from power-on until the first measurement: 85 °C, and a mark in a byte that a measurement changes. */
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
      throw new Error(`thermometer ${code}: no measurement since power-on`);
    return value / (isHalves ? 2 : 16);
  }

  #convert(rom: Bytes): void {
    this.#io.select(rom);
    this.#io.write(CONVERT);
  }
}

/**
 * The code of a thermometer; undefined: the ROM is garbled, or of another device. The SDK returns either byte order.
 */
function codeOf(rom: Bytes): string | undefined {
  const bytes = new Uint8Array(rom.slice(0));
  if (crc8(bytes) !== 0) bytes.reverse();
  if (bytes.length !== 8 || crc8(bytes) !== 0 || !FAMILIES.includes(bytes[0] as number)) return undefined;
  let code = '';
  for (const byte of bytes) code += (byte + 0x100).toString(16).slice(1);
  return code;
}

/** The checksum (Maxim, application note 27); 0 for bytes that end with their own checksum. */
function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}
