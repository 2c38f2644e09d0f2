// SPDX-License-Identifier: Apache-2.0

import type { Flash, Target } from '../hal.ts';

/*
 * The programming errors that every HAL refuses, in one place, so that no HAL is more lenient than another.
 * `(n | 0) === n`: a whole number below 2^31, without a call, because every read and write is checked.
 */

/** @throws RangeError unless `[from, to)` lies inside `bytes`. */
export function checkRange(bytes: Uint8Array, from: number, to: number): void {
  if ((from | 0) !== from || (to | 0) !== to || from < 0 || to < from || to > bytes.length) {
    throw new RangeError(`bytes: [${from}, ${to}) is not within ${bytes.length} bytes`);
  }
}

/** @throws RangeError unless `[from, to)` lies inside `bytes`, and as many bytes from `at` on inside the region. */
export function checkFlashRange(flash: Flash, at: number, bytes: Uint8Array, from: number, to: number): void {
  const size = flash.sectorBytes * flash.sectors;
  // In one expression, because this is checked twice for each record.
  const isRange = from >= 0 && to >= from && to <= bytes.length && (from | 0) === from && (to | 0) === to;
  if (isRange && at >= 0 && (at | 0) === at && at + to - from <= size) return;
  checkRange(bytes, from, to);
  throw new RangeError(`flash: ${to - from} bytes at ${at} are not within ${size}`);
}

/** @throws RangeError unless there is such a sector. */
export function checkSector({ sectors }: Flash, sector: number): void {
  if (!Number.isInteger(sector) || sector < 0 || sector >= sectors) {
    throw new RangeError(`flash: there is no sector ${sector} of ${sectors}`);
  }
}

/** @throws RangeError unless `delayMs` is 0 to 2^53. */
export function checkDelay(delayMs: number): void {
  if (!(delayMs >= 0 && delayMs <= 2 ** 53)) throw new RangeError(`timer: ${delayMs} ms is not 0 to 2^53`);
}

/** @throws RangeError unless there is a host and a port out of 1 to 65535. */
export function checkTarget(target: Target): void {
  if (target.host === '') throw new RangeError('network: the host is empty');
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65535) {
    throw new RangeError(`network: the port ${target.port} is not 1 to 65535`);
  }
}

/** @throws RangeError unless `epochMs` can be a time. */
export function checkEpoch(epochMs: number): void {
  if (!Number.isFinite(epochMs) || epochMs < 0) throw new RangeError(`clock: ${epochMs} is not a time`);
}

/** @throws RangeError unless `value` is 0 to 1. */
export function checkOutput(value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`actuator: ${value} is not 0 to 1`);
}

/** @throws RangeError unless `durationMs` is 1 to 2^31. */
export function checkSleep(durationMs: number): void {
  if (!(durationMs >= 1 && durationMs <= 2 ** 31)) throw new RangeError(`sleep: ${durationMs} ms is not 1 to 2^31`);
}
