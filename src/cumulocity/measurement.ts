// SPDX-License-Identifier: Apache-2.0

import { fnv1a } from '../bytes/hash.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { writeString } from '../json/write.ts';
import { checkName } from './names.ts';

/** One series of a measurement, such as the temperature in `c8y_TemperatureMeasurement.T`. */
export interface SeriesDefinition<Names extends string = string> {
  /** The name of the value in the sensor's sample. */
  readonly of: Names;
  readonly unit?: string;
  /** Digits after the decimal point, 0 to 6; default 2. */
  readonly decimals?: number;
}

/** A measurement that a sensor reports: its type and its series. */
export interface MeasurementDefinition<Names extends string = string> {
  readonly type: string;
  /** Series by fragment and name. */
  readonly fragments: Readonly<Record<string, Readonly<Record<string, SeriesDefinition<Names>>>>>;
}

const MAX_SERIES = 16;
/** Limit for all pieces of a template together, and for what its key is made of. */
const MAX_BYTES = 65_536;
const KEY_MAX_BYTES = 16_384;

/**
 * A measurement whose constant parts are already written. Made at module level it lies in flash, and a report is a few
 * native copies and the digits.
 */
export class MeasurementTemplate<Names extends string = string> {
  readonly type: string;
  /** Names of the values in the sensor's sample, one for each series. */
  readonly of: readonly Names[];
  /** Identifies the template on flash: it stays the same while the same values are written in the same way. */
  readonly key: number;
  /** The head; then the opening of the fragment, what precedes the value, and what follows it, for each series. */
  readonly #pieces: readonly Uint8Array[];
  readonly #decimals: readonly number[];

  /** Use `measurement()`. */
  constructor(definition: MeasurementDefinition<Names>) {
    checkName('measurement type', definition.type);
    this.type = definition.type;
    const of: Names[] = [];
    const decimals: number[] = [];
    const to = new ByteWriter(256, MAX_BYTES);
    to.text('{"type":');
    writeString(to, definition.type);
    const headEnd = to.end;
    const marks: number[] = [];
    for (const fragment of Object.keys(definition.fragments)) {
      checkName('fragment', fragment);
      const members = definition.fragments[fragment] ?? {};
      const opening = to.end;
      to.text(',');
      writeString(to, fragment);
      to.text(':{');
      const opened = to.end;
      for (const name of Object.keys(members)) {
        checkName('series', name);
        const each = members[name] as SeriesDefinition<Names>;
        const digits = each.decimals ?? 2;
        if (!(Number.isInteger(digits) && digits >= 0 && digits <= 6)) {
          throw new RangeError(`series ${name}: decimals ${digits} is not allowed; allowed: 0 to 6`);
        }
        of.push(each.of);
        decimals.push(digits);
        marks.push(opening, opened, to.end);
        writeString(to, name);
        to.text(':{"value":');
        marks.push(to.end);
        if (each.unit !== undefined) {
          to.text(',"unit":');
          writeString(to, each.unit);
        }
        to.text('}');
        marks.push(to.end);
      }
    }
    if (of.length < 1 || of.length > MAX_SERIES) {
      throw new RangeError(`measurement ${definition.type}: ${of.length} series; allowed: 1 to ${MAX_SERIES}`);
    }
    if (to.overflowed) throw new RangeError(`measurement ${definition.type}: it has more than ${MAX_BYTES} bytes`);
    const bytes = to.bytes.slice(0, to.end);
    const pieces = [bytes.subarray(0, headEnd)];
    for (let i = 0; i < marks.length; i += 5) {
      const [opening = 0, opened = 0, name = 0, value = 0, end = 0] = marks.slice(i);
      // Series of one fragment have the same opening: `write` compares them.
      const isFirst = opening !== marks[i - 5];
      pieces.push(isFirst ? bytes.subarray(opening, opened) : (pieces.at(-3) ?? bytes));
      pieces.push(bytes.subarray(name, value), bytes.subarray(value, end));
    }
    this.of = of;
    this.#pieces = pieces;
    this.#decimals = decimals;
    this.key = this.hash();
    // Frozen, because an object in flash that can change takes RAM.
    for (const each of [of, pieces, decimals, this]) Object.freeze(each);
  }

  private hash(): number {
    const all = new ByteWriter(256, KEY_MAX_BYTES);
    all.put(this.#pieces[0] as Uint8Array);
    for (let i = 0; i < this.of.length; i++) {
      all.text(this.of[i] ?? '').byte(0);
      for (let piece = 3 * i + 1; piece <= 3 * i + 3; piece++) all.put(this.#pieces[piece] as Uint8Array);
      all.byte(this.#decimals[i] ?? 0);
    }
    return fnv1a(all.bytes, 0, all.end);
  }

  /** Writes the measurement without its time and source, which follow. Values that are NaN are left out. */
  write(to: ByteWriter, view: DataView, valuesAt: number): void {
    const pieces = this.#pieces;
    const decimals = this.#decimals;
    to.put(pieces[0] as Uint8Array);
    let open: Uint8Array | undefined;
    for (let i = 0; i < decimals.length; i++) {
      const value = view.getFloat64(valuesAt + 8 * i, true);
      if (Number.isNaN(value)) continue;
      const opening = pieces[3 * i + 1] as Uint8Array;
      if (opening === open) {
        to.byte(0x2c);
      } else {
        if (open !== undefined) to.byte(0x7d);
        to.put(opening);
        open = opening;
      }
      to.put(pieces[3 * i + 2] as Uint8Array)
        .fixed(value, decimals[i] as number)
        .put(pieces[3 * i + 3] as Uint8Array);
    }
    if (open !== undefined) to.byte(0x7d);
  }
}

/**
 * Describes a measurement that a sensor reports.
 * @throws RangeError when a name or a number of digits is not allowed
 */
export function measurement<const Names extends string>(
  definition: MeasurementDefinition<Names>,
): MeasurementTemplate<Names> {
  return new MeasurementTemplate(definition);
}
