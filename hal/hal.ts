// SPDX-License-Identifier: Apache-2.0

import type { Network } from './network.ts';

export type {
  ByteStream,
  Network,
  NetworkAccess,
  NetworkErrorKind,
  StreamHandler,
  Target,
  TlsOptions,
  WifiNetwork,
} from './network.ts';

/**
 * The contract between the agent and a machine. A porter reads this file, and network.ts.
 *
 * Rules for everything below:
 * - Calls return at once on every HAL; work that takes time has a callback.
 * - Callbacks never run inside the call that causes them: the HAL delivers events one at a time.
 * - After `close()` or `stop()` of an object, none of its callbacks is called.
 * - A HAL call throws only for a programming error (RangeError, TypeError); a failure in the field is a return value
 *   or an `onError`.
 * - An exception of a callback ends this start: it is logged, no callback is called any more, and the machine restarts;
 *   the next start has the reset cause `panic`. After half an event the state of the program is undefined.
 * - Units are in names; times are milliseconds, byte ranges are `[from, to)`.
 * - Code that runs once per sample or per exchange allocates nothing on the JavaScript heap.
 */
export interface Hal {
  readonly board: Board;
  readonly clock: Clock;
  readonly network: Network;
  readonly store: Store;
  /** Flash where telemetry waits over power cuts; absent: in RAM only. */
  readonly flash?: Flash;
  /** The sensors of this board by name, for example `thermometer`. */
  readonly sensors: Readonly<Record<string, Sensor>>;
  /** The outputs of this board by name, for example `relay`. */
  readonly actuators: Readonly<Record<string, Actuator>>;
  /** A light for a person; absent where there is none. */
  readonly indicator?: Indicator;
  /** Restarts a machine whose agent hangs; absent where there is none. */
  readonly watchdog?: Watchdog;
  /** Replaces the firmware; absent: it cannot be replaced remotely. */
  readonly firmware?: FirmwareSlots;
  /** A slot for code besides the firmware; absent: there is none. */
  readonly modules?: ModuleSlot;
  /** Sleeps almost without power; absent where the machine cannot. */
  readonly sleep?: Sleep;

  /** A timer that calls `onTimeout` once after each `start`. */
  createTimer(onTimeout: () => void): Timer;
  /** A number in [0, 1) for jitter; never for keys. */
  random(): number;
  /** Fills `into` with bytes fit for keys and masks. */
  secureRandom(into: Uint8Array): void;
  /**
   * Whether the owner of `publicKey` has signed `message`: ECDSA on P-256 with SHA-256 (FIPS 186-5 §6.4), the signature
   * in DER (RFC 3279 §2.2.3), the key an uncompressed point (SEC 1 §2.3.3). False also for bytes that are not a
   * signature, or not a key. May take a second. Absent: this machine cannot verify.
   */
  verify?(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * Read-only bytes that came with the firmware or the command line (certificates); undefined for an unknown name.
   * Names that begin with `enrolled` are values of the store: keys and certificates that the device has obtained
   * itself.
   */
  resource(name: string): Uint8Array | undefined;
  /**
   * Logs one line for a person. It may contain any text: line ends and cursor movements are escaped. Never holds a
   * secret.
   */
  log(level: LogLevel, line: string): void;
  /**
   * Calls the listener for each line of the log from now on, within the call that logs it, also for lines of the HAL
   * itself and exceptions of callbacks. At most one listener; it does not throw.
   */
  onLog(listener: LogListener): void;
  /** Restarts the machine. Returns, but this HAL calls no callback afterwards. */
  restart(reason: string): void;
}

/** The level of a line of the log. */
export type LogLevel = 'info' | 'warn' | 'error';

/** `line` is as `log` shows it: escaped, and cut if it is too long. */
export type LogListener = (level: LogLevel, line: string) => void;

/** The board, and how it has started. Constant while it runs. */
export interface Board {
  /** For example `ESP32-S3`. */
  readonly model: string;
  readonly revision: string;
  /** Unique for this piece of hardware, and constant for its life. */
  readonly serialNumber: string;
  /** Twelve lower-case hex digits. */
  readonly mac: string;
  readonly firmware: Firmware;
  /**
   * Number of starts of this board, this one included; grows by at least one each time, also over power cuts. Resetting
   * everything begins it again.
   */
  readonly bootCount: number;
  /**
   * `software` only after `restart` or `rollBack`: an engine that has aborted, or an exception of a callback, is a
   * `panic`.
   */
  readonly resetCause: ResetCause;
  /** In bytes; undefined where the machine cannot tell. */
  freeBytes(): number | undefined;
  largestFreeBlockBytes(): number | undefined;
}

/** The running firmware. */
export interface Firmware {
  readonly name: string;
  readonly version: string;
  /** Epoch time of the build: an earlier clock is not believed. */
  readonly buildTimeMs: number;
}

/** Why the board has started. */
export type ResetCause = 'power-on' | 'software' | 'watchdog' | 'panic' | 'brownout' | 'deep-sleep' | 'unknown';

/** The clock of the board. */
export interface Clock {
  /** Milliseconds since a moment of this boot: never steps, never wraps. */
  ticks(): number;
  /** Epoch milliseconds; undefined until the time is known: set, or found by the HAL itself. */
  now(): number | undefined;
  /** Sets the time, which runs on from here. It comes from the platform, or the platform agrees with `now()`. */
  set(epochMs: number): void;
}

export interface Timer {
  /** Starts or restarts it: `onTimeout` is called once, after `delayMs` (0 to 2^53) or later. */
  start(delayMs: number): void;
  stop(): void;
}

/**
 * Small named values on flash. A `set` is all-or-nothing: after a power cut at any moment `get` returns the old
 * value or the new one. Limits are those of NVS, checked on every HAL: names of 1 to 15 characters out of
 * `A-Z a-z 0-9 _ -`, values of up to 4,000 bytes; anything else is a RangeError.
 */
export interface Store {
  /** A fresh copy; undefined: there is no such value. */
  get(name: string): Uint8Array | undefined;
  /** False when there is no room or the flash refuses: nothing has changed. */
  set(name: string, value: Uint8Array): boolean;
  /** True also when there was no value; false when the flash refuses. */
  delete(name: string): boolean;
  keys(): string[];
  /** Bytes left for values, approximately. */
  freeBytes(): number;
}

/**
 * A region of raw NOR flash for the agent alone, for example a data partition of an ESP32. Addresses are bytes from its
 * beginning; an address outside is a RangeError. Programmed and erased bytes survive a power cut at any later moment.
 * The agent programs units of 16 bytes, each once after an erase, so that the region may also be encrypted.
 */
export interface Flash {
  /** Bytes that one erase covers; a multiple of 16. */
  readonly sectorBytes: number;
  /** At least 4. */
  readonly sectors: number;
  /** Copies bytes from `at` on into `into`, from index `from` up to `to`. */
  read(at: number, into: Uint8Array, from: number, to: number): void;
  /**
   * Writes bytes `[from, to)` to `at`. Only clears bits: a bit that was 0 stays 0. A power cut leaves a prefix of them,
   * whose last byte may have any part of its bits. False when the flash refuses: the content is undefined then.
   */
  program(at: number, bytes: Uint8Array, from: number, to: number): boolean;
  /**
   * Sets all bits of a sector, counted from 0; after a power cut its content is undefined. False when the flash
   * refuses.
   */
  erase(sector: number): boolean;
}

/**
 * A sensor in the shape of ECMA-419: `sample()` returns values by name, in SI units (temperature in °C, humidity in %,
 * pressure in Pa). It may return the same object each time: copy the values at once. undefined: no values now.
 */
export interface Sensor<Names extends string = string> {
  sample(): Readonly<Record<Names, unknown>> | undefined;
}

/** An output in the shape of ECMA-419: a digital one takes 0 and 1, an analogue one 0 to 1. */
export interface Actuator {
  write(value: number): void;
}

/** Shows on one light what the agent is doing. */
export interface Indicator {
  show(state: 'offline' | 'waiting' | 'online' | 'busy' | 'fault'): void;
}

export interface Watchdog {
  /** The machine restarts unless `feed` is called at least every `periodMs`. */
  readonly periodMs: number;
  feed(): void;
}

/** Bytes on their way to flash, in order. A power cut before `complete` leaves everything as it was before. */
export interface Installation {
  /** Takes bytes `[from, to)`. False: the flash refuses, or there are more than announced; only `abort` may follow. */
  write(bytes: Uint8Array, from: number, to: number): boolean;
  /**
   * The bytes are complete: they take effect from the next start on. False: incomplete, or not for this board; aborted.
   */
  complete(): boolean;
  /** Gives it up. Callable at any time, more than once. */
  abort(): void;
}

/** Two slots for firmware: one runs, the other takes the next one, which runs on trial until it is confirmed. */
export interface FirmwareSlots {
  /** Longest firmware that can be installed. */
  readonly capacityBytes: number;
  /** The running firmware is not confirmed: after any restart the one before comes back. */
  readonly onTrial: boolean;
  /** The firmware installed last was given up, and the one before is back. */
  readonly rolledBack: boolean;
  /** A new firmware would run without a trial, because the bootloader cannot bring the one before back. */
  readonly cannotReturn?: boolean;
  /**
   * Undefined: it is too long, the running firmware is on trial, another one is under way, or the flash refuses. Takes
   * a while.
   */
  install(byteLength: number): Installation | undefined;
  /** Keeps the running firmware for good; true also when it was kept already. */
  confirm(): boolean;
  /** Gives up the firmware on trial and restarts; returns (false) only when none is on trial. */
  rollBack(): boolean;
}

/** One archive of modules, which the firmware may load at its next start. Until then the running modules stay. */
export interface ModuleSlot {
  readonly capacityBytes: number;
  /** A complete archive is there for the next start. */
  readonly installed: boolean;
  /** Set by the loader: bytes 28 to 31 of the archive that runs in this start, hexadecimal. Undefined: none runs. */
  runs?: string;
  /** Undefined: it is too long, another one is under way, or the flash refuses. */
  install(byteLength: number): Installation | undefined;
  /** Removes the archive from the next start on. True also when there was none; false: the flash refuses. */
  remove(): boolean;
}

/** The sleep of a board. */
export interface Sleep {
  /** Loses all RAM and starts again after `durationMs` (1 to 2^31), with the reset cause `deep-sleep`. Does not return on a board. */
  deep(durationMs: number): void;
}
