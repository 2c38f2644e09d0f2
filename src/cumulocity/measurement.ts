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
/** Limit for all pieces of a template together. */
const MAX_BYTES = 16_384;

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
  readonly #head: Uint8Array;
  readonly #openings: readonly Uint8Array[];
  readonly #series: readonly Uint8Array[];
  readonly #tails: readonly Uint8Array[];
  readonly #decimals: readonly number[];

  /** Use `measurement()`. */
  constructor(definition: MeasurementDefinition<Names>) {
    checkName('measurement type', definition.type);
    this.type = definition.type;
    this.#head = written((to) => {
      to.text('{"type":');
      writeString(to, definition.type);
    });
    const of: Names[] = [];
    const openings: Uint8Array[] = [];
    const series: Uint8Array[] = [];
    const tails: Uint8Array[] = [];
    const decimals: number[] = [];
    for (const fragment of Object.keys(definition.fragments)) {
      checkName('fragment', fragment);
      const members = definition.fragments[fragment] ?? {};
      const opening = written((to) => {
        to.text(',');
        writeString(to, fragment);
        to.text(':{');
      });
      for (const name of Object.keys(members)) {
        checkName('series', name);
        const each = members[name] as SeriesDefinition<Names>;
        const digits = each.decimals ?? 2;
        if (!(Number.isInteger(digits) && digits >= 0 && digits <= 6)) {
          throw new RangeError(`series ${name}: decimals ${digits} is not allowed; allowed: 0 to 6`);
        }
        of.push(each.of);
        openings.push(opening);
        decimals.push(digits);
        series.push(
          written((to) => {
            writeString(to, name);
            to.text(':{"value":');
          }),
        );
        tails.push(
          written((to) => {
            if (each.unit !== undefined) {
              to.text(',"unit":');
              writeString(to, each.unit);
            }
            to.text('}');
          }),
        );
      }
    }
    if (of.length < 1 || of.length > MAX_SERIES) {
      throw new RangeError(`measurement ${definition.type}: ${of.length} series; allowed: 1 to ${MAX_SERIES}`);
    }
    this.of = of;
    this.#openings = openings;
    this.#series = series;
    this.#tails = tails;
    this.#decimals = decimals;
    this.key = this.hash();
    // Frozen, because an object in flash that can change takes RAM.
    for (const each of [of, openings, series, tails, decimals, this]) Object.freeze(each);
  }

  private hash(): number {
    const all = written((to) => {
      to.put(this.#head);
      for (let i = 0; i < this.of.length; i++) {
        to.text(this.of[i] ?? '').byte(0);
        to.put(this.#openings[i] ?? this.#head).put(this.#series[i] ?? this.#head);
        to.put(this.#tails[i] ?? this.#head).byte(this.#decimals[i] ?? 0);
      }
    });
    return fnv1a(all, 0, all.length);
  }

  /** Writes the measurement without its time and source, which follow. Values that are NaN are left out. */
  write(to: ByteWriter, view: DataView, valuesAt: number): void {
    to.put(this.#head);
    let open: Uint8Array | undefined;
    for (let i = 0; i < this.#series.length; i++) {
      const value = view.getFloat64(valuesAt + 8 * i, true);
      const opening = this.#openings[i];
      const series = this.#series[i];
      const tail = this.#tails[i];
      if (Number.isNaN(value) || opening === undefined || series === undefined || tail === undefined) continue;
      if (opening === open) {
        to.byte(0x2c);
      } else {
        if (open !== undefined) to.byte(0x7d);
        to.put(opening);
        open = opening;
      }
      to.put(series)
        .fixed(value, this.#decimals[i] ?? 0)
        .put(tail);
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

function written(write: (to: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(64, MAX_BYTES);
  write(writer);
  return writer.bytes.slice(0, writer.end);
}
