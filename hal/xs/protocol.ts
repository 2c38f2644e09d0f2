// SPDX-License-Identifier: Apache-2.0

import type { LogLevel, NetworkAccess, NetworkErrorKind } from '../hal.ts';

/**
 * The messages between XS and its parent. A message has an operation, an id (of a timer, stream, sensor …), an integer,
 * a number, and bytes. `send` goes one way, `call` waits for a reply, the parent sends events.
 */
export const Op = {
  /** Event: bytes of stream `id`; JavaScript gets how many wait. Handled in streams.c. */
  StreamData: 1,
  /** Send: `arg` bytes of stream `id` were read, so that as many more may come. Sent by streams.c. */
  StreamCredit: 2,

  /** Call: the devices of the board, as `Description` in JSON. */
  Describe: 10,
  /** Call: the text with this `id`, one of `BoardText`. */
  BoardText: 14,
  /** Call: returns the number with this `id`, one of `BoardNumber`. */
  BoardNumber: 15,
  /** Call: the configuration in JSON. */
  Config: 16,
  /**
   * Send: `arg` is the run for `TimerFired`, the number is the due time in ticks of XS, because messages may be late.
   */
  TimerStart: 11,
  /** Send. */
  TimerStop: 12,
  /** Event: run `arg` of timer `id` has ended. */
  TimerFired: 13,

  /** Send: `arg` is the receive window in bytes (0: no room for this one) or `LINK_DOWN`; JSON of `Target`. */
  StreamConnect: 20,
  /** Send. */
  StreamWrite: 21,
  /** Send. */
  StreamClose: 22,
  /** Event. */
  StreamOpened: 23,
  /** Event: `arg` bytes may be written. */
  StreamWritable: 24,
  /** Event: all bytes of the stream came before. */
  StreamEnded: 25,
  /** Event: `arg` is an index of `ERROR_KINDS`, the text the detail. */
  StreamFailed: 26,

  /** Call: returns 1 or 0. */
  NetworkUp: 30,
  /** Call: returns 1 and the text, or 0. */
  NetworkAddress: 31,
  /** Call: returns dBm or NaN. */
  NetworkSignal: 32,
  /** Send. */
  NetworkReset: 33,
  /** Event: `arg` is 1 for up. */
  NetworkChanged: 34,
  /** Call: `id` is one of `Access`, the text a network in JSON where one is needed; returns a number, -1: no radio. */
  NetworkAccess: 35,
  /** Call: `id` is out of `Slot`, `arg` an installation where one is meant; returns a number. For bundles that `openSlots` is in. */
  Firmware: 36,

  /** Call with a name: returns 1 and the bytes, or 0. */
  StoreGet: 40,
  /** Call with name (`arg` characters) and bytes: returns 1 or 0. */
  StoreSet: 41,
  /** Call with a name: returns 1 or 0. */
  StoreDelete: 42,
  /** Call: returns names in JSON. */
  StoreKeys: 43,
  /** Call. */
  StoreFree: 44,

  /** Call: returns `arg` bytes from the address in the number. */
  FlashRead: 45,
  /** Call with bytes for the address in the number: returns 1 or 0. */
  FlashProgram: 46,
  /** Call; `id` is the sector: returns 1 or 0. */
  FlashErase: 47,

  /** Call; `arg` is the shape the caller knows, 0 for none. The result is described at `Sample`. */
  SensorSample: 50,
  /** Call: the values of the last sample as 64-bit numbers. */
  SensorValues: 51,
  /** Call with a number. */
  ActuatorWrite: 52,
  /** Send: `arg` is an index of `INDICATOR_STATES`. */
  Indicate: 53,
  /** Send. */
  WatchdogFeed: 54,

  /** Call with a number; the reply brings the new clock. */
  ClockSet: 60,
  /** Call. */
  Random: 61,
  /** Call: returns `arg` bytes. */
  SecureRandom: 62,
  /** Call with a name: returns 1 and the bytes, or 0. */
  Resource: 63,
  /** Call with a key of `id` bytes, a signature of `arg` bytes and the message: returns 1 or 0. */
  Verify: 66,
  /** Send: `id` is an index of `LOG_LEVELS`. */
  Log: 64,
  /** Send, only from boards of the desk: table `id` is in state `arg`; the number is that of the waiting records. */
  Trace: 65,

  /** Event: the agent is to end in order. */
  StopRequested: 70,
  /** Send: the agent has ended. */
  Stopped: 71,
} as const;

export const BoardText = {
  Model: 0,
  Revision: 1,
  SerialNumber: 2,
  Mac: 3,
  FirmwareName: 4,
  FirmwareVersion: 5,
  ResetCause: 6,
} as const;

export const BoardNumber = { BuildTimeMs: 0, BootCount: 1 } as const;

/** Requests to a radio; the comment names the result. */
export const Access = {
  /** 1 and the text, or 0. */
  Name: 0,
  /** An index of `ACCESS_STATUSES`. */
  Status: 1,
  Refusals: 2,
  /** 1 or 0. */
  IsKept: 3,
  Join: 4,
  /** 1 or 0. */
  Confirm: 5,
  RollBack: 6,
} as const;

/** What is asked of the slots for firmware; the comment says what it returns, 1 or 0 where it says nothing. */
export const Slot = {
  OnTrial: 0,
  RolledBack: 1,
  /** The number of the installation, of as many bytes as the number says; 0: refused. */
  Install: 2,
  /** With bytes. */
  Write: 3,
  Complete: 4,
  Abort: 5,
  Confirm: 6,
  /** Capacity in bytes; 0: there are no slots. */
  Capacity: 7,
} as const;

export const ACCESS_STATUSES: readonly NetworkAccess['status'][] = ['searching', 'joined', 'addressed'];

/** For `StreamConnect`: to the agent the link is down, so the connection fails. */
export const LINK_DOWN = -1;

/**
 * Result of `SensorSample`: one of these, or the number (1 or more) of a shape that the caller does not know yet. Then
 * the reply has the names of the values in JSON, and `SensorValues` returns the values.
 */
export const Sample = {
  /** Values of the known shape, as 64-bit numbers. */
  Known: 0,
  Nothing: -1,
  /** Not only numbers: JSON. */
  Other: -2,
} as const;

export const ERROR_KINDS: readonly NetworkErrorKind[] = [
  'dns',
  'refused',
  'unreachable',
  'timeout',
  'reset',
  'closed',
  'tls-untrusted',
  'tls-name',
  'tls-date',
  'tls-alert',
  'no-memory',
];

export const LOG_LEVELS: readonly LogLevel[] = ['info', 'warn', 'error'];

export const INDICATOR_STATES = ['offline', 'waiting', 'online', 'busy', 'fault'] as const;

/** The reply to `Describe`. */
export interface Description {
  readonly sensors: readonly string[];
  readonly actuators: readonly string[];
  readonly indicator: boolean;
  /** 0: no raw flash. */
  readonly flashSectors: number;
  readonly flashSectorBytes: number;
  /** 0: no watchdog. */
  readonly watchdogPeriodMs: number;
}
