// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '../../../../hal/hal.ts';

/** What tells records their time. */
export type Moment = Pick<Clock, 'now' | 'ticks'>;

/** What a record is; what comes before `Template` is the ring's own. */
export const RecordKind = { Open: 1, Ack: 2, Origin: 3, Template: 4, Text: 5 } as const;

/** In place of the number of a template: the payload is what is sent. */
export const AS_TEXT = -2;

/** One record may take this much, header included. */
export const RECORD_MAX_BYTES = 2048;

/** What waits in RAM may take this much in each queue. */
export const QUEUE_MAX_BYTES = 16_384;

/** Numbers change with the firmware, keys do not. */
export interface Names {
  sourceKey(source: number): number;
  /** -1: there is none with this key. */
  sourceOf(key: number): number;
  templateKey(template: number): number;
  /** -1: there is none with this key. */
  templateOf(key: number): number;
}

/** Says whose records are held back: the others go past them. Changes only while none is on its way. */
export interface Gate {
  /** Nobody's are. */
  readonly isOpen: boolean;
  /** @param source -1: a device that is not here */
  isHeld(source: number): boolean;
}

/**
 * Records waiting to be sent, oldest first, in RAM or on flash. Places (`at`) are valid until something is appended.
 * `first`, `next`, `acknowledge`, `giveUp` and `gone` are about those that are not held back.
 */
export interface Queue {
  /** There when records of some sources may be held back. */
  gate: Gate | undefined;
  /** All that wait, also those that are held back. */
  readonly count: number;
  /** How many have left the queue since it was made, for whatever reason: tells whether the oldest is still the same. */
  readonly gone: number;
  /** How many were given up without anybody being told. */
  readonly untold: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** How many were given up since it was called last. */
  takeLost(): number;
  /** Somebody was told of `count` losses. */
  told(count: number): void;
  /** Puts on flash what is only in RAM so far, where there is flash. */
  flush(): void;
  /** Begins a record with so many bytes of payload; returns where these go, or -1 when it is larger than any may be. */
  append(kind: number, source: number, template: number, timeMs: number, inTicks: boolean, bytes: number): number;
  /** The payload is there: the record counts as taken now. */
  commit(): void;
  /** -1 when there is none. */
  first(): number;
  /** -1 when there is none. */
  next(at: number): number;
  /** -1 when there is no such device any more. */
  source(at: number): number;
  /** Number of the template of a record of kind `Template`, -1 when there is no such one any more; else `AS_TEXT`. */
  template(at: number): number;
  /** Where in `bytes` and `view` its payload lies; ask for it before these. */
  payload(at: number): number;
  payloadBytes(at: number): number;
  /** Epoch milliseconds, by the clock where the record has only ticks: NaN then while the time is unknown. */
  timeMs(at: number, clock: Moment): number;
  /** Its time is only the latest that it can be. */
  isEstimated(at: number): boolean;
  /** The clock is known now. */
  learnTime(nowMs: number, ticks: number): void;
  /** Forgets the oldest `count`: they have arrived, or never will. */
  acknowledge(count: number): void;
  /** Gives up the oldest, which can never be sent; it counts as lost. */
  giveUp(): void;
}
