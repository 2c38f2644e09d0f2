// SPDX-License-Identifier: Apache-2.0
/** Applies ordered faults to an answer. */

import type { Fault } from '../faults.ts';
import type { Reply, Scheduler } from '../model.ts';
import { liedAbout } from './file-lies.ts';

/** Kinds that act when the answer is sent. */
type AnswerFault = Extract<
  Fault,
  { kind: 'delay' | 'dropAfter' | 'status' | 'truncate' | 'trickle' | 'empty' | 'lie' | 'date' }
>;

const ANSWER_KINDS: ReadonlySet<string> = new Set(['dropAfter', 'truncate', 'trickle', 'empty', 'lie', 'date']);
const ERROR_MEDIA = 'application/vnd.com.nsn.cumulocity.error+json;charset=UTF-8;ver=0.9';

/** Whether the fault acts when the answer is sent. */
export function isOfAnswer(fault: Fault): fault is AnswerFault {
  if (fault.kind === 'delay') return fault.after === true;
  return fault.kind === 'status' ? fault.applied === true : ANSWER_KINDS.has(fault.kind);
}

/** Head and body of the answer that a `status` fault gives. */
export function statusAnswer(fault: Extract<Fault, { kind: 'status' }>): {
  headers: Record<string, string>;
  body: Uint8Array;
} {
  const page = `<html><head><title>${fault.status}</title></head><body><center><h1>${fault.status}</h1></center></body></html>`;
  const json = `{"error":"general/ordered","message":"Ordered by a test","info":""}`;
  const body = new TextEncoder().encode(fault.body ?? (fault.html === true ? page : json));
  const type = fault.mediaType ?? (fault.html === true ? 'text/html' : ERROR_MEDIA);
  const headers: Record<string, string> = { 'Content-Type': type, 'Content-Length': String(body.length) };
  if (fault.retryAfterSeconds !== undefined) headers['Retry-After'] = String(fault.retryAfterSeconds);
  if (fault.location !== undefined) headers['Location'] = fault.location;
  return { headers, body };
}

/** Passes an answer on to `reply`, changed by the fault. */
export class DisturbedReply implements Reply {
  onClose: (() => void) | undefined;
  readonly #fault: AnswerFault;
  readonly #reply: Reply;
  readonly #scheduler: Scheduler;
  readonly #onApplied: () => void;
  #head: { status: number; headers: Readonly<Record<string, string>> } | undefined;
  #bytesLeft: number;

  /** @param options.onApplied called when the answer has really been changed */
  constructor(options: { fault: AnswerFault; reply: Reply; scheduler: Scheduler; onApplied: () => void }) {
    this.#fault = options.fault;
    this.#reply = options.reply;
    this.#scheduler = options.scheduler;
    this.#onApplied = options.onApplied;
    this.#bytesLeft = options.fault.kind === 'truncate' ? options.fault.bytes : 0;
    options.reply.onClose = () => this.onClose?.();
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    const fault = this.#fault;
    if (fault.kind === 'date') {
      const time = Date.parse(headers['Date'] ?? '') + fault.skewMs;
      this.#onApplied();
      this.#reply.head(status, { ...headers, Date: new Date(time).toUTCString() });
    } else if (fault.kind === 'truncate' || fault.kind === 'trickle') {
      this.#reply.head(status, headers);
    } else {
      // The other kinds act on the whole answer, so the head waits for its end.
      this.#head = { status, headers };
    }
  }

  write(bytes: Uint8Array): void {
    if (this.#fault.kind === 'truncate') this.#writeUpTo(bytes);
    else if (this.#fault.kind === 'trickle' || this.#fault.kind === 'date') this.#reply.write(bytes);
  }

  end(bytes: Uint8Array = new Uint8Array(0)): void {
    const fault = this.#fault;
    if (fault.kind === 'date') this.#reply.end(bytes);
    else if (fault.kind === 'truncate') {
      if (this.#writeUpTo(bytes)) this.#cut();
    } else if (fault.kind === 'trickle') this.#trickle(bytes, fault.ms, Math.max(1, fault.bytes ?? 1));
    else if (fault.kind === 'lie') this.#lie(fault, bytes);
    // A failed request must not be reported as a success.
    else if (fault.kind === 'status' && fault.status < 300 && (this.#head?.status ?? 0) >= 300) this.#sendWhole(bytes);
    else {
      this.#onApplied();
      if (fault.kind === 'dropAfter') this.#reply.drop();
      else if (fault.kind === 'delay') this.#scheduler.set(() => this.#sendWhole(bytes), fault.ms);
      else if (fault.kind === 'status') this.#replace(fault);
      else this.#empty();
    }
  }

  drop(): void {
    this.#reply.drop();
  }

  /** Writes bytes up to the limit; false once the connection is cut. */
  #writeUpTo(bytes: Uint8Array): boolean {
    if (this.#bytesLeft < 0) return false;
    const part = bytes.subarray(0, this.#bytesLeft);
    if (part.length > 0) this.#reply.write(part);
    this.#bytesLeft -= part.length;
    if (part.length === bytes.length) return true;
    this.#bytesLeft = -1;
    this.#cut();
    return false;
  }

  #cut(): void {
    this.#onApplied();
    this.#reply.drop();
  }

  #trickle(bytes: Uint8Array, ms: number, size: number): void {
    if (bytes.length <= size) {
      this.#reply.end(bytes);
      return;
    }
    this.#onApplied();
    this.#reply.write(bytes.subarray(0, size));
    this.#scheduler.set(() => this.#trickle(bytes.subarray(size), ms, size), ms);
  }

  #sendWhole(bytes: Uint8Array): void {
    if (this.#head !== undefined) this.#reply.head(this.#head.status, this.#head.headers);
    this.#reply.end(bytes);
  }

  #replace(fault: Extract<Fault, { kind: 'status' }>): void {
    const { headers, body } = statusAnswer(fault);
    this.#reply.head(fault.status, { Date: this.#head?.headers['Date'] ?? '', ...headers });
    this.#reply.end(body);
  }

  #lie({ about }: Extract<Fault, { kind: 'lie' }>, bytes: Uint8Array): void {
    const said = this.#head && liedAbout(about, { ...this.#head, body: bytes });
    if (said === undefined) {
      this.#sendWhole(bytes);
      return;
    }
    this.#onApplied();
    this.#reply.head(said.status, said.headers);
    if (said.isCut !== true) this.#reply.end(said.body);
    else {
      this.#reply.write(said.body);
      this.#reply.drop();
    }
  }

  #empty(): void {
    const { status, headers } = this.#head ?? { status: 200, headers: {} };
    this.#reply.head(status, { ...headers, 'Content-Length': '0' });
    this.#reply.end();
  }
}
