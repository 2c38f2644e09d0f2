// SPDX-License-Identifier: Apache-2.0

import type { Actuator, FirmwareSlots, ResetCause, Sensor, Sleep, Watchdog } from '../hal.ts';
import type { PartitionIo } from './mods/archive.ts';
import type { NameServer } from './network/dns-lookup.ts';
import type { Connectors } from './sensors/part.ts';

/**
 * What differs between the boards and the stand-ins on Linux: the module `fractus/platform`, one per platform of the
 * manifest. Nothing native happens before one of these is called, so that it can lie in flash.
 */
export interface Platform {
  /** For example `ESP32-S3` and `0.2`. */
  readChip(): { readonly model: string; readonly revision: string };
  /** Twelve lower-case hex digits. */
  readMac(): string;
  /** As the chip says: it knows of no difference between `restart` and an engine that has aborted. */
  readResetCause(): ResetCause;
  freeBytes(): number | undefined;
  largestFreeBlockBytes(): number | undefined;
  /** Fills `into` with bytes fit for keys. */
  fillRandom(into: ArrayBuffer): void;
  /** One line, without its end. */
  print(line: string): void;
  /** As it is, to whoever sits at the console. */
  write(what: string | Uint8Array): void;
  /** From now on, `onBytes` is called with what is typed at the console. */
  listen(onBytes: (bytes: Uint8Array) => void): void;
  /** Does not return on a board. */
  restart(): void;
  /** The DNS servers of the network; empty: they are not known. */
  nameServers(): readonly NameServer[];
  /** Gives one address. Takes its time, and keeps answers as long as it likes. */
  resolve(host: string, onResolved: (host: string, address: string | undefined) => void): void;
  /** Raw flash for the agent alone; undefined where there is none. */
  openFlash(): RawFlash | undefined;
  /** The place that XS maps an archive of modules from; undefined where there is none. */
  openModules(): PartitionIo | undefined;
  /** @throws Error when there is no storage. */
  openValues(space: string): KeyValues;
  /** @param raw the configuration, with the keys of the link in it */
  createLink(raw: Readonly<Record<string, unknown>>): Link;
  /**
   * What this machine has of it.
   * @param expectRestart to be called before the machine restarts as it was told to, and when it does not after all
   */
  createServices(expectRestart: (isExpected: boolean) => void): Services;
  /** Switches the light that the key `led` in `raw` names, or the board; undefined: there is none. */
  createLight(raw: Readonly<Record<string, unknown>>): ((on: boolean) => void) | undefined;
  /** Where parts are connected; undefined: nowhere. The pins of I²C may be those of the key `i2c` in `raw`. */
  connectors(raw: Readonly<Record<string, unknown>>): Connectors | undefined;
  /** Sensors of the machine itself. */
  createSensors(): Readonly<Record<string, Sensor>>;
  createActuators(): Readonly<Record<string, Actuator>>;
}

export interface Services {
  readonly firmware?: FirmwareSlots | undefined;
  readonly sleep?: Sleep | undefined;
  readonly watchdog?: Watchdog | undefined;
}

/** Named values on flash; replacing one is all-or-nothing. All but `freeBytes` throw when the flash refuses. */
export interface KeyValues {
  read(name: string): ArrayBuffer | undefined;
  write(name: string, value: Uint8Array): void;
  delete(name: string): void;
  names(): string[];
  /** Bytes left, about. */
  freeBytes(): number;
}

/** Raw NOR flash. All calls throw when it refuses. */
export interface RawFlash {
  readonly sectorBytes: number;
  readonly sectors: number;
  /** Fills all of `into`. */
  read(into: Uint8Array, at: number): void;
  /** Writes all of `bytes`: clears bits. */
  write(bytes: Uint8Array, at: number): void;
  erase(sector: number): void;
}

/** What carries the network: Wi-Fi on a board. */
export interface Link {
  readonly up: boolean;
  readonly address: string | undefined;
  readonly signalDbm: number | undefined;
  /** From now on, `onChange` is told each time `up` has changed, in an event of its own. */
  start(onChange: () => void): void;
  /** Takes it down and up again. */
  reset(): void;
  /** Gives it up: nothing is called any more. */
  close(): void;
}
