// SPDX-License-Identifier: Apache-2.0
/** The server side of HTTP/1.1 (RFC 9112): reads requests from a byte stream, as strictly as a server may. */

/** One request, as received. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case; repeated fields are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly repeatedHeaders: readonly string[];
  readonly body: Uint8Array;
  /** Bytes of head and body on the wire. */
  readonly sizeBytes: number;
}

export interface RequestReaderOptions {
  onRequest(request: WireRequest): void;
  /** Called once with the error and its clause; nothing more is read. */
  onMalformed(what: string): void;
}

type Head = Omit<WireRequest, 'body' | 'sizeBytes'> & { readonly headBytes: number; readonly bodyBytes: number };

const maxHeadBytes = 16_384;
const maxBodyBytes = 1_048_576;
const maxHeads = 1000;
/** Cache of parsed heads, because devices repeat the same ones. */
const heads = new Map<string, Head>();
const endOfHead = '\r\n\r\n';

/** Reads the requests of one connection, one after the other. */
export class RequestReader {
  readonly #options: RequestReaderOptions;
  #waiting: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  #failed = false;

  constructor(options: RequestReaderOptions) {
    this.#options = options;
  }

  /** Takes received bytes; may call `onRequest` several times. */
  feed(bytes: Uint8Array): void {
    if (this.#failed) return;
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#waiting = this.#waiting.length === 0 ? piece : Buffer.concat([this.#waiting, piece]);
    while (this.#take());
  }

  /** Reads one request from the waiting bytes; false when none is complete. */
  #take(): boolean {
    this.#head ??= this.#takeHead();
    const head = this.#head;
    if (head === undefined || this.#waiting.length < head.headBytes + head.bodyBytes) return false;
    const { method, path, headers, repeatedHeaders, headBytes } = head;
    const sizeBytes = headBytes + head.bodyBytes;
    const body = this.#waiting.subarray(headBytes, sizeBytes);
    this.#waiting = this.#waiting.subarray(sizeBytes);
    this.#head = undefined;
    this.#options.onRequest({ method, path, headers, repeatedHeaders, body, sizeBytes });
    return true;
  }

  #takeHead(): Head | undefined {
    const end = this.#waiting.indexOf(endOfHead);
    if (end > maxHeadBytes || (end < 0 && this.#waiting.length > maxHeadBytes)) {
      return this.#fail(`a head of more than ${maxHeadBytes} bytes`);
    }
    if (end < 0) return undefined;
    const text = this.#waiting.toString('latin1', 0, end);
    const known = heads.get(text);
    if (known !== undefined) return known;
    const head = this.#parse(text);
    if (head === undefined) return undefined;
    if (heads.size >= maxHeads) heads.clear();
    heads.set(text, head);
    return head;
  }

  #parse(text: string): Head | undefined {
    const lines = text.split('\r\n');
    const start = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(lines[0] ?? '');
    if (start === null) return this.#fail('no request line (RFC 9112 §3)');
    const headers: Record<string, string> = {};
    const repeatedHeaders: string[] = [];
    for (let i = 1; i < lines.length; i++) {
      const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e]*?)[ \t]*$/.exec(lines[i] ?? '');
      if (field === null) return this.#fail('an invalid field (RFC 9112 §5)');
      const name = (field[1] ?? '').toLowerCase();
      const value = field[2] ?? '';
      const before = headers[name];
      if (before !== undefined) repeatedHeaders.push(name);
      headers[name] = before === undefined ? value : `${before}, ${value}`;
    }
    return this.#framed({
      method: start[1] ?? '',
      path: start[2] ?? '',
      headers,
      repeatedHeaders,
      headBytes: text.length + endOfHead.length,
    });
  }

  /** Adds the length of the body (RFC 9112 §6.3). Devices send a length; other framings are refused. */
  #framed(head: Omit<Head, 'bodyBytes'>): Head | undefined {
    const { headers, method } = head;
    if (headers['host'] === undefined) return this.#fail('no Host (RFC 9112 §3.2)');
    if (headers['transfer-encoding'] !== undefined) return this.#fail('a Transfer-Encoding (RFC 9112 §6.1)');
    const length = headers['content-length'];
    if (length === undefined) {
      // RFC 9110 §8.6: a method that anticipates content must state an empty body.
      if (method === 'POST' || method === 'PUT') return this.#fail(`${method} without Content-Length`);
      return { ...head, bodyBytes: 0 };
    }
    if (!/^\d{1,9}$/.test(length)) return this.#fail('a Content-Length that is no number (RFC 9110 §8.6)');
    const bodyBytes = Number(length);
    if (bodyBytes > maxBodyBytes) return this.#fail(`a body of more than ${maxBodyBytes} bytes`);
    return { ...head, bodyBytes };
  }

  #fail(what: string): undefined {
    this.#failed = true;
    this.#options.onMalformed(what);
    return undefined;
  }
}
