// SPDX-License-Identifier: Apache-2.0
/** The request log: requests and answers, with head and body, bounded, with secrets masked. */

import { formatTime } from '../time.ts';

/** A head and a body as the log shows them. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, cut after `maxBodyBytes`. */
  readonly body: string;
}

/** One line of the log. */
export class LoggedRequest {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly port: 'api' | 'token';
  /** Number of the connection; 0 when it is unknown. */
  readonly connection: number;
  /** Bytes on the wire if known, else bytes of the body. */
  readonly sizeBytes: number;
  readonly bodyBytes: number;
  readonly timeMs: number;
  /** Undefined while the request is not answered; 0 when it was cut. */
  status: number | undefined;
  answerBytes = 0;
  /** Id of the created object. */
  createdId = '';
  #kept: { request: Raw; response: Raw } | undefined;

  constructor(options: {
    readonly number: number;
    readonly method: string;
    readonly path: string;
    readonly user: string;
    readonly port: 'api' | 'token';
    readonly connection: number;
    readonly sizeBytes: number;
    readonly timeMs: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
  }) {
    this.number = options.number;
    this.method = options.method;
    this.path = options.path;
    this.user = options.user;
    this.port = options.port;
    this.connection = options.connection;
    this.sizeBytes = options.sizeBytes;
    this.bodyBytes = options.body.length;
    this.timeMs = options.timeMs;
    this.#kept = {
      request: { headers: options.headers, pieces: [], bytes: 0 },
      response: { headers: {}, pieces: [], bytes: 0 },
    };
    keepPiece(this.#kept.request, options.body);
  }

  /** The request; undefined when its head and body are no longer kept. */
  get request(): Message | undefined {
    return this.#kept && readable(this.#kept.request);
  }

  /** The answer so far. */
  get response(): Message | undefined {
    return this.#kept && readable(this.#kept.response);
  }

  answered(headers: Readonly<Record<string, string>>): void {
    this.createdId = headers['Location']?.split('/').at(-1) ?? '';
    if (this.#kept !== undefined) this.#kept.response.headers = headers;
  }

  wrote(bytes: Uint8Array): void {
    this.answerBytes += bytes.length;
    if (this.#kept !== undefined) keepPiece(this.#kept.response, bytes);
  }

  /** Drops head and body; the line stays. */
  forget(): void {
    this.#kept = undefined;
  }

  toJSON(): object {
    const { number, method, path, user, port, connection, sizeBytes, bodyBytes, status, request, response } = this;
    const time = formatTime(this.timeMs);
    return { number, method, path, user, port, connection, sizeBytes, bodyBytes, time, status, request, response };
  }
}

/** The lines, oldest first. When there are too many, the oldest are dropped; heads and bodies are dropped earlier. */
export class RequestLog {
  readonly lines: LoggedRequest[] = [];

  add(line: LoggedRequest): void {
    this.lines.push(line);
    this.lines[this.lines.length - 1 - maxMessages]?.forget();
    // Dropped in blocks, because a removal moves the whole list.
    if (this.lines.length > maxLines * 1.1) this.lines.splice(0, this.lines.length - maxLines);
  }

  clear(): void {
    this.lines.length = 0;
  }
}

interface Raw {
  headers: Readonly<Record<string, string>>;
  readonly pieces: Uint8Array[];
  bytes: number;
}

/** Copies the part that fits, so that a small part does not keep a large buffer alive. */
function keepPiece(raw: Raw, bytes: Uint8Array): void {
  if (bytes.length === 0 || raw.bytes >= maxBodyBytes) return;
  const piece = bytes.slice(0, maxBodyBytes - raw.bytes);
  raw.pieces.push(piece);
  raw.bytes += piece.length;
}

function readable({ headers, pieces }: Raw): Message {
  const shown = Object.entries(headers).map(([name, value]) => [name, maskHeader(name.toLowerCase(), value)] as const);
  const body = Buffer.concat(pieces).toString('utf8');
  return { headers: Object.fromEntries(shown), body: maskBody(body) };
}

function maskHeader(name: string, value: string): string {
  if (name === 'authorization') return value.replace(/^(\S+).*$/s, `$1 ${mask}`);
  if (name === 'cookie' || name === 'set-cookie') return value.replace(/=[^;,]*/, `=${mask}`);
  return value;
}

/** Masks secrets in members of documents and in configuration texts; the last value may be cut off. */
function maskBody(text: string): string {
  return text
    .replace(/("\w*(?:password|token|secret)"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)/gi, `$1"${mask}"`)
    .replace(/(?<!\w)(\w*(?:password|token|secret)\s*=\s*)(?:[^"\\\r\n]|\\[^rn])+/gi, `$1${mask}`);
}

const mask = '***';
const maxLines = 50_000;
/** Number of lines that still have heads and bodies. */
const maxMessages = 1000;
const maxBodyBytes = 16 * 1024;
