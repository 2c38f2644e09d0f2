// SPDX-License-Identifier: Apache-2.0

import type { Connectors, Driver, I2cIo, Io, IoClass, SensorPart, SmbusIo } from './part.ts';

/** A driver class of the SDK: ECMA-419 §13. The driver opens its `io` itself. */
export type DriverClass = new (options: {
  readonly sensor: Readonly<Record<string, unknown>>;
  onError(error: unknown): void;
}) => Driver;

interface Ios {
  readonly I2C: I2cIo;
  readonly SMBus: SmbusIo;
}

export interface I2cSensorOptions<Name extends keyof Ios> {
  /** The name of the part for a person, for example `SHT3x`. */
  readonly part: string;
  readonly driver: DriverClass;
  /** The class that the driver opens. */
  readonly io: Name;
  /** Default: the address of the driver. */
  readonly address?: number | undefined;
  /** Pins of another bus than that of the board. */
  readonly data?: number | undefined;
  readonly clock?: number | undefined;
  readonly kinds?: readonly string[];
  readonly values: SensorPart['values'];
  /**
   * Called once the part is open. The returned function runs before each sample and checks that the part still has the
   * driver's settings: a part that was without power still answers, with wrong numbers that look like any others.
   * False: no new values now. An Error: the part must be set up again.
   */
  watch?(io: Ios[Name]): () => boolean;
}

/** A sensor on I²C, with a driver of the SDK or of the author. */
export function i2cSensor<Name extends keyof Ios>(options: I2cSensorOptions<Name>): SensorPart {
  const { part, kinds = [], values, address } = options;
  const name = address === undefined ? part : `${part} at 0x${address.toString(16)}`;
  return { part: name, kinds, values, open: (connectors) => new I2cDriver(connectors, options) };
}

/** A driver with the `io` that it has opened. A driver that fails leaves its `io` open, so this class closes it. */
class I2cDriver<Name extends keyof Ios> implements Driver {
  #isReady: (() => boolean) | undefined;
  #io: Ios[Name] | undefined;
  #driver: Driver | undefined;
  #reported: unknown;

  constructor(connectors: Connectors, { driver, io, address, data, clock, watch }: I2cSensorOptions<Name>) {
    const bus = data === undefined || clock === undefined ? connectors.bus : { data, clock };
    if (bus === undefined) throw new Error('the board names no I²C pins: set the key i2c');
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
    // A driver first writes to the part, and leaves the address taken when the part does not answer.
    quietly(() => io?.close());
  }

  /** Throws the error that the driver has reported: some drivers report a failure and continue. */
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
    // The part is closed anyway.
  }
}
