// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '../../../hal/hal.ts';

/** The clock that gives records their time. */
export type Moment = Pick<Clock, 'now' | 'ticks'>;

/** The kinds of records. Those before `Template` are internal to the ring. */
export const RecordKind = { Open: 1, Ack: 2, Origin: 3, Template: 4, Text: 5 } as const;

/** Takes the place of a template's number: the payload is the JSON text that is sent. */
export const AS_TEXT = -2;

/** The largest record, header included. */
export const RECORD_MAX_BYTES = 2048;

/** The most memory for the records of a queue in RAM. */
export const QUEUE_MAX_BYTES = 16_384;

/** Converts numbers of sources and templates to keys and back. Numbers change with the firmware, keys do not. */
export interface Names {
  sourceKey(source: number): number;
  /** -1: there is no source with this key. */
  sourceOf(key: number): number;
  templateKey(template: number): number;
  /** -1: there is no template with this key. */
  templateOf(key: number): number;
}

/** Tells which sources are held back; the others pass them. Changes only while no record is in a request. */
export interface Gate {
  /** Whether no source is held back. */
  readonly isOpen: boolean;
  /** @param source its index; -1: a device that is not declared */
  isHeld(source: number): boolean;
}

/**
 * Records waiting to be sent, oldest first, in RAM or on flash. Places (`at`) are valid until something is appended.
 * `first`, `next`, `acknowledge`, `giveUp` and `gone` ignore records that are held back.
 */
export interface Queue {
  /** Set when records of some sources may be held back. */
  gate: Gate | undefined;
  /** The number of waiting records, including those that are held back. */
  readonly count: number;
  /** The number of records that have left the queue, for any reason. Shows whether the oldest is still the same. */
  readonly gone: number;
  /** The number of records that were given up and not reported yet. */
  readonly untold: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The number of records given up since the last call. */
  takeLost(): number;
  /** `count` losses were reported. */
  told(count: number): void;
  /** Moves the records in RAM to flash, if there is flash. */
  flush(): void;
  /** Begins a record with this many bytes of payload; returns the index of the payload, or -1 if it is too large. */
  append(kind: number, source: number, template: number, timeMs: number, inTicks: boolean, bytes: number): number;
  /** Ends the record that `append` has begun: its payload is complete, and it counts from now on. */
  commit(): void;
  /** The oldest record; -1 when there is none. */
  first(): number;
  /** The record after the one at `at`; -1 when there is none. */
  next(at: number): number;
  /** Index of its device; -1 when the device does not exist any more. */
  source(at: number): number;
  /** Number of the template of a record of kind `Template`, -1 when that does not exist any more; else `AS_TEXT`. */
  template(at: number): number;
  /** Index of its payload in `bytes` and `view`. Loads the record, so call it before reading these. */
  payload(at: number): number;
  payloadBytes(at: number): number;
  /** Epoch milliseconds. If the record has only ticks, the clock converts them: NaN while the time is unknown. */
  timeMs(at: number, clock: Moment): number;
  /** Whether its time is only the latest possible one. */
  isEstimated(at: number): boolean;
  /** The clock is known now. */
  learnTime(nowMs: number, ticks: number): void;
  /** Removes the oldest `count` records: they have arrived, or never will. */
  acknowledge(count: number): void;
  /** Removes the oldest record, which can never be sent; it counts as lost. */
  giveUp(): void;
}
