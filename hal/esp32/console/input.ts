// SPDX-License-Identifier: Apache-2.0

import Timer from 'timer';

/** At 115,200 baud as many bytes come as a UART holds: 128. */
const PERIOD_MS = 10;
const CHUNK_BYTES = 128;

/**
 * Looks for input again and again: ESP-IDF's console has no event for it.
 * @param read fills the buffer with what is there; returns how many bytes, 0 or less for none
 */
export function pollInput(read: (into: ArrayBuffer) => number, onBytes: (bytes: Uint8Array) => void): void {
  const buffer = new ArrayBuffer(CHUNK_BYTES);
  Timer.repeat(() => {
    try {
      // A bound, so that nobody can keep the machine here.
      for (let round = 0; round < 16; round++) {
        const count = read(buffer);
        if (count <= 0) return;
        onBytes(new Uint8Array(buffer, 0, count));
      }
    } catch {
      // A console that fails is no reason for the board to do so.
    }
  }, PERIOD_MS);
}
