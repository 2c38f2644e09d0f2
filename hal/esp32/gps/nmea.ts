// SPDX-License-Identifier: Apache-2.0

/*
 * NMEA 0183: `$`, talker, kind, fields with commas between them, `*`, two hex digits, CR LF. A sentence has 82 bytes at
 * most; some receivers exceed it a little.
 */

const LONGEST = 120;
const MOST_FIELDS = 24;
/** Digits and a point; no receiver sends longer numbers. */
const MOST_DIGITS = 12;
const KNOT = 1852 / 3600;

const DOLLAR = 0x24;
const STAR = 0x2a;
const COMMA = 0x2c;
const GGA = 0x474741;
const RMC = 0x524d43;

/**
 * Reads the sentences of a receiver of any constellation: positions from GGA and RMC. Allocates only in the
 * constructor.
 */
export class Nmea {
  /** Degrees, metres, m/s; NaN: not received since `forget`. */
  latitude = NaN;
  longitude = NaN;
  altitude = NaN;
  speed = NaN;
  satellites = NaN;
  /** 1: the receiver knows its position. 0: it does not. NaN: nothing received. */
  fix = NaN;
  readonly #line = new Uint8Array(LONGEST);
  /** Bytes of the sentence so far, without its `$`; -1: between sentences. */
  #end = -1;
  /** The start of each field, and the end of the last one. */
  readonly #fields = new Uint8Array(MOST_FIELDS + 1);

  /** Takes the next bytes of the line, in pieces of any size. Never throws. */
  feed(bytes: Uint8Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const byte = bytes[i] as number;
      if (byte === DOLLAR) this.#end = 0;
      else if (this.#end >= 0) this.#add(byte);
    }
  }

  /** Sets all values to NaN. */
  forget(): void {
    this.latitude = this.longitude = this.altitude = this.speed = this.satellites = this.fix = NaN;
  }

  #add(byte: number): void {
    if (byte === 0x0d || byte === 0x0a) {
      const end = this.#end;
      this.#end = -1;
      if (this.#isSound(end)) this.#read(end - 3);
    } else if (byte < 0x20 || byte > 0x7e || this.#end === LONGEST) {
      this.#end = -1;
    } else {
      this.#line[this.#end++] = byte;
    }
  }

  /** Whether the checksum is right; a sentence without one is ignored. */
  #isSound(end: number): boolean {
    const line = this.#line;
    if (end < 9 || line[end - 3] !== STAR) return false;
    let sum = 0;
    for (let i = 0; i < end - 3; i++) sum ^= line[i] as number;
    return sum === hex(line[end - 2] as number) * 16 + hex(line[end - 1] as number);
  }

  #read(end: number): void {
    const line = this.#line;
    if (line[5] !== COMMA) return;
    // Two letters for the talker, three for the kind.
    const kind = ((line[2] as number) << 16) | ((line[3] as number) << 8) | (line[4] as number);
    if (kind !== GGA && kind !== RMC) return;
    const count = this.#split(end);
    if (kind === GGA && count >= 11) this.#readGga();
    if (kind === RMC && count >= 10) this.#readRmc(count);
  }

  #readGga(): void {
    const quality = this.#number(6);
    // 6 and above: estimated, set by hand, simulated.
    if (this.#locate(quality >= 1 && quality <= 5, 2))
      this.altitude = this.#letter(10) === 0x4d ? this.#number(9) : NaN;
    this.satellites = this.#number(7);
  }

  #readRmc(count: number): void {
    // The mode, where N means no position, exists since version 2.3.
    const isValid = this.#letter(2) === 0x41 && !(count > 12 && this.#letter(12) === 0x4e);
    if (this.#locate(isValid, 3)) this.speed = this.#number(7) * KNOT;
  }

  /** Sets the position from the four fields that begin at `field`; true: they hold a valid position. */
  #locate(isValid: boolean, field: number): boolean {
    const latitude = this.#degrees(field, 0x4e, 0x53, 90);
    const longitude = this.#degrees(field + 2, 0x45, 0x57, 180);
    if (!isValid || Number.isNaN(latitude + longitude)) {
      this.latitude = this.longitude = this.altitude = this.speed = NaN;
      this.fix = 0;
      return false;
    }
    this.latitude = latitude;
    this.longitude = longitude;
    this.fix = 1;
    return true;
  }

  /** Degrees from `dddmm.mmmm` and the letter of the hemisphere in the next field; NaN: invalid. */
  #degrees(field: number, positive: number, negative: number, most: number): number {
    const value = this.#number(field);
    const half = this.#letter(field + 1);
    const whole = Math.floor(value / 100);
    const minutes = value - whole * 100;
    const degrees = whole + minutes / 60;
    if (!(minutes < 60 && degrees <= most)) return NaN;
    return half === positive ? degrees : half === negative ? -degrees : NaN;
  }

  /** @returns the number of fields, including the address; 0: too many */
  #split(end: number): number {
    const fields = this.#fields;
    let count = 0;
    fields[count++] = 0;
    for (let i = 0; i < end; i++) {
      if (this.#line[i] !== COMMA) continue;
      if (count === MOST_FIELDS) return 0;
      fields[count++] = i + 1;
    }
    fields[count] = end + 1;
    return count;
  }

  /** The only letter of a field; 0: the field is not a single letter. */
  #letter(field: number): number {
    const from = this.#fields[field] as number;
    return (this.#fields[field + 1] as number) - from === 2 ? (this.#line[from] as number) : 0;
  }

  /** The number in a field; NaN: there is none. */
  #number(field: number): number {
    let from = this.#fields[field] as number;
    const to = (this.#fields[field + 1] as number) - 1;
    const isNegative = this.#line[from] === 0x2d;
    if (isNegative) from++;
    if (from >= to || to - from > MOST_DIGITS) return NaN;
    let value = 0;
    let scale = 0;
    for (let i = from; i < to; i++) {
      const byte = this.#line[i] as number;
      if (byte === 0x2e && scale === 0) scale = 1;
      else if (byte < 0x30 || byte > 0x39) return NaN;
      else {
        value = value * 10 + byte - 0x30;
        scale *= 10;
      }
    }
    if (scale > 1) value /= scale;
    return isNegative ? -value : value;
  }
}

/** The value of a hex digit; NaN: the byte is none. */
function hex(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte & ~0x20;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : NaN;
}
