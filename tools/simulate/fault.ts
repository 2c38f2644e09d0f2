/** What can go wrong in a simulated life, as three words each: `write 4 half`, `exchange 9 after-send`, `connect 2 dns`. */

import type { NetworkErrorKind } from '../../hal/hal.ts';
import type { Misbehaviour } from '../platform/faults.ts';

/**
 * What a fault counts to: writes to the flash, requests at the platform, attempts to connect, or, before a board that is
 * off starts, the bytes on its flash.
 */
export type Occasion = 'write' | 'exchange' | 'connect' | 'rest';

/** It strikes once, at the `at`-th occasion since the fault before it, counted from 1. */
export interface PlannedFault {
  readonly on: Occasion;
  readonly at: number;
  readonly what: string;
}

/** Power cuts, seen from a write. */
export const WRITE_CUTS = ['before', 'half', 'after'] as const;
/** What flash does wrong: the value is cut off or has a wrong bit and the power goes; nothing is written; it is refused. */
export const FLASH_FAULTS = ['torn', 'flipped', 'ignored', 'refused', 'full'] as const;
/** Power cuts, seen from a request. */
export const EXCHANGE_CUTS = ['before-send', 'after-send', 'mid-answer', 'after-answer'] as const;
/** What becomes of flash at rest: a bit turns over; the value ends at this byte. */
export const REST_FAULTS = ['flipped', 'torn'] as const;
/** Connecting fails so, or never ends. */
export const CONNECT_FAULTS: readonly ('hang' | NetworkErrorKind)[] = [
  ...(['dns', 'refused', 'unreachable', 'timeout', 'reset', 'closed'] as const),
  ...(['tls-untrusted', 'tls-name', 'tls-date', 'tls-alert', 'no-memory', 'hang'] as const),
];
/** What networks do to a request, its answer, or everything for a while. */
export const NETWORK_FAULTS = [
  ...(['lost', 'dropBefore', 'dropAfter', 'end', 'reset', 'silence', 'link', 'slow', 'bytes'] as const),
  ...(['trickle', 'truncate', 'stall', 'portal', 'asunder'] as const),
] as const;

const RETRY_AFTER = { retryAfterSeconds: 20 };
const HUGE = `{"id":"1","text":"${'x'.repeat(100_000)}"}`;

/** Answers of a platform in trouble, by name: none of them says anything untrue about the tenant. */
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
  'too-late': { kind: 'delay', ms: 45_000, after: true },
  'clock-year-back': { kind: 'date', skewMs: -365 * 86_400_000 },
  'clock-decade-on': { kind: 'date', skewMs: 3650 * 86_400_000 },
  unknown: { kind: 'bayeuxError' },
  'advice-handshake': { kind: 'advice', advice: { reconnect: 'handshake' } },
  'advice-none': { kind: 'advice', advice: { reconnect: 'none' } },
  'advice-interval': { kind: 'advice', advice: { interval: 3000 } },
  'push-twice': { kind: 'duplicatePush' },
  'push-last': { kind: 'connectFirst' },
};

/** Refusals: whoever is told so may give up what it asked for, but must go on living. */
export const REFUSALS: Readonly<Record<string, Misbehaviour>> = {
  ...statuses([400, 403, 405, 406, 409, 413, 415, 422, 501]),
};

function statuses(list: readonly number[]): Record<string, Misbehaviour> {
  return Object.fromEntries(list.map((status) => [String(status), { kind: 'status', status }]));
}

const KINDS: Readonly<Record<Occasion, readonly string[]>> = {
  write: [...WRITE_CUTS, ...FLASH_FAULTS],
  exchange: [...EXCHANGE_CUTS, ...NETWORK_FAULTS, ...Object.keys(PLATFORM_FAULTS), ...Object.keys(REFUSALS)],
  connect: CONNECT_FAULTS,
  rest: REST_FAULTS,
};

/** Whether the power goes with it. */
export function isPowerCut({ on, what }: PlannedFault): boolean {
  return on !== 'rest' && [...WRITE_CUTS, ...EXCHANGE_CUTS, 'torn', 'flipped'].includes(what);
}

/** Whether it lets a device believe that its request was refused for good. */
export function isRefusal({ on, what }: PlannedFault): boolean {
  return on === 'exchange' && Object.hasOwn(REFUSALS, what);
}

export function formatFaults(faults: readonly PlannedFault[]): string {
  return faults.map(({ on, at, what }) => `${on} ${at} ${what}`).join(', ');
}

/** @throws RangeError that names what cannot be read and what is allowed */
export function parseFaults(text: string): PlannedFault[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseFault);
}

function parseFault(text: string): PlannedFault {
  const [on = '', at = '', what = '', ...rest] = text.split(/\s+/);
  if (!Object.hasOwn(KINDS, on))
    throw new RangeError(`fault ${JSON.stringify(text)}: begins with write, exchange, connect or rest`);
  if (!/^[1-9]\d{0,6}$/.test(at)) throw new RangeError(`fault ${JSON.stringify(text)}: then a number from 1`);
  const allowed = KINDS[on as Occasion];
  if (!allowed.includes(what) || rest.length > 0) {
    throw new RangeError(`fault ${JSON.stringify(text)}: then one of ${allowed.join(', ')}`);
  }
  return { on: on as Occasion, at: Number(at), what };
}
