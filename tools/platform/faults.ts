// SPDX-License-Identifier: Apache-2.0
/** Ordered faults: the requests that they affect, and their effects. */

import { LIES, type Lie } from './lies.ts';
import type { JsonObject } from './model.ts';

/** Selects the requests of a fault; absent members match everything. */
export interface FaultMatch {
  /** HTTP method. */
  readonly method?: string;
  /** Path without query; `*` stands for part of a segment, `**` for any number of segments. */
  readonly path?: string;
  /** Only Bayeux requests with a message of this channel, as `/meta/connect`. */
  readonly channel?: string;
  /** Only requests whose target or body contains this text. */
  readonly contains?: string;
  /** Only requests of this user. By default, requests of operators are not affected. */
  readonly user?: string;
  /** Number of matching requests that first pass undisturbed. Default 0. */
  readonly skip?: number;
  /** Number of disturbed requests. Default 1. */
  readonly times?: number;
}

/** Bayeux advice. */
export interface Advice {
  readonly reconnect?: 'retry' | 'handshake' | 'none';
  /** Milliseconds. */
  readonly interval?: number;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** The effect of a fault. */
export type Misbehaviour =
  /** Waits before the request is applied (`after`: before its answer is sent). */
  | { readonly kind: 'delay'; readonly ms: number; readonly after?: boolean }
  /** Cuts the connection; the request has no effect. */
  | { readonly kind: 'dropBefore' }
  /** Applies the request, then cuts the connection instead of answering. */
  | { readonly kind: 'dropAfter' }
  /** Cuts the connection this long after the request, if it is not answered by then (a held poll). */
  | { readonly kind: 'cut'; readonly ms: number }
  /** Answers this status; nothing is applied unless `applied` says so. `html` sends a load balancer's page. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      /** Target of a redirect. */
      readonly location?: string;
      readonly html?: boolean;
      readonly body?: string;
      /** Default: the media type of the platform's errors. */
      readonly mediaType?: string;
      readonly applied?: boolean;
    }
  /** Sends this many bytes of the body, then cuts the connection. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** Sends the body in pieces of `bytes` (default 1), `ms` apart. */
  | { readonly kind: 'trickle'; readonly ms: number; readonly bytes?: number }
  /** Applies the request and answers its status with an empty body. */
  | { readonly kind: 'empty' }
  /** Says something wrong about the file that it sends. */
  | { readonly kind: 'lie'; readonly about: Lie }
  /** Adds this to the time in the `Date` header. */
  | { readonly kind: 'date'; readonly skewMs: number }
  /** The token of the request expires right before it is read. */
  | { readonly kind: 'expireToken' }
  /** Sends the operations of the next reply to a connect twice. */
  | { readonly kind: 'duplicatePush' }
  /** Pushes operations only when two are waiting. */
  | { readonly kind: 'pairPushes' }
  /** Sends the reply to the connect before the operations. */
  | { readonly kind: 'connectFirst' }
  /** The Bayeux message fails with this error (default `402::Unknown client`, which ends the session). */
  | { readonly kind: 'bayeuxError'; readonly error?: string; readonly advice?: Advice }
  /** The reply of the Bayeux message carries this advice; `handshake` and `none` end the session. */
  | { readonly kind: 'advice'; readonly advice: Advice };

/** A fault: its requests and its effect. */
export type Fault = FaultMatch & Misbehaviour;
/** Kinds of misbehaviour. */
export type FaultKind = Fault['kind'];

/** The request data that a fault is matched against. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly isOperator: boolean;
  /** Text that is searched for `contains` and `channel`. */
  readonly text: string;
}

interface Entry {
  readonly id: number;
  readonly fault: Fault;
  readonly pattern: RegExp;
  skip: number;
  left: number;
}

/** A fault in the list of orders. */
export interface OrderedFault {
  readonly id: number;
  readonly fault: Fault;
  /** Number of requests that it will still disturb. */
  readonly left: number;
}

/** Kinds that the Bayeux code applies itself; the others disturb whole requests and answers. */
const bayeuxKinds: ReadonlySet<FaultKind> = new Set([
  'duplicatePush',
  'pairPushes',
  'connectFirst',
  'bayeuxError',
  'advice',
]);

/** All orders that are not used up. */
export class FaultBook {
  /** Called when a fault has really been applied to a request or its answer: not every matching fault can be. */
  onApplied: ((fault: Fault) => void) | undefined;
  #entries: Entry[] = [];
  #lastId = 0;

  /** Adds an order; the id is for `cancel`. */
  order(fault: Fault): number {
    checkFault(fault);
    if (this.#entries.length >= maxOrders) throw new RangeError(`more than ${maxOrders} faults ordered`);
    const pattern = pathPattern(fault.path ?? '**');
    this.#lastId += 1;
    this.#entries.push({ id: this.#lastId, fault, pattern, skip: fault.skip ?? 0, left: fault.times ?? 1 });
    return this.#lastId;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  list(): OrderedFault[] {
    return this.#entries.map(({ id, fault, left }) => ({ id, fault, left }));
  }

  /** Removes one order, or all. */
  cancel(id?: number): void {
    this.#entries = id === undefined ? [] : this.#entries.filter((entry) => entry.id !== id);
  }

  /** The faults that match this request; each counts as used. */
  takeFor(subject: FaultSubject): Fault[] {
    return this.#take(subject, (kind) => !bayeuxKinds.has(kind));
  }

  /** The first fault of a Bayeux kind that matches this message; counts as used. */
  takeBayeux<K extends FaultKind>(kind: K, subject: FaultSubject): Extract<Fault, { kind: K }> | undefined {
    const [fault] = this.#take(subject, (candidate) => candidate === kind);
    if (fault !== undefined) this.onApplied?.(fault);
    return fault as Extract<Fault, { kind: K }> | undefined;
  }

  /** Whether a fault of this kind waits for the message, without using it. */
  waits(kind: FaultKind, subject: FaultSubject): boolean {
    return this.#entries.some((entry) => entry.fault.kind === kind && entry.skip === 0 && meets(entry, subject));
  }

  #take(subject: FaultSubject, wanted: (kind: FaultKind) => boolean): Fault[] {
    const taken: Fault[] = [];
    for (const entry of this.#entries) {
      if (!wanted(entry.fault.kind) || !meets(entry, subject)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
      } else {
        entry.left -= 1;
        taken.push(entry.fault);
      }
    }
    this.#entries = this.#entries.filter((entry) => entry.left > 0);
    return taken;
  }
}

function meets({ fault, pattern }: Entry, subject: FaultSubject): boolean {
  if (fault.user === undefined ? subject.isOperator : fault.user !== subject.user) return false;
  if (fault.method !== undefined && fault.method.toUpperCase() !== subject.method) return false;
  if (fault.channel !== undefined && !subject.text.includes(`"${fault.channel}"`)) return false;
  if (fault.contains !== undefined && !subject.text.includes(fault.contains)) return false;
  return pattern.test(subject.path);
}

function pathPattern(path: string): RegExp {
  const source = path
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`);
}

const maxOrders = 1000;

type FieldType = 'number' | 'string' | 'boolean' | 'object';
const matchFields: Record<string, FieldType> = {
  method: 'string',
  path: 'string',
  channel: 'string',
  contains: 'string',
  user: 'string',
  skip: 'number',
  times: 'number',
};
/** Bounds of the whole numbers. A status below 200 is no final answer (RFC 9110 §15.2). */
const wholeNumbers: Readonly<Record<string, readonly [least: number, most: number]>> = {
  skip: [0, Number.MAX_SAFE_INTEGER],
  times: [1, Number.MAX_SAFE_INTEGER],
  status: [200, 599],
  bytes: [0, Number.MAX_SAFE_INTEGER],
};
/** Fields of each kind; `?` marks optional ones. */
const kindFields: Record<FaultKind, Record<string, FieldType>> = {
  delay: { ms: 'number', 'after?': 'boolean' },
  dropBefore: {},
  dropAfter: {},
  cut: { ms: 'number' },
  status: {
    'location?': 'string',
    status: 'number',
    'retryAfterSeconds?': 'number',
    'html?': 'boolean',
    'body?': 'string',
    'mediaType?': 'string',
    'applied?': 'boolean',
  },
  truncate: { bytes: 'number' },
  trickle: { ms: 'number', 'bytes?': 'number' },
  empty: {},
  lie: { about: 'string' },
  date: { skewMs: 'number' },
  expireToken: {},
  duplicatePush: {},
  pairPushes: {},
  connectFirst: {},
  bayeuxError: { 'error?': 'string', 'advice?': 'object' },
  advice: { advice: 'object' },
};

/** Checks an order that came over the wire. Throws a RangeError that names the field. */
export function checkFault(order: object): Fault {
  return checkFields(order as JsonObject);
}

function checkFields(order: JsonObject): Fault {
  const kind = order['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(kindFields, kind)) {
    throw new RangeError(`kind: one of ${Object.keys(kindFields).join(', ')} expected`);
  }
  const fields = kindFields[kind as FaultKind];
  const known = new Set(['kind', ...Object.keys(matchFields)]);
  for (const [key, type] of Object.entries(fields)) {
    const name = key.replace('?', '');
    known.add(name);
    checkField(order, name, type, key !== name);
  }
  for (const [name, type] of Object.entries(matchFields)) checkField(order, name, type, true);
  if (kind === 'lie' && !LIES.some((each) => each === order['about']))
    throw new RangeError(`about: one of ${LIES.join(', ')} expected`);
  for (const name of Object.keys(order)) if (!known.has(name)) throw new RangeError(`${name}: unknown for ${kind}`);
  return order as unknown as Fault;
}

function checkField(order: JsonObject, name: string, type: FieldType, optional: boolean): void {
  const value = order[name];
  if (value === undefined ? !optional : typeof value !== type || value === null) {
    throw new RangeError(`${name}: ${type} expected`);
  }
  if (typeof value === 'number' && (!Number.isFinite(value) || (value < 0 && name !== 'skewMs'))) {
    throw new RangeError(`${name}: not negative expected`);
  }
  const [least, most] = wholeNumbers[name] ?? [];
  if (value === undefined || least === undefined || most === undefined) return;
  if (!Number.isInteger(value)) throw new RangeError(`${name}: whole number expected`);
  if (Number(value) < least) throw new RangeError(`${name}: at least ${least} expected`);
  if (Number(value) > most) throw new RangeError(`${name}: at most ${most} expected`);
}
