// SPDX-License-Identifier: Apache-2.0

import { BME680, BMP280, type Word } from './data-sheets.ts';
import type { Part } from './fake-i2c.ts';

/*
 * The parts as their data sheets have them: registers, what power-on leaves in them, and what a command does.
 */

/** Registers of one byte; writing goes on from the first, in one way or another. */
class Registers implements Part {
  readonly bytes = new Uint8Array(256);
  protected at = 0;

  write(bytes: Uint8Array): void {
    this.at = bytes[0] as number;
    for (let i = 1; i < bytes.length; i++) this.set(this.at + i - 1, bytes[i] as number);
  }

  read(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.get(this.at + i);
  }

  protected get(register: number): number {
    return this.bytes[register & 0xff] as number;
  }

  set(register: number, value: number): void {
    this.bytes[register & 0xff] = value;
  }

  setBytes(register: number, ...values: readonly number[]): void {
    for (const [i, value] of values.entries()) this.set(register + i, value);
  }
}

/** Data sheet BST-BMP280-DS001 §4. */
export class FakeBmp280 extends Registers {
  constructor() {
    super();
    this.set(0xd0, 0x58);
    for (const { at, value } of BMP280.coefficients) this.setBytes(at, value & 0xff, (value >> 8) & 0xff);
    this.powerOn();
  }

  powerOn(): void {
    this.setBytes(0xf3, 0, 0, 0);
    this.setBytes(0xf7, 0x80, 0, 0, 0x80, 0, 0);
  }

  /** Half a second in normal mode. */
  measure(): void {
    if ((this.get(0xf4) & 3) !== 3) return;
    this.setBytes(0xf7, ...bits20(BMP280.pressure), ...bits20(BMP280.temperature));
  }

  override set(register: number, value: number): void {
    super.set(register, value);
    if (register === 0xe0 && value === 0xb6) this.powerOn();
  }
}

/** Data sheet BST-BME680-DS001 §5. */
export class FakeBme680 extends Registers {
  /** Measurements with the heater on. */
  heated = 0;

  constructor() {
    super();
    this.set(0xd0, 0x61);
    for (const word of BME680.coefficients) this.#coefficient(word);
    const { h1, h2 } = BME680;
    this.setBytes(0xe1, h2 >> 4, ((h2 & 0xf) << 4) | (h1 & 0xf), h1 >> 4);
    this.powerOn();
  }

  powerOn(): void {
    for (let register = 0x50; register <= 0x75; register++) super.set(register, 0);
    this.setBytes(0x1d, 0, 0, 0x80, 0, 0, 0x80, 0, 0, 0x80, 0);
  }

  /** Register and value by turns (§6.2.1). */
  override write(bytes: Uint8Array): void {
    this.at = bytes[0] as number;
    for (let i = 1; i < bytes.length; i += 2) this.set(bytes[i - 1] as number, bytes[i] as number);
  }

  override set(register: number, value: number): void {
    super.set(register, value);
    if (register === 0xe0 && value === 0xb6) this.powerOn();
    if (register === 0x74 && (value & 3) === 1) this.#measure(value);
  }

  #measure(control: number): void {
    if ((this.get(0x71) & 0x30) !== 0 && (this.get(0x70) & 0x08) === 0) this.heated += 1;
    const skipped = 0x80000;
    const temperature = control >> 5 === 0 ? skipped : BME680.temperature;
    const pressure = ((control >> 2) & 7) === 0 ? skipped : BME680.pressure;
    const humidity = (this.get(0x72) & 7) === 0 ? 0x8000 : BME680.humidity;
    this.setBytes(0x1d, 0x80, 0, ...bits20(pressure), ...bits20(temperature), humidity >> 8, humidity & 0xff);
    super.set(0x74, control & ~3);
  }

  #coefficient({ at, value, bytes }: Word): void {
    this.set(at, value & 0xff);
    if (bytes === 2) this.set(at + 1, (value >> 8) & 0xff);
  }
}

/** Data sheet SHT3x-DIS §4. */
export class FakeSht3x implements Part {
  /** Turns over one bit of every answer. */
  noisy = false;
  #answer: number[] = [];

  write(bytes: Uint8Array): void {
    const command = ((bytes[0] as number) << 8) | (bytes[1] as number);
    // 25 °C and 40 % by §4.13.
    if (command === 0x2c06) this.#answer = [...checked(0x6666), ...checked(0x6666)];
    else if (command === 0xf32d) this.#answer = checked(0x8010);
  }

  read(into: Uint8Array): void {
    into.set(this.#answer.slice(0, into.length));
    if (this.noisy) for (let i = 0; i < into.length; i += 3) into[i] = (into[i] as number) ^ 0x04;
  }
}

/** A word and its CRC-8 (§4.12). */
function checked(word: number): number[] {
  const bytes = [word >> 8, word & 0xff];
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff;
  }
  return [...bytes, crc];
}

/** Data sheet TMP117 §7.6: registers of 16 bits. */
export class FakeTmp117 implements Part {
  readonly #words = new Map<number, number>();
  #at = 0;

  constructor() {
    this.#words.set(0x0f, 0x0117);
    this.powerOn();
  }

  powerOn(): void {
    this.#words.set(0x00, 0x8000);
    this.#words.set(0x01, 0x0220);
  }

  /** −10.5 °C by table 7-2: 7.8125 m°C a bit. */
  measure(): void {
    this.#words.set(0x00, 0x10000 - 1344);
  }

  write(bytes: Uint8Array): void {
    this.#at = bytes[0] as number;
    if (bytes.length < 3) return;
    const word = ((bytes[1] as number) << 8) | (bytes[2] as number);
    if (this.#at === 0x01 && (word & 2) !== 0) this.powerOn();
    else this.#words.set(this.#at, word);
  }

  read(into: Uint8Array): void {
    const word = this.#words.get(this.#at) ?? 0;
    into.set([word >> 8, word & 0xff].slice(0, into.length));
  }
}

/** Data sheet LIS3DH §8. */
export class FakeLis3dh extends Registers {
  constructor() {
    super();
    this.set(0x0f, 0x33);
    this.powerOn();
  }

  powerOn(): void {
    this.set(0x20, 0x07);
    this.set(0x27, 0);
    this.setBytes(0x28, 0, 0, 0, 0, 0, 0);
  }

  /** 1 g downwards, a little to the left, at ±4 g with 12 bits. */
  measure(): void {
    if (this.get(0x20) >> 4 === 0) return;
    this.set(0x27, 0x0f);
    for (const [i, value] of [-512, 0, 8192].entries()) this.setBytes(0x28 + 2 * i, value & 0xff, (value >> 8) & 0xff);
  }

  /** The highest bit of the register asks for several in a row. */
  override write(bytes: Uint8Array): void {
    super.write(bytes.map((byte, i) => (i === 0 ? byte & 0x7f : byte)));
  }
}

function bits20(value: number): [number, number, number] {
  return [value >> 12, (value >> 4) & 0xff, (value & 0x0f) << 4];
}
