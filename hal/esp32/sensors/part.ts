// SPDX-License-Identifier: Apache-2.0

import type { Actuator } from '../../hal.ts';

/*
 * What can be connected to a board, as data: an app declares parts, the HAL opens and guards them. Nothing here touches
 * the hardware, so that declarations may lie in flash.
 */

/** A driver in the shape of ECMA-419 §13: those of the SDK, and an author's own. */
export interface Driver {
  sample(): unknown;
  close?(): void;
}

/** Opened by a driver; closed by the guard when the driver has failed to. */
export interface Io {
  close(): void;
}

/** A class of ECMA-419's `embedded:io/*`, with the options that each of them has. */
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
  /** Returns how many bytes there were; undefined: none. */
  read(into: Uint8Array): number | undefined;
}

export interface DigitalClass extends IoClass<DigitalIo> {
  readonly Input: number;
  readonly InputPullUp: number;
  readonly InputPullDown: number;
  readonly Output: number;
}

/** What a board has to connect parts to. */
export interface Connectors {
  readonly I2C: IoClass<I2cIo>;
  readonly SMBus: IoClass<SmbusIo>;
  readonly Analog: IoClass<AnalogIo>;
  readonly Digital: DigitalClass;
  readonly PWM: IoClass<PwmIo>;
  readonly Serial: IoClass<SerialIo>;
  /** Pins of the I²C bus that the board names, or that the key `i2c` does. */
  readonly bus: { readonly data: number; readonly clock: number } | undefined;
}

/** One value of a sample, and what it must be to be believed. */
export interface ValueRule {
  /** Where the driver has it: `humidity`, or `hygrometer.humidity`. */
  readonly from: string;
  /** The value in SI units is that of the driver × `times` + `plus`. */
  readonly times?: number;
  readonly plus?: number;
  /** What the part can measure, in SI units; a value beyond it is none. */
  readonly least: number;
  readonly most: number;
}

/** A sensor that can be connected. */
export interface SensorPart {
  /** For a person, for example `SHT3x`. */
  readonly part: string;
  /** Names under which an app may look for it besides its own, for example `thermometer`. */
  readonly kinds?: readonly string[];
  /** Of a sample, by name. */
  readonly values: Readonly<Record<string, ValueRule>>;
  /** @throws whatever the driver throws when the part is not there */
  open(connectors: Connectors): Driver;
}

/** An output that can be connected. */
export interface ActuatorPart {
  readonly part: string;
  /** @throws whatever the driver throws when the pin cannot be had */
  open(connectors: Connectors): Actuator;
}
