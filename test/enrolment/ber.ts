// SPDX-License-Identifier: Apache-2.0

/** The elements around the certificates of PKCS #7 with indefinite lengths, as the platform sends them; what is inside of a certificate stays as it is. */
export function indefinite(bytes: Uint8Array, depth = 0): Uint8Array {
  const parts: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number;
    let from = at + 2;
    let length = bytes[at + 1] as number;
    if (length > 0x80) {
      const count = length - 0x80;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[from++] as number);
    }
    const end = from + length;
    // ContentInfo, [0], SignedData, [0] of the certificates; and these in it.
    if ((tag & 0x20) !== 0 && depth < 4)
      parts.push(tag, 0x80, ...indefinite(bytes.subarray(from, end), depth + 1), 0, 0);
    else parts.push(...bytes.subarray(at, end));
    at = end;
  }
  return Uint8Array.from(parts);
}
