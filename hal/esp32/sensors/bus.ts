// SPDX-License-Identifier: Apache-2.0

import type { Connectors, Driver, I2cIo, Io, IoClass, SensorPart, SmbusIo } from './part.ts';

/** What the SDK's drivers are: ECMA-419 §13, on an `io` that they open themselves. */
export type DriverClass = new (options: {
  readonly sensor: Readonly<Record<string, unknown>>;
  onError(error: unknown): void;
}) => Driver;

interface Ios {
  readonly I2C: I2cIo;
  readonly SMBus: SmbusIo;
}

export interface I2cSensorOptions<Name extends keyof Ios> {
  /** For a person, for example `SHT3x`. */
  readonly part: string;
  readonly driver: DriverClass;
  /** Which of the two the driver opens. */
  readonly io: Name;
  /** Default: that of the driver. */
  readonly address?: number | undefined;
  /** Pins of a bus other than that of the board. */
  readonly data?: number | undefined;
  readonly clock?: number | undefined;
  readonly kinds?: readonly string[];
  readonly values: SensorPart['values'];
  /**
   * Called once it is open; what it returns looks, before each sample, whether the part is still what the driver has set
   * up: one that was without power answers as before, and its numbers look like any others. False: it has no new values
   * now; an Error: it has to be set up anew.
   */
  watch?(io: Ios[Name]): () => boolean;
}

/** A sensor on I²C, over a driver of the SDK or one of an author's own. */
export function i2cSensor<Name extends keyof Ios>(options: I2cSensorOptions<Name>): SensorPart {
  const { part, kinds = [], values, address } = options;
  const name = address === undefined ? part : `${part} at 0x${address.toString(16)}`;
  return { part: name, kinds, values, open: (connectors) => new I2cDriver(connectors, options) };
}

/** The driver together with the `io` it has opened, which it leaves open when it fails. */
class I2cDriver<Name extends keyof Ios> implements Driver {
  #isReady: (() => boolean) | undefined;
  #io: Ios[Name] | undefined;
  #driver: Driver | undefined;
  #reported: unknown;

  constructor(connectors: Connectors, { driver, io, address, data, clock, watch }: I2cSensorOptions<Name>) {
    const bus = data === undefined || clock === undefined ? connectors.bus : { data, clock };
    if (bus === undefined) throw new Error('the board names no pins of I²C; the key i2c does');
    const Class = connectors[io] as unknown as IoClass<Ios[Name]>;
    const hold = (opened: Ios[Name]) => {
      this.#io = opened;
      return opened;
    };
    // biome-ignore lint/complexity/useArrowFunction: it is called by `new`, and gives the driver what it wants to have
    const Held = function (options: Readonly<Record<string, unknown>>) {
      return hold(new Class(options));
    } as unknown as IoClass;
    const place = address === undefined ? bus : { ...bus, address };
    const onError = (error: unknown) => {
      this.#reported ??= error;
    };
    try {
      this.#driver = new driver({ sensor: { ...place, io: Held }, onError });
      this.#heed();
      if (this.#io !== undefined) this.#isReady = watch?.(this.#io);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  sample(): unknown {
    if (this.#isReady?.() === false) return undefined;
    const sample = this.#driver?.sample();
    this.#heed();
    return sample;
  }

  close(): void {
    const io: Io | undefined = this.#io;
    const driver = this.#driver;
    this.#io = undefined;
    this.#driver = undefined;
    quietly(() => driver?.close?.());
    // Drivers want to say something to the part first, and keep the address for ever when it does not listen.
    quietly(() => io?.close());
  }

  /** Some drivers tell of a failure and go on. */
  #heed(): void {
    const reported = this.#reported;
    this.#reported = undefined;
    if (reported !== undefined) throw reported instanceof Error ? reported : new Error(String(reported));
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // It is given up anyway.
  }
}
