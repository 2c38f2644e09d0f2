// SPDX-License-Identifier: Apache-2.0
/** Faults of a simulated life, as three words each: `write 4 half`, `exchange 9 after-send`, `connect 2 dns`. */

import type { NetworkErrorKind } from '../../../hal/hal.ts';
import type { Misbehaviour } from '../../platform/faults.ts';
import { type Lie, PART_LIES, WHOLE_LIES } from '../../platform/lies.ts';

/**
 * The occasions that faults count: writes to the flash, requests at the platform, those with Bayeux messages, those of
 * files, answers with operations for the device, attempts to connect, calls into the HAL, starts, and the bytes on the
 * flash of a board that is off.
 */
export const OCCASIONS = [
  'write',
  'exchange',
  'bayeux',
  'download',
  'push',
  'connect',
  'call',
  'start',
  'rest',
] as const;
export type Occasion = (typeof OCCASIONS)[number];
/** Number of each occasion. */
export type Occasions = Record<Occasion, number>;

export function noOccasions(): Occasions {
  return { write: 0, exchange: 0, bayeux: 0, download: 0, push: 0, connect: 0, call: 0, start: 0, rest: 0 };
}

export interface FaultKind {
  readonly on: Occasion;
  readonly what: string;
}

/** A fault that strikes once, at the `at`-th occasion since the fault before, counted from 1. */
export interface PlannedFault extends FaultKind {
  readonly at: number;
}

/** Power cuts around a write. */
export const WRITE_CUTS = ['before', 'half', 'after'] as const;
/**
 * Faults of flash: the value is cut off or has a wrong bit, and the power is cut; nothing is written; the write is
 * refused.
 */
export const FLASH_FAULTS = ['torn', 'flipped', 'ignored', 'refused', 'full'] as const;
/** Power cuts around a request. */
export const EXCHANGE_CUTS = ['before-send', 'after-send', 'mid-answer', 'after-answer'] as const;
/** Damage of flash at rest: a bit flips; the value ends at this byte. */
export const REST_FAULTS = ['flipped', 'torn'] as const;
/** Errors of a connection attempt; `hang` never ends. */
export const CONNECT_FAULTS: readonly ('hang' | NetworkErrorKind)[] = [
  ...(['dns', 'refused', 'unreachable', 'timeout', 'reset', 'closed'] as const),
  ...(['tls-untrusted', 'tls-name', 'tls-date', 'tls-alert', 'no-memory', 'hang'] as const),
];
/** A call into the HAL throws, which the contract forbids. */
export const CALL_FAULTS = ['throws'] as const;
/** A start finds the boot count lost. */
export const START_FAULTS = ['uncounted'] as const;
/** Faults of networks: on a request, its answer, or everything for a while. */
export const NETWORK_FAULTS = [
  ...(['lost', 'dropBefore', 'dropAfter', 'end', 'reset', 'silence', 'link', 'slow', 'bytes'] as const),
  ...(['trickle', 'truncate', 'stall', 'portal', 'asunder'] as const),
] as const;

const RETRY_AFTER = { retryAfterSeconds: 20 };
const HUGE = `{"id":"1","text":"${'x'.repeat(100_000)}"}`;

/** Answers of a platform in trouble, by name. None of them is untrue about the tenant. */
export const PLATFORM_FAULTS: Readonly<Record<string, Misbehaviour>> = {
  ...statuses([401, 408, 429, 500, 502, 503, 504]),
  '429-later': { kind: 'status', status: 429, ...RETRY_AFTER },
  '503-later': { kind: 'status', status: 503, ...RETRY_AFTER },
  '404-page': { kind: 'status', status: 404, html: true },
  '500-applied': { kind: 'status', status: 500, applied: true },
  '504-applied': { kind: 'status', status: 504, html: true, applied: true },
  '301-moved': { kind: 'status', status: 301, html: true },
  '302-moved': { kind: 'status', status: 302, html: true },
  page: { kind: 'status', status: 200, html: true },
  broken: { kind: 'status', status: 200, body: '{"id":', applied: true },
  null: { kind: 'status', status: 200, body: 'null', applied: true },
  list: { kind: 'status', status: 200, body: '[', applied: true },
  huge: { kind: 'status', status: 200, body: HUGE, applied: true },
  late: { kind: 'delay', ms: 8000 },
  'too-late': { kind: 'delay', ms: 75_000, after: true },
  'clock-year-back': { kind: 'date', skewMs: -365 * 86_400_000 },
  'clock-decade-on': { kind: 'date', skewMs: 3650 * 86_400_000 },
};

/** Answers of a Bayeux server to any message. */
export const BAYEUX_FAULTS: Readonly<Record<string, Misbehaviour>> = {
  unknown: { kind: 'bayeuxError' },
  'advice-handshake': { kind: 'advice', advice: { reconnect: 'handshake' } },
  'advice-none': { kind: 'advice', advice: { reconnect: 'none' } },
  'advice-interval': { kind: 'advice', advice: { interval: 3000 } },
};

/** The connection ends within a file; the device asks for the rest. */
export const BROKEN_OFF = 'broken-off';
/** Answers of a server that says something wrong about a file, or of a gateway in front of it. */
export const FILE_LIES: Readonly<Record<string, Misbehaviour>> = {
  ...lies(WHOLE_LIES),
  page: { kind: 'status', status: 200, html: true },
  empty: { kind: 'empty' },
  '202': { kind: 'status', status: 202, body: '' },
  '204': { kind: 'status', status: 204, body: '' },
};
/** The same about the rest of a file, of which the device has the beginning. */
export const REST_LIES: Readonly<Record<string, Misbehaviour>> = lies(PART_LIES);
const DOWNLOAD_FAULTS: Readonly<Record<string, Misbehaviour>> = {
  [BROKEN_OFF]: { kind: 'truncate', bytes: 1000 },
  ...FILE_LIES,
  ...REST_LIES,
};

/** Faults of the delivery of operations. */
export const PUSH_FAULTS: Readonly<Record<string, Misbehaviour>> = {
  'push-twice': { kind: 'duplicatePush' },
  'push-last': { kind: 'connectFirst' },
};

/** Refusals: the device may give up the refused request, but must continue to work. */
export const REFUSALS: Readonly<Record<string, Misbehaviour>> = {
  ...statuses([400, 403, 405, 406, 409, 413, 415, 422, 501]),
};

function lies(list: readonly Lie[]): Record<string, Misbehaviour> {
  return Object.fromEntries(list.map((about) => [about, { kind: 'lie', about }]));
}

function statuses(list: readonly number[]): Record<string, Misbehaviour> {
  return Object.fromEntries(list.map((status) => [String(status), { kind: 'status', status }]));
}

/** All faults, by their occasion. */
export const KINDS: Readonly<Record<Occasion, readonly string[]>> = {
  write: [...WRITE_CUTS, ...FLASH_FAULTS],
  exchange: [...EXCHANGE_CUTS, ...NETWORK_FAULTS, ...Object.keys(PLATFORM_FAULTS), ...Object.keys(REFUSALS)],
  bayeux: Object.keys(BAYEUX_FAULTS),
  download: Object.keys(DOWNLOAD_FAULTS),
  push: Object.keys(PUSH_FAULTS),
  connect: CONNECT_FAULTS,
  call: CALL_FAULTS,
  start: START_FAULTS,
  rest: REST_FAULTS,
};

/** What the platform does for the faults of an occasion. */
const ORDERS: Partial<Record<Occasion, Readonly<Record<string, Misbehaviour>>>> = {
  exchange: { ...PLATFORM_FAULTS, ...REFUSALS },
  bayeux: BAYEUX_FAULTS,
  download: DOWNLOAD_FAULTS,
  push: PUSH_FAULTS,
};

/** The platform's misbehaviour for a fault. Undefined: the platform does not cause it. */
export function orderOf({ on, what }: FaultKind): Misbehaviour | undefined {
  const table = ORDERS[on] ?? {};
  return Object.hasOwn(table, what) ? table[what] : undefined;
}

/** Whether the fault includes a power cut. */
export function isPowerCut({ on, what }: FaultKind): boolean {
  return on !== 'rest' && [...WRITE_CUTS, ...EXCHANGE_CUTS, 'torn', 'flipped'].includes(what);
}

/** Whether the device may take its request as refused for good. */
export function isRefusal({ on, what }: FaultKind): boolean {
  return on === 'exchange' && Object.hasOwn(REFUSALS, what);
}

export function formatFaults(faults: readonly PlannedFault[]): string {
  return faults.map(({ on, at, what }) => `${on} ${at} ${what}`).join(', ');
}

/** @throws RangeError that names the unreadable text and the allowed ones */
export function parseFaults(text: string): PlannedFault[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseFault);
}

function parseFault(text: string): PlannedFault {
  const [on = '', at = '', what = '', ...rest] = text.split(/\s+/);
  if (!/^[1-9]\d{0,6}$/.test(at) || rest.length > 0) {
    throw new RangeError(`fault ${JSON.stringify(text)}: three words, the second a number from 1`);
  }
  return checkFault({ on: on as Occasion, at: Number(at), what });
}

/** @throws RangeError for an unknown fault, with the allowed ones */
export function checkFault(fault: PlannedFault): PlannedFault {
  const text = JSON.stringify(formatFaults([fault]));
  if (!OCCASIONS.includes(fault.on)) throw new RangeError(`fault ${text}: begins with ${OCCASIONS.join(', ')}`);
  const allowed = KINDS[fault.on];
  if (!allowed.includes(fault.what)) throw new RangeError(`fault ${text}: then one of ${allowed.join(', ')}`);
  return fault;
}
