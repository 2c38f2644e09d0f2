// SPDX-License-Identifier: Apache-2.0

import type { Actuator } from '../../hal.ts';

/*
 * Parts that can be connected to a board, as data: an app declares parts, the HAL opens and guards them. Nothing here
 * touches the hardware, so that declarations can lie in flash.
 */

/** A driver in the shape of ECMA-419 §13, of the SDK or of the author. */
export interface Driver {
  sample(): unknown;
  close?(): void;
}

/** A connection that a driver opens. Its guard closes it when the driver does not. */
export interface Io {
  close(): void;
}

/** A class of ECMA-419's `embedded:io/*`; each has its own options. */
export type IoClass<Opened extends Io = Io> = new (options: Readonly<Record<string, unknown>>) => Opened;

export interface I2cIo extends Io {
  read(into: Uint8Array): unknown;
  write(bytes: Uint8Array): unknown;
}

export interface SmbusIo extends Io {
  readUint8(register: number): number;
  readUint16(register: number, bigEndian?: boolean): number;
}

export interface AnalogIo extends Io {
  readonly resolution: number;
  read(): number | undefined;
}

export interface DigitalIo extends Io {
  read(): number;
  write(value: number): void;
}

export interface PwmIo extends Io {
  readonly resolution: number;
  write(duty: number): void;
}

export interface SerialIo extends Io {
  /** Returns the number of bytes read; undefined: none. */
  read(into: Uint8Array): number | undefined;
}

export interface DigitalClass extends IoClass<DigitalIo> {
  readonly Input: number;
  readonly InputPullUp: number;
  readonly InputPullDown: number;
  readonly Output: number;
}

/** The classes and pins that a board offers for parts. */
export interface Connectors {
  readonly I2C: IoClass<I2cIo>;
  readonly SMBus: IoClass<SmbusIo>;
  readonly Analog: IoClass<AnalogIo>;
  readonly Digital: DigitalClass;
  readonly PWM: IoClass<PwmIo>;
  readonly Serial: IoClass<SerialIo>;
  /** Pins of the I²C bus, from the board or from the key `i2c`. */
  readonly bus: { readonly data: number; readonly clock: number } | undefined;
}

/** The source of one value of a sample, and its plausible range. */
export interface ValueRule {
  /** Path of the value in the driver's sample: `humidity`, or `hygrometer.humidity`. */
  readonly from: string;
  /** The value in SI units is the driver's value × `times` + `plus`. */
  readonly times?: number;
  readonly plus?: number;
  /** Range of the part, in SI units; a value outside it is left out. */
  readonly least: number;
  readonly most: number;
}

/** A sensor that can be connected. */
export interface SensorPart {
  /** The name of the part for a person, for example `SHT3x`. */
  readonly part: string;
  /** Further names under which an app may find it, for example `thermometer`. */
  readonly kinds?: readonly string[];
  /** The values of a sample, by name. */
  readonly values: Readonly<Record<string, ValueRule>>;
  /** @throws the driver's error when the part does not answer */
  open(connectors: Connectors): Driver;
}

/** An output that can be connected. */
export interface ActuatorPart {
  readonly part: string;
  /** @throws the driver's error when the pin is not available */
  open(connectors: Connectors): Actuator;
}
