// SPDX-License-Identifier: Apache-2.0
/** Parts on SPI: the module `fractus/spi`. It is part of the projects that import it, and of no other image. */

import type { Driver, SensorPart } from './part.ts';

export interface SpiIo {
  /** Fills it. */
  read(into: Uint8Array): unknown;
  /** The SDK has it, and its types have not. */
  close?(): void;
}

/** The class `embedded:io/spi` (ECMA-419 §10.7), as far as a part needs it. */
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
  /** The project imports it, with the SDK's manifest `modules/io/spi/manifest.json`. */
  readonly io: SpiClass;
  readonly clock: number;
  readonly in: number;
  readonly select: number;
  /** Default 1,000,000; the part takes five times that. */
  readonly hz?: number;
  /** Which controller of the chip; default: the one that the SDK takes by itself. */
  readonly port?: number;
  /** What its wires can measure, in °C; default -200 to 1350: type K. */
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

/** A thermocouple at a MAX31855: `temperature` at its tip and `junction`, that of the part itself, in °C. */
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
    // Nobody drives the line: it stays up or down. The part leaves bits 3 and 17 zero.
    if (bits === 0 || (bits & 0x20008) !== 0) throw new Error('it does not answer');
    if ((bits & FAULT) !== 0) {
      for (const [bit, what] of FAULTS) if ((bits & bit) !== 0) throw new Error(what);
      throw new Error('it has a fault that it does not name');
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
