// SPDX-License-Identifier: Apache-2.0
/** What XS has besides the language, where it is missing. */
const missing: Record<string, unknown> = {
  fromArrayBuffer(bytes: ArrayBuffer): bigint {
    let value = 0n;
    for (const byte of new Uint8Array(bytes)) value = value * 256n + BigInt(byte);
    return value;
  },
  fromBigInt(value: bigint, least = 1): ArrayBuffer {
    const bytes: number[] = [];
    for (let rest = value; rest > 0n || bytes.length < least; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
    return new Uint8Array(bytes).buffer;
  },
  fromString(text: string): ArrayBuffer {
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    return bytes.buffer;
  },
};

for (const [owner, name] of [
  [BigInt, 'fromArrayBuffer'],
  [ArrayBuffer, 'fromBigInt'],
  [ArrayBuffer, 'fromString'],
] as const) {
  if (!(name in owner)) Object.assign(owner, { [name]: missing[name] });
}

export {};
