// SPDX-License-Identifier: Apache-2.0
/** A value that says which one it is, of a length of its own. */
export function content(count: number): Uint8Array {
  const bytes = new Uint8Array(4 + ((count * 997) % 3000)).fill(count);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}

export function countOf(bytes: Uint8Array | undefined): number {
  return bytes ? new DataView(bytes.buffer).getUint32(0) : -1;
}
