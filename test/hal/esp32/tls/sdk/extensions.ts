/** What XS has besides the language. */
Object.assign(BigInt, {
  fromArrayBuffer(bytes: ArrayBuffer): bigint {
    let value = 0n;
    for (const byte of new Uint8Array(bytes)) value = value * 256n + BigInt(byte);
    return value;
  },
});
Object.assign(ArrayBuffer, {
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
});

export {};
