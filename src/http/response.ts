// SPDX-License-Identifier: Apache-2.0

import { wholeNumber } from '../bytes/digits.ts';
import { ascii, startsWith } from '../bytes/text.ts';
import type { CookieJar } from './cookies.ts';
import { Field, FieldError, fieldErrorText, fieldOf, ResponseHead } from './head.ts';
import { CR, chunkSizeOf, fieldEnd, isBlank, LF, lineEnd, SPACE } from './lines.ts';
import { Method } from './request.ts';
import { Phase, type ResponseHandler, ResponseState } from './response-phase.ts';

export { ResponseHead } from './head.ts';
export { type ResponseHandler, ResponseState } from './response-phase.ts';

const HEAD_MAX_BYTES = 16_384;
const CHUNK_LINE_MAX_BYTES = 256;
const FIELDS_MAX = 100;
const INTERIM_MAX = 8;

const VERSION = ascii('HTTP/1.');
const NO_ERROR = '';
const HEAD_TOO_LARGE = 'more than 16 KB of head and trailers';
const LINE_END = 'a line that does not end in CR LF (RFC 9112 §2.2)';
const CHUNK_END = 'a chunk longer than its size (RFC 9112 §7.1)';
const CHUNK_LINE = 'a chunk size line of more than 256 bytes';
const COLON = 0x3a;
const ZERO = 0x30;

/**
 * Parses the responses of one HTTP/1.1 connection (RFC 9112), one after the other, in the caller's receive buffer.
 * Malformed input ends in `ResponseState.Failed` with a text in `error`, never in an exception.
 *
 * Compared with llhttp it is stricter where leniency gives a client nothing (empty lines before the status line, status
 * below 100, major versions other than 1, transfer codings other than `chunked`). It is more lenient where a check
 * would cost a board time at every response: names and values of fields that do not matter here, reasons and chunk
 * extensions are not read at all, because a line ends at its LF whatever it contains.
 */
export class ResponseParser {
  readonly head = new ResponseHead();
  /** The error and its clause; empty while there is none. */
  error = NO_ERROR;
  #handler: ResponseHandler | undefined;
  #phase: Phase = Phase.Done;
  #method: Method = Method.Get;
  #cookies: CookieJar | undefined;
  #interims = 0;
  #headBytes = 0;
  #fields = 0;
  /** The line before is a skipped field: if this line begins with a blank, it belongs to that field. */
  #mayGoOn = false;
  /** Bytes of the content, or of the chunk, that are still to come. */
  #left = 0;

  get state(): ResponseState {
    const phase = this.#phase;
    if (phase <= Phase.SkipHeader) return ResponseState.Head;
    if (phase <= Phase.SkipTrailer) return ResponseState.Body;
    return phase === Phase.Done ? ResponseState.Done : ResponseState.Failed;
  }

  /**
   * Expects a response to a request with `method`; `handler` receives it. `head` keeps the last response until the next
   * status line.
   * @param creates whether the head keeps the id of the object that the response names as created
   */
  begin(method: Method, handler: ResponseHandler, cookies?: CookieJar, creates?: boolean): void {
    this.#handler = handler;
    this.#phase = Phase.StatusLine;
    this.#method = method;
    this.head.keepLocation(creates === true);
    this.#cookies = cookies;
    this.#interims = 0;
    this.#headBytes = 0;
    this.#fields = 0;
    this.error = NO_ERROR;
  }

  /**
   * Takes `[from, to)` of `bytes`, the whole receive buffer, and returns the index of the first byte that is not
   * consumed: the caller moves the rest to the front and feeds it again with more behind it. Bytes after the end of a
   * response are never consumed. A line that fills the whole buffer is too long, except a field that does not matter.
   */
  feed(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const phase = this.#phase;
      if (phase >= Phase.Done) return at;
      let next: number;
      if (phase >= Phase.Length && phase <= Phase.ChunkData) {
        next = this.contentEnd(at, to);
        this.#handler?.onBody(bytes, at, next);
      } else {
        const lf = phase === Phase.Header || phase === Phase.Trailer ? fieldEnd(bytes, at, to) : lineEnd(bytes, at, to);
        if (lf < 0) next = this.unfinished(bytes, at, to);
        else {
          this.line(bytes, at, lf);
          next = this.#phase === Phase.Failed ? at : lf + 1;
        }
      }
      if (next === at) return at;
      at = next;
    }
    return at;
  }

  /** The other side has closed in order: ends content without a length, and fails every other response. */
  finish(): void {
    if (this.#phase === Phase.UntilClose) this.#phase = Phase.Done;
    else if (this.#phase < Phase.Done) this.fail('closed before the response was complete (RFC 9112 §8)');
  }

  /** Ignores the rest of the response; also called from within a handler. */
  abandon(): void {
    this.#phase = Phase.Done;
    this.#handler = undefined;
  }

  private fail(error: string): void {
    this.#phase = Phase.Failed;
    this.error = error;
  }

  /** Index after the content in `[at, to)`. The handler, which may read `state`, gets the content afterwards. */
  private contentEnd(at: number, to: number): number {
    if (this.#phase === Phase.UntilClose) return to;
    const end = to - at > this.#left ? at + this.#left : to;
    this.#left -= end - at;
    if (this.#left === 0) this.#phase = this.#phase === Phase.Length ? Phase.Done : Phase.ChunkEnd;
    return end;
  }

  /** Handles the line in `[at, lf]`. */
  private line(bytes: Uint8Array, at: number, lf: number): void {
    const end = lf - 1;
    if (end < at || bytes[end] !== CR) {
      this.fail(LINE_END);
      return;
    }
    if (end === at) this.#mayGoOn = false;
    switch (this.#phase) {
      case Phase.StatusLine:
        this.statusLine(bytes, at, end);
        break;
      case Phase.Header:
        if (end === at) this.headComplete();
        else this.field(bytes, at, end);
        break;
      case Phase.SkipHeader:
      case Phase.SkipTrailer:
        this.#phase = this.#phase === Phase.SkipHeader ? Phase.Header : Phase.Trailer;
        this.#mayGoOn = true;
        this.count(lf + 1 - at);
        break;
      case Phase.ChunkSize:
        this.chunkSize(bytes, at, end);
        break;
      case Phase.ChunkEnd:
        if (end === at) this.#phase = Phase.ChunkSize;
        else this.fail(CHUNK_END);
        break;
      case Phase.Trailer:
        if (end === at) this.#phase = Phase.Done;
        else this.field(bytes, at, end);
        break;
    }
  }

  /** Counts bytes of head and trailers. Chunk sizes do not count: a long poll may send a blank per chunk for hours. */
  private count(bytes: number): void {
    this.#headBytes += bytes;
    if (this.#headBytes > HEAD_MAX_BYTES) this.fail(HEAD_TOO_LARGE);
  }

  /** RFC 9112 §4; the blank before an absent reason is often left out. A later 1.x is read as 1.1 (RFC 9110 §2.5). */
  private statusLine(bytes: Uint8Array, at: number, end: number): void {
    const minor = (bytes[at + 7] as number) - ZERO;
    if (
      end - at < 12 ||
      !startsWith(bytes, at, end, VERSION) ||
      !(minor >= 0 && minor <= 9) ||
      bytes[at + 8] !== SPACE
    ) {
      this.fail('no status line (RFC 9112 §4)');
      return;
    }
    const status = wholeNumber(bytes, at + 9, at + 12);
    if (status < 100 || (end - at > 12 && bytes[at + 12] !== SPACE)) this.fail('no status (RFC 9112 §4)');
    else {
      this.head.start(status, minor === 0);
      this.#phase = Phase.Header;
    }
  }

  /** Handles a field. The content of trailer fields does not count. */
  private field(bytes: Uint8Array, at: number, end: number): void {
    const colon = bytes.indexOf(COLON, at);
    const goesOn = this.#mayGoOn && isBlank(bytes[at]);
    this.#mayGoOn = goesOn;
    this.count(end - at + 2);
    if (goesOn || !this.isField(bytes, at, colon, end) || this.#phase !== Phase.Header) return;
    this.#handler?.onField?.(bytes, at, colon, end);
    const error = this.head.field(bytes, at, colon, end, this.#cookies);
    if (error !== FieldError.None) this.fail(fieldErrorText(error));
  }

  private isField(bytes: Uint8Array, at: number, colon: number, end: number): boolean {
    if (++this.#fields > FIELDS_MAX) this.fail('more than 100 fields');
    else if ((bytes[at] as number) <= SPACE && isBlank(bytes[at]))
      this.fail('a blank before the first field (RFC 9112 §2.2)');
    else if (colon <= at || colon >= end) this.fail('a field without name or colon (RFC 9112 §5)');
    else if ((bytes[colon - 1] as number) <= SPACE && isBlank(bytes[colon - 1]))
      this.fail('a blank between name and colon (RFC 9112 §5.1)');
    else return true;
    return false;
  }

  /** RFC 9112 §6.3: where the content ends. */
  private headComplete(): void {
    const head = this.head;
    const status = head.status;
    if (status < 200) {
      this.interim(status);
      return;
    }
    if (head.chunked && head.contentLength >= 0) {
      this.fail('both Transfer-Encoding and Content-Length (RFC 9112 §6.3)');
      return;
    }
    if (head.chunked && head.isHttp10) {
      this.fail('Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)');
      return;
    }
    this.#left = head.contentLength;
    if (this.#method === Method.Head || status === 204 || status === 304 || this.#left === 0) this.#phase = Phase.Done;
    else if (head.coding !== undefined) {
      this.fail('a content coding (RFC 9110 §8.4)');
      return;
    } else if (head.chunked) this.#phase = Phase.ChunkSize;
    else if (this.#left > 0) this.#phase = Phase.Length;
    else {
      head.endsWithConnection();
      this.#phase = Phase.UntilClose;
    }
    this.#handler?.onHead(head);
  }

  /** RFC 9110 §15.2: any number of interim responses may come before the response; a few are accepted. */
  private interim(status: number): void {
    if (status === 101) this.fail('101 without an upgrade asked for (RFC 9110 §15.2.2)');
    else if (++this.#interims > INTERIM_MAX) this.fail('more than 8 interim responses');
    else {
      this.#phase = Phase.StatusLine;
      this.#headBytes = 0;
      this.#fields = 0;
    }
  }

  private chunkSize(bytes: Uint8Array, at: number, end: number): void {
    const size = chunkSizeOf(bytes, at, end);
    if (end - at > CHUNK_LINE_MAX_BYTES) this.fail(CHUNK_LINE);
    else if (size < 0) this.fail('no chunk size below 2^31 (RFC 9112 §7.1)');
    else {
      this.#left = size;
      this.#phase = size === 0 ? Phase.Trailer : Phase.ChunkData;
    }
  }

  /**
   * Handles a line at `at` that does not end before `to`. Returns `at` to wait for more bytes, or after a failure; a
   * field that fills the buffer and does not matter is consumed and skipped.
   */
  private unfinished(bytes: Uint8Array, at: number, to: number): number {
    const phase = this.#phase;
    const size = to - at;
    if (phase === Phase.SkipHeader || phase === Phase.SkipTrailer) {
      // The line end stays, because it must be seen as a whole. It is there already if its next byte was waited for.
      const last = bytes[to - 1];
      const end = last === LF ? to - 2 : last === CR ? to - 1 : to;
      this.count(end - at);
      return end;
    }
    if (phase === Phase.ChunkEnd && (bytes[at] !== CR || size > 1)) this.fail(CHUNK_END);
    else if (phase === Phase.ChunkSize && size > CHUNK_LINE_MAX_BYTES + 1) this.fail(CHUNK_LINE);
    else if (size === bytes.length) return this.passOver(bytes, at, to);
    return at;
  }

  private passOver(bytes: Uint8Array, at: number, to: number): number {
    const phase = this.#phase;
    const isField = phase === Phase.Header || phase === Phase.Trailer;
    if (!(isField && this.#mayGoOn && isBlank(bytes[at]))) {
      const colon = isField ? bytes.indexOf(COLON, at) : -1;
      const name = colon < 0 ? Field.Connection : fieldOf(bytes, at, colon);
      if (name >= Field.Connection) this.fail('a line longer than the receive buffer');
      if (this.#phase === Phase.Failed || !this.isField(bytes, at, colon, to)) return at;
      if (name === Field.SetCookie && phase === Phase.Header) this.#cookies?.store(bytes, colon + 1, to, false);
    }
    this.#phase = phase === Phase.Header ? Phase.SkipHeader : Phase.SkipTrailer;
    return this.unfinished(bytes, at, to);
  }
}
