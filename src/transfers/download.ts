// SPDX-License-Identifier: Apache-2.0

import { isPlatformError, outcomeOf } from '../base/answer.ts';
import { ascii, decodeUtf8, equalsIgnoreCase, skipBlanks, trimBlanks } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { isPrivateHost } from '../endpoint.ts';
import type { Exchange } from '../http/exchange.ts';
import { Failure } from '../http/failure.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import { Passage, type PassageEnds } from './passage.ts';
import type { TransferBase } from './transfer.ts';
import { atHome, isSameEndpoint, parseUrl, resolveUrl, type Url } from './url.ts';

/**
 * Receives the bytes of a download. Each method returns the reason why the content is not wanted any more, undefined
 * while it is; `NOT_MEANT` for content that cannot be the requested one, because an intermediary has answered with a
 * page of its own.
 */
export interface DownloadSink {
  /**
   * The content begins (`offset` 0), perhaps again, or continues where it had stopped.
   * @param totalBytes its whole length; -1: known only at its end
   */
  begin(offset: number, totalBytes: number): string | undefined;
  /** The next bytes are `bytes[from, to)`, until this returns. */
  write(bytes: Uint8Array, from: number, to: number): string | undefined;
}

export const NOT_MEANT = '';

export interface DownloadOptions extends PassageEnds {
  readonly url: string;
  readonly sink: DownloadSink;
  /** All of the content has been written. */
  onDone(): void;
}

const MOST_REDIRECTS = 5;
const SILENCE_MS = 30_000;
/** Only the name in an error matters. */
const ERROR_BYTES = 512;

const NO_ERROR = new ByteWriter(0, 0);
const IDENTITY = ascii('Accept-Encoding: identity');
const ETAG = ascii('etag');
const LOCATION = ascii('location');
const CONTENT_TYPE = ascii('content-type');
const CONTENT_RANGE = ascii('content-range');

/**
 * Streams the content of a URL into a sink, in bounded memory. After a lost connection it continues where it stopped
 * (RFC 9110 §14, §13.1.5). Only the tenant's own host gets the credentials of this device.
 */
export class Download extends Passage implements Exchange {
  readonly idempotent = true;
  readonly silenceMs = SILENCE_MS;
  readonly #options: DownloadOptions;
  #url: Url | undefined;
  /** Bytes that the sink has. */
  #offset = 0;
  /** A strong validator, in its quotes; empty: the download cannot be continued. */
  #validator = '';
  #redirects = 0;
  // State of the current answer.
  #etag = '';
  #location = '';
  #range = '';
  /** Length of the whole file as the current answer tells it; -1: it does not. */
  #totalBytes = -1;
  #isWanted = false;
  /** The content is a page or JSON: a file may be one, but so is the answer of a portal. */
  #isPage = false;
  #error: ByteWriter | undefined;

  constructor(base: TransferBase, options: DownloadOptions) {
    super(base, 'download', options);
    this.#options = options;
    this.progressAt = 1;
  }

  protected override proceed(): void {
    this.go(this.#url ?? parseUrl(this.#options.url), 'the url');
  }

  private go(target: Url | undefined, what: string): void {
    const { config } = this.base;
    if (target === undefined) {
      this.fail(`${what} cannot be followed; allowed: http:// or https://, without user name, percent-encoded`);
      return;
    }
    const url = atHome(target, config.endpoint);
    const { endpoint } = url;
    if (!endpoint.secure && !config.allowPlain && !isPrivateHost(endpoint.host)) {
      this.fail(`${what} leads to http://${endpoint.authority}; allowed: https`);
      return;
    }
    this.#url = url;
    // A new connection each time: the rest of an earlier answer belongs to no request.
    this.channel?.close();
    this.channel = undefined;
    this.send(this, endpoint, this.isAtHome);
  }

  // Exchange

  write(request: RequestWriter): boolean {
    this.#etag = this.#location = this.#range = '';
    this.#isWanted = this.#isPage = false;
    this.#error = undefined;
    // Content without a validator begins again.
    if (this.#validator === '') this.#offset = 0;
    request.start(Method.Get).given(ascii(this.#url?.path ?? '/'));
    if (!request.asksForIdentity) request.extra(IDENTITY);
    if (this.#offset > 0) {
      request.extra(ascii(`Range: bytes=${this.#offset}-`)).extra(ascii(`If-Range: ${this.#validator}`));
    }
    request.headers(undefined, undefined);
    return request.finish();
  }

  onField(bytes: Uint8Array, at: number, colon: number, end: number): void {
    const from = skipBlanks(bytes, colon + 1, end);
    const to = trimBlanks(bytes, from, end);
    if (equalsIgnoreCase(bytes, at, colon, ETAG)) {
      this.#etag = decodeUtf8(bytes, from, to);
    } else if (equalsIgnoreCase(bytes, at, colon, LOCATION)) {
      this.#location = decodeUtf8(bytes, from, to);
    } else if (equalsIgnoreCase(bytes, at, colon, CONTENT_TYPE)) {
      this.#isPage = /\b(html|json)\b/i.test(decodeUtf8(bytes, from, to));
    } else if (equalsIgnoreCase(bytes, at, colon, CONTENT_RANGE)) {
      this.#range = decodeUtf8(bytes, from, to);
    }
  }

  onHead(head: ResponseHead): void {
    const { status } = head;
    const range = /^bytes (\d+)-\d+\/(\d+)$/i.exec(this.#range);
    const rangeFrom = Number(range?.[1] ?? -1);
    const totalBytes = Number(range?.[2] ?? head.contentLength);
    // A gateway may pass a part on as if it were the whole.
    if (status === 200 && (this.#range === '' || rangeFrom === 0)) {
      this.#offset = 0;
      // RFC 9110 §13.1.5: a weak validator does not say that the bytes are the same.
      this.#validator = /^"[!#-~]{0,128}"$/.test(this.#etag) ? this.#etag : '';
      // RFC 9110 §15.3.7.3: parts with different validators are of different files, and so are those with other lengths.
    } else if (
      status !== 206 ||
      rangeFrom !== this.#offset ||
      (this.#etag || this.#validator) !== this.#validator ||
      (this.#totalBytes >= 0 && this.#totalBytes !== totalBytes)
    ) {
      return;
    }
    this.#totalBytes = totalBytes;
    this.#isWanted = this.tell(this.#options.sink.begin(this.#offset, this.#totalBytes));
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    // RFC 9110 §14.4: the part is of another file, or a gateway has changed it.
    if (this.#totalBytes >= 0 && this.#offset + to - from > this.#totalBytes) this.#isWanted = false;
    if (!this.#isWanted) {
      this.#error ??= new ByteWriter(ERROR_BYTES, ERROR_BYTES);
      this.#error.putRange(bytes, from, Math.min(to, from + ERROR_BYTES));
      return;
    }
    this.#isWanted = this.tell(this.#options.sink.write(bytes, from, to));
    if (!this.#isWanted) return;
    this.#offset += to - from;
    if (this.#offset >= this.progressAt) this.advance(this.#offset);
  }

  onDone(head: ResponseHead): void {
    const { status } = head;
    const text = `HTTP ${status}`;
    // RFC 9110 §15.3.7: a server may send less than was asked for.
    if (this.#isWanted && (this.#totalBytes < 0 || this.#offset === this.#totalBytes)) {
      // No file is empty, but the default page of a gateway may be.
      if (this.#offset === 0) this.tell(NOT_MEANT, 'the file is empty');
      else {
        this.stop();
        this.#options.onDone();
      }
    } else if (head.isSuccess || status === 416) {
      // The answer is not the requested part, or not all of it: begin again, or give up.
      this.#validator = '';
      if (this.#offset === 0 && !this.isAtHome) this.fail(text);
      else this.again(text, head.retryAfterMs());
    } else if (outcomeOf(status) === undefined || (status === 401 && this.isAtHome)) {
      this.again(text, head.retryAfterMs());
    } else if (this.#redirects > 0 && this.#offset > 0) {
      // The target of a redirect may be valid for minutes only.
      this.doubt(text);
    } else if (this.isAtHome && !isPlatformError(head, this.#error ?? NO_ERROR)) {
      this.doubt(`${text} that is not the platform's`);
    } else {
      this.fail(text);
    }
  }

  onFail(failure: Failure): void {
    if (failure === Failure.Redirected) {
      this.follow();
      return;
    }
    const reason = this.failureReason(failure);
    const isFinal =
      failure === Failure.Encoded ||
      failure === Failure.Overflow ||
      failure === Failure.TlsUntrusted ||
      failure === Failure.TlsName;
    if (isFinal) this.fail(reason);
    else this.again(reason, NaN);
  }

  private follow(): void {
    if (++this.#redirects > MOST_REDIRECTS) {
      this.fail(`more than ${MOST_REDIRECTS} redirects`);
      return;
    }
    const from = this.#url as Url;
    const to = this.#location === '' ? undefined : resolveUrl(from, this.#location);
    if (to === undefined) this.doubt('a redirect cannot be followed');
    else if (from.endpoint.secure && !to.endpoint.secure) this.doubt('a redirect leads from https to http');
    else this.go(to, 'a redirect');
  }

  /**
   * A portal or a load balancer may have answered, which decides nothing. The next try asks the first address again.
   */
  private doubt(reason: string): void {
    this.#url = undefined;
    this.#redirects = 0;
    this.again(reason, NaN);
  }

  private get isAtHome(): boolean {
    return this.#url !== undefined && isSameEndpoint(this.#url.endpoint, this.base.config.endpoint);
  }

  /** Ends the download when the sink does not want more. */
  private tell(refusal: string | undefined, reason = 'this is not the requested content'): boolean {
    if (refusal === NOT_MEANT) {
      this.#validator = '';
      if (this.#isPage) this.doubt(reason);
      else this.fail(reason);
    } else if (refusal !== undefined) this.fail(refusal);
    return refusal === undefined;
  }
}
