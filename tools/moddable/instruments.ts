/** What an instrumented build says about its engine, once a second. */
export interface EngineSample {
  /** Slots in use, garbage included; 16 bytes each on a chip. */
  readonly slots: number;
  readonly slotsAvailable: number;
  /** Bytes in chunks, garbage included; 64-bit: more than on a chip. */
  readonly chunkBytes: number;
  readonly chunkBytesAvailable: number;
  /** The most so far, of the samples' period. */
  readonly stackSlots: number;
  /** Of garbage, since the sample before. */
  readonly collections: number;
  /** Names of properties made at run time. */
  readonly keys: number;
}

const PREFIX = 'instruments: ';
/** The simulator is a program of 64 bits. */
const SLOT_BYTES = 32;
/** The engine's own come last. */
const ENGINE_VALUES = 12;

/** The sample in a line of the simulator's output; undefined when there is none. */
export function readSample(line: string): EngineSample | undefined {
  const at = line.indexOf(PREFIX);
  if (at < 0) return undefined;
  const values = line
    .slice(at + PREFIX.length)
    .split(',')
    .map(Number);
  if (values.length < ENGINE_VALUES || values.some(Number.isNaN)) return undefined;
  const [chunk = 0, chunkAll = 0, slot = 0, slotAll = 0, stack = 0, , collections = 0, keys = 0] = values.slice(
    -ENGINE_VALUES,
  );
  return {
    slots: slot / SLOT_BYTES,
    slotsAvailable: slotAll / SLOT_BYTES,
    chunkBytes: chunk,
    chunkBytesAvailable: chunkAll,
    stackSlots: stack / SLOT_BYTES,
    collections,
    keys,
  };
}
