import { NO_BYTES } from '../bytes/text.ts';

const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const SPACE = 0x20;

/**
 * The cookies of one session with one server, kept as the value of a Cookie header (RFC 6265 §4.2.1) in a buffer that
 * never grows. Attributes are not looked at: whoever owns the jar uses it for one endpoint only and clears it with the
 * session. A cookie that does not fit, or holds anything but visible ASCII, is not kept.
 */
export class CookieJar {
  /** Made with the first cookie. */
  bytes: Uint8Array = NO_BYTES;
  /** Bytes of the Cookie value; 0 when there is no cookie. */
  length = 0;

  readonly #sizeBytes: number;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  clear(): void {
    this.length = 0;
  }

  /** Takes the value of a Set-Cookie header; replaces a cookie of the same name. */
  store(bytes: Uint8Array, from: number, to: number): void {
    let end = bytes.indexOf(SEMICOLON, from);
    if (end < 0 || end > to) end = to;
    while (end > from && bytes[end - 1] === SPACE) end--;
    const separator = bytes.indexOf(EQUALS, from);
    if (separator <= from || separator >= end) return;
    for (let i = from; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte <= SPACE || byte > 0x7e) return;
    }
    if (this.bytes.length === 0) this.bytes = new Uint8Array(this.#sizeBytes);
    this.remove(bytes, from, separator + 1);
    const at = this.length > 0 ? this.length + 2 : 0;
    if (at + end - from > this.bytes.length) return;
    if (at > 0) {
      this.bytes[at - 2] = SEMICOLON;
      this.bytes[at - 1] = SPACE;
    }
    for (let i = from; i < end; i++) this.bytes[at + i - from] = bytes[i] as number;
    this.length = at + end - from;
  }

  /** Removes the cookie that starts with `name=`, given as `[from, to)`. */
  private remove(bytes: Uint8Array, from: number, to: number): void {
    const own = this.bytes;
    let at = 0;
    while (at < this.length) {
      const semicolon = own.indexOf(SEMICOLON, at);
      const end = semicolon < 0 || semicolon >= this.length ? this.length : semicolon;
      if (sameRange(own, at, end, bytes, from, to)) {
        // With the separator after it, or before it if it is the last.
        if (end < this.length) own.copyWithin(at, end + 2, this.length);
        this.length -= end - at + (end < this.length || at > 0 ? 2 : 0);
        return;
      }
      at = end + 2;
    }
  }
}

function sameRange(own: Uint8Array, at: number, end: number, bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (end - at < length) return false;
  for (let i = 0; i < length; i++) {
    if (own[at + i] !== bytes[from + i]) return false;
  }
  return true;
}
