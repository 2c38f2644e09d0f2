// SPDX-License-Identifier: Apache-2.0

import type { Actuator, FirmwareSlots, ResetCause, Sensor, Sleep, Watchdog } from '../hal.ts';
import type { Connectors } from './sensors/part.ts';

/**
 * The functions that differ between boards and the stand-ins on Linux: the module `fractus/platform`, one per platform
 * of the manifest. Nothing native is created before one of them is called, so that XS can preload the module into
 * flash.
 */
export interface Platform {
  /** For example `ESP32-S3` and `0.2`. */
  readChip(): { readonly model: string; readonly revision: string };
  /** Twelve lower-case hex digits. */
  readMac(): string;
  /** The chip's own cause: the chip cannot tell `restart` from an engine that has aborted. */
  readResetCause(): ResetCause;
  freeBytes(): number | undefined;
  largestFreeBlockBytes(): number | undefined;
  /** Fills `into` with bytes fit for keys. */
  fillRandom(into: ArrayBuffer): void;
  /** One line, without its end. */
  print(line: string): void;
  /** Writes to the console, unchanged. */
  write(what: string | Uint8Array): void;
  /** Calls `onBytes` with the bytes that are typed at the console from now on. */
  listen(onBytes: (bytes: Uint8Array) => void): void;
  /** Does not return on a board. */
  restart(): void;
  /** The DNS servers of the network; empty when they are not known. */
  nameServers(): readonly NameServer[];
  /** Finds one address. May take long, and caches answers for an unknown time. */
  resolve(host: string, onResolved: (host: string, address: string | undefined) => void): void;
  /** Raw flash for the agent alone; undefined where there is none. */
  openFlash(): RawFlash | undefined;
  /** The partition from which XS maps an archive of modules; undefined where there is none. */
  openModules(): PartitionIo | undefined;
  /** @throws Error when there is no storage. */
  openValues(space: string): KeyValues;
  /** @param raw the configuration, with the keys of the link in it */
  createLink(raw: Readonly<Record<string, unknown>>): Link;
  /**
   * The services that this machine has.
   * @param expectRestart called with true before a requested restart, and with false when the restart failed
   */
  createServices(expectRestart: (isExpected: boolean) => void): Services;
  /** A function that switches the light of the key `led` in `raw`, or of the board; undefined when there is none. */
  createLight(raw: Readonly<Record<string, unknown>>): ((on: boolean) => void) | undefined;
  /** The connectors of sensors and actuators; undefined: none. The key `i2c` in `raw` can set the pins of I²C. */
  connectors(raw: Readonly<Record<string, unknown>>): Connectors | undefined;
  /** The built-in sensors of the machine. */
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
  /** Approximate number of bytes left. */
  freeBytes(): number;
}

/** Raw NOR flash. All calls throw when the flash refuses. */
export interface RawFlash {
  readonly sectorBytes: number;
  readonly sectors: number;
  /** Fills all of `into`. */
  read(into: Uint8Array, at: number): void;
  /** Writes all of `bytes`; only clears bits. */
  write(bytes: Uint8Array, at: number): void;
  erase(sector: number): void;
}

/** A partition, in the shape of the SDK's `embedded:storage/flash`. All calls throw when the flash refuses. */
export interface PartitionIo {
  status(): { readonly size: number; readonly blockLength: number };
  eraseBlock(from: number, to?: number): void;
  read(byteLength: number, position: number): ArrayBuffer;
  write(bytes: Uint8Array, position: number): void;
}

/** A DNS server. */
export interface NameServer {
  /** IPv4 */
  readonly address: string;
  readonly port: number;
}

/** The link that carries the network: Wi-Fi on a board. */
export interface Link {
  readonly up: boolean;
  readonly address: string | undefined;
  readonly signalDbm: number | undefined;
  /** Starts the link. `onChange` is called after each change of `up`, in an event of its own. */
  start(onChange: () => void): void;
  /** Takes the link down and up again. */
  reset(): void;
  /** Ends the link. No callback follows. */
  close(): void;
}
