import Timer, { type TimerId } from 'timer';

/** While nobody types, and for how long after the last byte it is looked more often: the UART holds 128 bytes. */
const IDLE_MS = 200;
const TYPING_MS = 8;
const TYPING_FOR_MS = 3000;
const CHUNK_BYTES = 128;

/**
 * Looks for input again and again: ESP-IDF's console has no event for it.
 * @param read fills the buffer with what is there; returns how many bytes, 0 or less for none
 */
export function pollInput(read: (into: ArrayBuffer) => number, onBytes: (bytes: Uint8Array) => void): void {
  const buffer = new ArrayBuffer(CHUNK_BYTES);
  let quietMs = TYPING_FOR_MS;
  let timer: TimerId | undefined;
  const look = () => {
    try {
      let count = read(buffer);
      if (count > 0) quietMs = 0;
      // A bound, so that nobody can keep the machine here.
      for (let round = 0; count > 0 && round < 16; round++) {
        onBytes(new Uint8Array(buffer, 0, count));
        count = read(buffer);
      }
    } catch {
      // A console that fails is no reason for the board to do so.
    }
    const typing = quietMs < TYPING_FOR_MS;
    if (typing) quietMs += TYPING_MS;
    const periodMs = typing ? TYPING_MS : IDLE_MS;
    Timer.schedule(timer as TimerId, periodMs, periodMs);
  };
  timer = Timer.repeat(look, IDLE_MS);
}
