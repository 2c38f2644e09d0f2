import { ascii, startsWith } from '../bytes/text.ts';
import type { CookieJar } from './cookies.ts';
import { FieldError, NUMBER_MAX, ResponseHead, skipBlanks, trimBlanks } from './head.ts';
import { Method } from './request.ts';

export { ResponseHead } from './head.ts';

export const State = { Head: 0, Body: 1, Done: 2, Failed: 3 } as const;
export type State = (typeof State)[keyof typeof State];

/** Where the parser stands; everything up to SkipHeader is `State.Head`, up to SkipTrailer `State.Body`. */
const Phase = {
  StatusLine: 0,
  Header: 1,
  SkipHeader: 2,
  Length: 3,
  UntilClose: 4,
  ChunkSize: 5,
  ChunkData: 6,
  ChunkEnd: 7,
  Trailer: 8,
  SkipTrailer: 9,
  Done: 10,
  Failed: 11,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const HEAD_MAX_BYTES = 16_384;
const CHUNK_LINE_MAX_BYTES = 256;
const FIELDS_MAX = 100;
const INFORMATIONAL_MAX = 8;

const VERSION = ascii('HTTP/1.');
const NO_ERROR = '';
const HEAD_TOO_LARGE = 'more than 16 KB of head and trailers';
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const ZERO = 0x30;

export interface ResponseHandler {
  /** The head is complete; 1xx responses are not told. */
  onHead(head: ResponseHead): void;
  /** Some of the content lies in `[from, to)` of the buffer, until this returns. */
  onBody(bytes: Uint8Array, from: number, to: number): void;
}

/**
 * Parses the responses of one HTTP/1.1 connection (RFC 9112), one after the other, out of the caller's receive buffer.
 * Malformed input ends in `State.Failed` with a text in `error`, never in an exception.
 *
 * Held against llhttp it is stricter where a client gains nothing by leniency (empty lines before the status line,
 * status below 100, versions other than 1.0 and 1.1, transfer codings other than `chunked`) and more lenient where
 * RFC 9110 lets it be: control characters other than CR, LF and NUL in values (§5.5), unusual characters in names,
 * repeated equal lengths, blanks round chunk extensions.
 */
export class ResponseParser {
  readonly head = new ResponseHead();
  /** What was wrong, and by which clause; empty while nothing is. */
  error = NO_ERROR;
  readonly #handler: ResponseHandler;
  #phase: Phase = Phase.Done;
  #method: Method = Method.Get;
  #cookies: CookieJar | undefined;
  #minor = 1;
  #informational = 0;
  #headBytes = 0;
  #fields = 0;
  /** Bytes of the content, or of the chunk, still to come. */
  #left = 0;
  /** Index of the next NUL in what is being fed; -1: none, -2: not looked for. */
  #nulAt = -1;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  get state(): State {
    const phase = this.#phase;
    if (phase <= Phase.SkipHeader) return State.Head;
    if (phase <= Phase.SkipTrailer) return State.Body;
    return phase === Phase.Done ? State.Done : State.Failed;
  }

  /** A response to a request with `method` is expected. `head` keeps the last one until its status line has come. */
  begin(method: Method, cookies?: CookieJar): void {
    this.#phase = Phase.StatusLine;
    this.#method = method;
    this.#cookies = cookies;
    this.#informational = 0;
    this.#headBytes = 0;
    this.#fields = 0;
    this.error = NO_ERROR;
  }

  /**
   * Takes `[from, to)` of `bytes`, which is the whole receive buffer, and returns the index of the first byte that is
   * not consumed: the caller moves the rest to the front and feeds it again with more behind it. Bytes after the end of
   * a response are never consumed. A line that fills the whole buffer is too long; fields that do not matter may be.
   */
  feed(bytes: Uint8Array, from: number, to: number): number {
    this.#nulAt = -2;
    let at = from;
    while (at < to) {
      const phase = this.#phase;
      if (phase >= Phase.Done) return at;
      if (phase === Phase.Length || phase === Phase.ChunkData || phase === Phase.UntilClose) {
        at = this.content(bytes, at, to);
        continue;
      }
      const lf = bytes.indexOf(LF, at);
      const complete = lf >= 0 && lf < to;
      if (phase === Phase.SkipHeader || phase === Phase.SkipTrailer) {
        const next = this.skip(bytes, at, complete ? lf + 1 : to, complete);
        if (next === at) return at;
        at = next;
        continue;
      }
      if (!complete) {
        if (!this.tooLong(bytes, at, to)) return at;
        continue;
      }
      if (!this.isLine(bytes, at, lf)) return at;
      this.line(bytes, at, lf - 1);
      if (this.#phase === Phase.Failed) return at;
      at = lf + 1;
    }
    return at;
  }

  /** The other side has closed in order: the end of some contents, the failure of every other response. */
  finish(): void {
    if (this.#phase === Phase.UntilClose) this.#phase = Phase.Done;
    else if (this.#phase < Phase.Done) this.fail('closed before the response was complete (RFC 9112 §8)');
  }

  private fail(error: string): void {
    this.#phase = Phase.Failed;
    this.error = error;
  }

  private content(bytes: Uint8Array, at: number, to: number): number {
    if (this.#phase === Phase.UntilClose) {
      this.#handler.onBody(bytes, at, to);
      return to;
    }
    const left = this.#left;
    const end = to - at > left ? at + left : to;
    this.#left = left - (end - at);
    // The phase first: the handler may look at `state`.
    if (this.#left === 0) this.#phase = this.#phase === Phase.Length ? Phase.Done : Phase.ChunkEnd;
    this.#handler.onBody(bytes, at, end);
    return end;
  }

  /** Whether the line that ends with the LF at `lf` may be read: ended by CR LF (§2.2), no other CR and no NUL in it. */
  private isLine(bytes: Uint8Array, at: number, lf: number): boolean {
    // Sizes of chunks do not count: a long poll may send a blank in a chunk of its own for hours.
    if (this.#phase !== Phase.ChunkSize && this.#phase !== Phase.ChunkEnd) this.#headBytes += lf + 1 - at;
    if (this.#headBytes > HEAD_MAX_BYTES) this.fail(HEAD_TOO_LARGE);
    else if (bytes.indexOf(CR, at) !== lf - 1) this.fail('a line that does not end in one CR LF (RFC 9112 §2.2)');
    else if (this.hasNul(bytes, at, lf)) this.fail('a NUL in a line (RFC 9110 §5.5)');
    return this.#phase !== Phase.Failed;
  }

  private hasNul(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.#nulAt !== -1 && this.#nulAt < at) this.#nulAt = bytes.indexOf(0, at);
    return this.#nulAt >= 0 && this.#nulAt < end;
  }

  /** A line without its CR LF is in `[at, end)`. */
  private line(bytes: Uint8Array, at: number, end: number): void {
    switch (this.#phase) {
      case Phase.StatusLine:
        this.statusLine(bytes, at, end);
        break;
      case Phase.Header:
        if (end === at) this.headComplete();
        else this.field(bytes, at, end, false);
        break;
      case Phase.ChunkSize:
        this.chunkSize(bytes, at, end);
        break;
      case Phase.ChunkEnd:
        if (end === at) this.#phase = Phase.ChunkSize;
        else this.fail('a chunk longer than its size (RFC 9112 §7.1)');
        break;
      case Phase.Trailer:
        if (end === at) this.#phase = Phase.Done;
        else this.field(bytes, at, end, true);
        break;
    }
  }

  /** RFC 9112 §4; the blank before an absent reason is often left out. */
  private statusLine(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < 12 || !startsWith(bytes, at, end, VERSION) || bytes[at + 8] !== SPACE) {
      this.fail('no status line (RFC 9112 §4)');
      return;
    }
    const minor = (bytes[at + 7] as number) - ZERO;
    const status = statusCode(bytes, at + 9);
    if (minor !== 0 && minor !== 1) this.fail('an HTTP version other than 1.0 and 1.1 (RFC 9112 §2.3)');
    else if (status < 100 || (end - at > 12 && bytes[at + 12] !== SPACE)) this.fail('no status (RFC 9112 §4)');
    else {
      this.#minor = minor;
      this.head.start(status, minor === 1);
      this.#phase = Phase.Header;
    }
  }

  private field(bytes: Uint8Array, at: number, end: number, trailer: boolean): void {
    const colon = bytes.indexOf(COLON, at);
    if (++this.#fields > FIELDS_MAX) this.fail('more than 100 fields');
    else if (bytes[at] === SPACE || bytes[at] === TAB) this.fail('a folded field (RFC 9112 §5.2)');
    else if (colon <= at || colon >= end) this.fail('a field without name or colon (RFC 9112 §5)');
    else if (hasBlank(bytes, at, colon)) this.fail('a blank in the name of a field (RFC 9112 §5.1)');
    else if (!trailer) {
      const from = skipBlanks(bytes, colon + 1, end);
      const error = this.head.field(bytes, at, colon, from, trimBlanks(bytes, from, end), this.#cookies);
      if (error === FieldError.Length) this.fail('a Content-Length that is no number below 2^31 (RFC 9110 §8.6)');
      else if (error === FieldError.LengthsDiffer) this.fail('two different Content-Lengths (RFC 9112 §6.3)');
      else if (error === FieldError.Coding) this.fail('a transfer coding other than chunked (RFC 9112 §6.1)');
    }
  }

  /** RFC 9112 §6.3: where the content ends. */
  private headComplete(): void {
    const head = this.head;
    const status = head.status;
    if (status < 200) {
      this.interim(status);
      return;
    }
    const empty = this.#method === Method.Head || status === 204 || status === 304;
    if (head.chunked && head.contentLength >= 0) {
      this.fail('both Transfer-Encoding and Content-Length (RFC 9112 §6.3)');
      return;
    }
    if (head.chunked && this.#minor === 0) {
      this.fail('Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)');
      return;
    }
    if (empty || head.contentLength === 0) {
      this.#phase = Phase.Done;
    } else if (head.chunked) {
      this.#phase = Phase.ChunkSize;
    } else if (head.contentLength > 0) {
      this.#left = head.contentLength;
      this.#phase = Phase.Length;
    } else {
      head.keepAlive = false;
      this.#phase = Phase.UntilClose;
    }
    head.complete();
    this.#handler.onHead(head);
  }

  /** RFC 9110 §15.2: any number of them may come before the response; we take a few. */
  private interim(status: number): void {
    if (status === 101) this.fail('101 without an upgrade asked for (RFC 9110 §15.2.2)');
    else if (++this.#informational > INFORMATIONAL_MAX) this.fail('more than 8 interim responses');
    else {
      this.#phase = Phase.StatusLine;
      this.#headBytes = 0;
      this.#fields = 0;
    }
  }

  /** RFC 9112 §7.1; extensions are ignored (§7.1.1). */
  private chunkSize(bytes: Uint8Array, at: number, end: number): void {
    let size = 0;
    let i = at;
    for (; i < end; i++) {
      const digit = hexDigit(bytes[i] as number);
      if (digit < 0) break;
      size = size * 16 + digit;
      if (size > NUMBER_MAX) break;
    }
    const rest = skipBlanks(bytes, i, end);
    if (size > NUMBER_MAX) this.fail('a chunk of 2^31 bytes or more');
    else if (end - at > CHUNK_LINE_MAX_BYTES) this.fail('a chunk size line of more than 256 bytes');
    else if (i === at || (i < end && bytes[rest] !== SEMICOLON)) this.fail('no chunk size (RFC 9112 §7.1)');
    else if (size === 0) this.#phase = Phase.Trailer;
    else {
      this.#left = size;
      this.#phase = Phase.ChunkData;
    }
  }

  /**
   * The line at `at` does not end before `to`. False: wait for more. True: there is no hope for more, and the phase says
   * what to do: skip a field that does not matter, or stop.
   */
  private tooLong(bytes: Uint8Array, at: number, to: number): boolean {
    const size = to - at;
    const phase = this.#phase;
    if (phase === Phase.ChunkEnd && (bytes[at] !== CR || size > 1)) {
      this.fail('a chunk longer than its size (RFC 9112 §7.1)');
      return true;
    }
    if (phase === Phase.ChunkSize && size > CHUNK_LINE_MAX_BYTES) {
      this.fail('a chunk size line of more than 256 bytes');
      return true;
    }
    if (this.#headBytes + size > HEAD_MAX_BYTES) {
      this.fail(HEAD_TOO_LARGE);
      return true;
    }
    if (size < bytes.length) return false;
    const colon = phase === Phase.Header || phase === Phase.Trailer ? bytes.indexOf(COLON, at) : -1;
    if (colon < 0 || this.head.frames(bytes, at, colon)) {
      this.fail('a line longer than the receive buffer');
      return true;
    }
    this.field(bytes, at, to, true);
    if (this.#phase !== Phase.Failed) this.#phase = phase === Phase.Header ? Phase.SkipHeader : Phase.SkipTrailer;
    return true;
  }

  /** Skips some of a field; a CR at the end stays, since it must be seen together with its LF. */
  private skip(bytes: Uint8Array, at: number, to: number, complete: boolean): number {
    const end = complete ? to - 2 : bytes[to - 1] === CR ? to - 1 : to;
    const cr = bytes.indexOf(CR, at);
    this.#headBytes += to - at;
    if (this.#headBytes > HEAD_MAX_BYTES) this.fail(HEAD_TOO_LARGE);
    else if (cr >= 0 && cr < end) this.fail('a CR within a line (RFC 9112 §2.2)');
    else if (complete && (end < at || cr !== end)) this.fail('a line that does not end in CR LF (RFC 9112 §2.2)');
    else if (this.hasNul(bytes, at, end)) this.fail('a NUL in a line (RFC 9110 §5.5)');
    else if (complete) this.#phase = this.#phase === Phase.SkipHeader ? Phase.Header : Phase.Trailer;
    return this.#phase === Phase.Failed ? at : complete ? to : end;
  }
}

function statusCode(bytes: Uint8Array, at: number): number {
  let status = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    status = status * 10 + digit;
  }
  return status;
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= 0x39) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** A blank in the name, or a tab at its end. */
function hasBlank(bytes: Uint8Array, at: number, colon: number): boolean {
  const space = bytes.indexOf(SPACE, at);
  return (space >= 0 && space < colon) || bytes[colon - 1] === TAB;
}
