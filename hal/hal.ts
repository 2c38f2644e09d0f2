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
 * Rules that hold for everything below:
 * - Calls return at once on every HAL; whatever takes time has a callback.
 * - Callbacks never run inside the call that asked for them: the HAL delivers events one at a time.
 * - After `close()` or `stop()` of anything, nothing of it is called again.
 * - No HAL call throws but for a programming error (RangeError, TypeError); what can fail in the field is a return value
 *   or an `onError`.
 * - What a callback throws ends this start: it is logged, nothing is called any more, and the machine restarts; the next
 *   start has the reset cause `panic`. Half of an event done is a state that nobody has thought of.
 * - Units are in names; times are milliseconds, byte ranges are `[from, to)`.
 * - Whatever runs once per sample or per exchange allocates nothing on the JavaScript heap.
 */
export interface Hal {
  readonly board: Board;
  readonly clock: Clock;
  readonly network: Network;
  readonly store: Store;
  /** Where telemetry waits over power cuts; absent: in RAM only. */
  readonly flash?: Flash;
  /** The sensors of this board by name, for example `thermometer`. */
  readonly sensors: Readonly<Record<string, Sensor>>;
  /** What this board can move or switch, by name, for example `relay`. */
  readonly actuators: Readonly<Record<string, Actuator>>;
  /** A light that a person looks at; absent where there is none. */
  readonly indicator?: Indicator;
  /** Restarts a machine whose agent has stopped turning; absent where there is none. */
  readonly watchdog?: Watchdog;
  /** Replaces what runs; absent: it cannot be replaced from afar. */
  readonly firmware?: FirmwareSlots;
  /** Code besides the firmware; absent: there is no place for it. */
  readonly modules?: ModuleSlot;
  /** Sleeps almost without power; absent where it cannot. */
  readonly sleep?: Sleep;

  /** A timer that calls `onTimeout` once after each `start`. */
  createTimer(onTimeout: () => void): Timer;
  /** A number in [0, 1) for jitter; never for keys. */
  random(): number;
  /** Fills `into` with bytes fit for keys and masks. */
  secureRandom(into: Uint8Array): void;
  /**
   * Whether the owner of `publicKey` has signed `message`: ECDSA on P-256 with SHA-256 (FIPS 186-5 §6.4), the signature in
   * DER (RFC 3279 §2.2.3), the key an uncompressed point (SEC 1 §2.3.3). False also for whatever is no signature, or no key.
   * May take a second. Absent: this machine cannot tell.
   */
  verify?(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * Read-only bytes that came with the firmware or the command line (certificates); undefined when there are none of that name.
   * Names that begin with `enrolled` are values of the store: keys and certificates that the device has got by itself.
   */
  resource(name: string): Uint8Array | undefined;
  /** One line for a person, whatever is in it: what would end it or move the cursor is escaped. Never holds a secret. */
  log(level: LogLevel, line: string): void;
  /**
   * Tells the listener each line of the log from now on, within the call that logs it: also those of the HAL itself, and what a
   * callback has thrown. At most one listener; it does not throw.
   */
  onLog(listener: LogListener): void;
  /** Restarts the machine. Returns, but nothing of this HAL is called back afterwards. */
  restart(reason: string): void;
}

export type LogLevel = 'info' | 'warn' | 'error';

/** `line` is as `log` shows it: escaped, and perhaps cut. */
export type LogListener = (level: LogLevel, line: string) => void;

/** What the board is and how it came up. Constant while it runs. */
export interface Board {
  /** For example `ESP32-S3`. */
  readonly model: string;
  readonly revision: string;
  /** Unique for this piece of hardware, and the same for all its life. */
  readonly serialNumber: string;
  /** Twelve lower-case hex digits. */
  readonly mac: string;
  readonly firmware: Firmware;
  /**
   * How often this board has started, this start included; grows by at least one each time, also over power cuts. A reset
   * of everything begins it anew.
   */
  readonly bootCount: number;
  /** `software` only when `restart` or `rollBack` was called: an engine that has aborted, or a callback that has thrown, is a `panic`. */
  readonly resetCause: ResetCause;
  /** Figures in bytes; undefined where the machine cannot tell. */
  freeBytes(): number | undefined;
  largestFreeBlockBytes(): number | undefined;
}

export interface Firmware {
  readonly name: string;
  readonly version: string;
  /** Epoch time of the build: no clock is believed that says less. */
  readonly buildTimeMs: number;
}

export type ResetCause = 'power-on' | 'software' | 'watchdog' | 'panic' | 'brownout' | 'deep-sleep' | 'unknown';

export interface Clock {
  /** Milliseconds since some moment of this boot: never steps, never wraps. */
  ticks(): number;
  /** Epoch milliseconds, or undefined until the time is known: set, or found out by the HAL itself. */
  now(): number | undefined;
  /** Sets the time; it goes on from here. The platform has said so, or agrees with `now()`. */
  set(epochMs: number): void;
}

export interface Timer {
  /** (Re)starts it: `onTimeout` is called once, not before `delayMs` (0 to 2^53) have passed. */
  start(delayMs: number): void;
  stop(): void;
}

/**
 * Small named values on flash. A `set` is all-or-nothing: after a power cut at any moment `get` returns the old
 * value or the new one. Limits are those of NVS, checked on every HAL: names of 1 to 15 characters out of
 * `A-Z a-z 0-9 _ -`, values of up to 4,000 bytes; anything else is a RangeError.
 */
export interface Store {
  /** A fresh copy, or undefined. */
  get(name: string): Uint8Array | undefined;
  /** False when there is no room or the flash refuses: nothing has changed then. */
  set(name: string, value: Uint8Array): boolean;
  /** True also when there was nothing; false when the flash refuses. */
  delete(name: string): boolean;
  keys(): string[];
  /** Bytes left for values, about. */
  freeBytes(): number;
}

/**
 * A region of raw NOR flash for the agent alone, for example a data partition of an ESP32. Addresses are bytes from its
 * beginning; whatever lies outside of it is a RangeError. What was programmed or erased is there after a power cut at
 * any later moment. The agent programs in units of 16 bytes, each once after an erase, so that the region may also be
 * encrypted.
 */
export interface Flash {
  /** What an erase takes at once; a multiple of 16. */
  readonly sectorBytes: number;
  /** At least 4. */
  readonly sectors: number;
  /** Copies what lies at `at` and after it into `into`, from index `from` up to `to`. */
  read(at: number, into: Uint8Array, from: number, to: number): void;
  /**
   * Writes bytes `[from, to)` to `at`. Only clears bits: what was no 1 before stays 0. A power cut leaves a prefix of
   * it, the last byte of which may have any part of its bits. False when the flash refuses: anything may be there then.
   */
  program(at: number, bytes: Uint8Array, from: number, to: number): boolean;
  /** Sets all bits of a sector, counted from 0; a power cut leaves anything in it. False when the flash refuses. */
  erase(sector: number): boolean;
}

/**
 * A sensor in the shape of ECMA-419: `sample()` returns values by name, in SI units (temperature in °C, humidity
 * in %, pressure in Pa). It may return the same object each time: copy the values at once. undefined: nothing now.
 */
export interface Sensor<Names extends string = string> {
  sample(): Readonly<Record<Names, unknown>> | undefined;
}

/** An output in the shape of ECMA-419: a digital one takes 0 and 1, an analogue one 0 to 1. */
export interface Actuator {
  write(value: number): void;
}

/** What the agent is doing, for one light. */
export interface Indicator {
  show(state: 'offline' | 'waiting' | 'online' | 'busy' | 'fault'): void;
}

export interface Watchdog {
  /** To be called at least every `periodMs`, or the machine restarts. */
  readonly periodMs: number;
  feed(): void;
}

/** Something on its way to flash, in order. A power cut before `complete` leaves everything as it was before. */
export interface Installation {
  /** Takes bytes `[from, to)`. False: the flash refuses, or they are more than was said; only `abort` is left then. */
  write(bytes: Uint8Array, from: number, to: number): boolean;
  /** All of it is there: what it is for counts from the next start. False: it is not whole, or not for this board; aborted. */
  complete(): boolean;
  /** Gives it up. Callable at any time, more than once. */
  abort(): void;
}

/** Two places for firmware: one runs, the other takes the next, which runs on trial until it is confirmed. */
export interface FirmwareSlots {
  /** Longest firmware that can be installed. */
  readonly capacityBytes: number;
  /** What runs has not been confirmed: with any restart before that, the one before it comes back. */
  readonly onTrial: boolean;
  /** The one installed last has been given up, and the one before it is back. */
  readonly rolledBack: boolean;
  /** Undefined: it is too long, what runs is on trial, another one is under way, or the flash refuses. Takes a while. */
  install(byteLength: number): Installation | undefined;
  /** Keeps what runs for good; true also when it was kept already. */
  confirm(): boolean;
  /** Gives up what runs on trial and restarts; returns (false) only when it is not on trial. */
  rollBack(): boolean;
}

/** One archive of modules, which the firmware may load at its next start. What runs of another one goes on until then. */
export interface ModuleSlot {
  readonly capacityBytes: number;
  /** An archive is there for the next start, whole. */
  readonly installed: boolean;
  /** Set by who loads it: bytes 28 to 31 of the archive that runs in this start, hexadecimal. Undefined: none, or it was left out. */
  runs?: string;
  /** Undefined: it is too long, another one is under way, or the flash refuses. */
  install(byteLength: number): Installation | undefined;
  /** From the next start on there is none. True also when there was none; false: the flash refuses. */
  remove(): boolean;
}

export interface Sleep {
  /** Loses all RAM and starts again after `durationMs` (1 to 2^31), with the reset cause `deep-sleep`. Does not return on a board. */
  deep(durationMs: number): void;
}
