import platform from 'fractus/platform';

/**
 * The module `rng` for the SDK's handshake, in place of its own: every byte is a random number of the chip.
 */
export default Object.freeze({
  get(count: number): ArrayBuffer {
    const bytes = new ArrayBuffer(count);
    platform.fillRandom(bytes);
    return bytes;
  },
});
