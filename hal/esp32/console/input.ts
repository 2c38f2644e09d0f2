// SPDX-License-Identifier: Apache-2.0

import Timer from 'timer';

/** In this time, 115,200 baud deliver about as many bytes as the buffer of a UART holds: 128. */
const PERIOD_MS = 10;
const CHUNK_BYTES = 128;

/**
 * Polls for input: ESP-IDF's console has no event for it.
 * @param read fills the buffer with the waiting bytes; returns their number, 0 or less for none
 */
export function pollInput(read: (into: ArrayBuffer) => number, onBytes: (bytes: Uint8Array) => void): void {
  const buffer = new ArrayBuffer(CHUNK_BYTES);
  Timer.repeat(() => {
    try {
      // Bounded, so that endless input cannot block the machine.
      for (let round = 0; round < 16; round++) {
        const count = read(buffer);
        if (count <= 0) return;
        onBytes(new Uint8Array(buffer, 0, count));
      }
    } catch {
      // A console that fails must not stop the board.
    }
  }, PERIOD_MS);
}
