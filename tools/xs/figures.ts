// SPDX-License-Identifier: Apache-2.0
/** Resource usage of a machine. The figures are exact, independent of garbage collections. */
export interface XsFigures {
  /** Slots in use, including garbage that was not collected before. */
  readonly slots: number;
  readonly chunkBytes: number;
  /** Slots allocated since the mark. */
  readonly allocatedSlots: number;
  readonly allocatedChunkBytes: number;
  readonly peakSlots: number;
  readonly peakChunkBytes: number;
  readonly peakStackSlots: number;
  readonly collections: number;
  readonly byteCodes: number;
  readonly events: number;
  /** Property names created at run time; XS never frees them. */
  readonly keys: number;
  /** Property names in flash. */
  readonly flashKeys: number;
  readonly slotLimit: number;
  readonly chunkByteLimit: number;
}

/** In the order of account.c. */
const NAMES = [
  'slots',
  'chunkBytes',
  'allocatedSlots',
  'allocatedChunkBytes',
  'peakSlots',
  'peakChunkBytes',
  'peakStackSlots',
  'collections',
  'byteCodes',
  'events',
  'keys',
  'flashKeys',
  'slotLimit',
  'chunkByteLimit',
] as const satisfies readonly (keyof XsFigures)[];

export function readFigures(payload: Buffer): XsFigures {
  const entries = NAMES.map((name, i) => [name, payload.readDoubleLE(i * 8)]);
  return Object.fromEntries(entries) as Record<(typeof NAMES)[number], number>;
}

/** Bytes of a slot on an ESP32, on any host. */
export const SLOT_BYTES = 16;

/** Bytes in use; the same as on an ESP32 when the host is the 32-bit build. */
export function usedBytes({ slots, chunkBytes }: XsFigures): number {
  return slots * SLOT_BYTES + chunkBytes;
}

/** Bytes allocated since the mark. */
export function allocatedBytes({ allocatedSlots, allocatedChunkBytes }: XsFigures): number {
  return allocatedSlots * SLOT_BYTES + allocatedChunkBytes;
}
