import platform from 'fractus/platform';

/**
 * The module `rng` for the SDK's handshake, in place of its own, which stretches 16 bytes of C's `rand` for as long as
 * the machine runs: with it, keys could be guessed.
 */
export default Object.freeze({
  get(count: number): ArrayBuffer {
    const bytes = new ArrayBuffer(count);
    platform.fillRandom(bytes);
    return bytes;
  },
});
