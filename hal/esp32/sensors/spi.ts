// SPDX-License-Identifier: Apache-2.0
/** The module `fractus/spi`: parts on SPI. Only projects that import it carry it. */

import type { Driver, SensorPart } from './part.ts';

export interface SpiIo {
  /** Fills all of `into`. */
  read(into: Uint8Array): unknown;
  /** Present in the SDK's code, but not in its types. */
  close?(): void;
}

/** The members of the class `embedded:io/spi` (ECMA-419 §10.7) that a part uses. */
export type SpiClass = new (options: {
  clock: number;
  in: number;
  select: number;
  active: 0;
  mode: number;
  hz: number;
  port?: number;
}) => SpiIo;

export interface ThermocoupleOptions {
  /** The class `embedded:io/spi`, which the project imports with the SDK's manifest `modules/io/spi/manifest.json`. */
  readonly io: SpiClass;
  readonly clock: number;
  readonly in: number;
  readonly select: number;
  /** Default 1,000,000; the part allows five times as much. */
  readonly hz?: number;
  /** SPI controller of the chip; default: the SDK's choice. */
  readonly port?: number;
  /** Range of the thermocouple in °C; default -200 to 1350: type K. */
  readonly least?: number;
  readonly most?: number;
}

/** Bits of the part's answer (data sheet of the MAX31855, table 2). */
const FAULT = 0x10000;
const FAULTS = [
  [1, 'its wires are open'],
  [2, 'its wires touch ground'],
  [4, 'its wires touch the supply'],
] as const;

/** A thermocouple on a MAX31855: `temperature` of its tip and `junction`, the temperature of the part itself, in °C. */
export function thermocouple({ least = -200, most = 1350, ...options }: ThermocoupleOptions): SensorPart {
  return {
    part: `MAX31855 selected by pin ${options.select}`,
    kinds: ['thermocouple'],
    values: {
      temperature: { from: 'temperature', least, most },
      junction: { from: 'junction', least: -55, most: 125 },
    },
    open: () => new Max31855(options),
  };
}

class Max31855 implements Driver {
  readonly #io: SpiIo;
  readonly #bytes = new Uint8Array(4);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #reading = { temperature: 0, junction: 0 };

  constructor({ io, clock, select, hz = 1_000_000, port, in: input }: ThermocoupleOptions) {
    const pins = { clock, in: input, select, active: 0, mode: 0, hz } as const;
    this.#io = new io(port === undefined ? pins : { ...pins, port });
  }

  sample(): unknown {
    this.#io.read(this.#bytes);
    const bits = this.#view.getInt32(0);
    // A line that no part drives stays high or low. The part always sends bits 3 and 17 as 0.
    if (bits === 0 || (bits & 0x20008) !== 0) throw new Error('it does not answer');
    if ((bits & FAULT) !== 0) {
      for (const [bit, what] of FAULTS) if ((bits & bit) !== 0) throw new Error(what);
      throw new Error('it reports an unknown fault');
    }
    const reading = this.#reading;
    reading.temperature = (bits >> 18) / 4;
    reading.junction = ((bits << 16) >> 20) / 16;
    return reading;
  }

  close(): void {
    this.#io.close?.();
  }
}
