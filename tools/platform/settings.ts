// SPDX-License-Identifier: Apache-2.0
/** What about the emulator itself can be set while it runs. */

import type { Json, JsonObject } from './model.ts';

export interface Settings {
  /** A held poll gets a space so often, ms. */
  heartbeatMs: number;
  /** Longest hold of a poll without `advice.timeout`, ms. */
  pollTimeoutMs: number;
  /** Whether a Bayeux session is bound to a cookie. */
  cookie: boolean;
  /** Whether the first connect after a handshake is answered at once. */
  firstConnectImmediate: boolean;
  /** Status of delivered credentials: 200 as the guide and the OpenAPI have it, or 201 as the reference has it. */
  credentialsStatus: 200 | 201;
  /** Whether lists carry `next` on their last page too. */
  alwaysNext: boolean;
  /** Whether any update of a managed object is a sign of life, not only an empty one. */
  updatesAreSignsOfLife: boolean;
  /** External ids of a deleted object answer so much longer, ms. */
  deletionDelayMs: number;
  /** The `Date` header is wrong by so much, ms. */
  dateSkewMs: number;
  /** Whether tokens may live less than the platform's least, 300 s. */
  shortTokens: boolean;
  /** How long a certificate of the tenant's own CA is good, ms; the platform's are for a year. */
  certificateLifeMs: number;
  /** Whether the tenant has the service for advanced software management. */
  advancedSoftware: boolean;
  /**
   * What devices call this server besides its own address: `NAME[:PORT]` of a proxy in front or of another network, with
   * a scheme where links need another than this server's own. Without a port: this server's own, or the scheme's.
   */
  hosts: readonly string[];
}

export function defaultSettings(): Settings {
  return {
    heartbeatMs: 600_000,
    pollTimeoutMs: 5_400_000,
    cookie: false,
    firstConnectImmediate: false,
    credentialsStatus: 200,
    alwaysNext: false,
    updatesAreSignsOfLife: false,
    deletionDelayMs: 0,
    dateSkewMs: 0,
    shortTokens: false,
    certificateLifeMs: 31_536_000_000,
    advancedSoftware: false,
    hosts: [],
  };
}

/** Changes some of them, all or none. Throws a RangeError that names the setting. */
export function changeSettings(settings: Settings, changes: JsonObject): void {
  for (const [name, value] of Object.entries(changes)) {
    const allowed = Object.hasOwn(checks, name) ? checks[name as keyof Settings] : undefined;
    if (allowed === undefined) throw new RangeError(`${name}: one of ${Object.keys(checks).join(', ')} expected`);
    if (!allowed.is(value)) throw new RangeError(`${name}: ${allowed.words} expected`);
  }
  Object.assign(settings, changes);
}

interface Check {
  readonly words: string;
  readonly is: (value: Json) => boolean;
}

const yesOrNo: Check = { words: 'true or false', is: (value) => typeof value === 'boolean' };
const milliseconds: Check = {
  words: 'milliseconds from 0',
  is: (value) => typeof value === 'number' && value >= 0,
};
/** One entry of `hosts`. */
export function isHostEntry(text: string): boolean {
  return host.test(text);
}

const host = /^(?:https?:\/\/)?(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
/** As far as dates go (ECMAScript, time values). */
const maxSkewMs = 8e14;

const checks: Readonly<Record<keyof Settings, Check>> = {
  heartbeatMs: { words: 'milliseconds from 1', is: (value) => typeof value === 'number' && value >= 1 },
  pollTimeoutMs: milliseconds,
  cookie: yesOrNo,
  firstConnectImmediate: yesOrNo,
  credentialsStatus: { words: '200 or 201', is: (value) => value === 200 || value === 201 },
  alwaysNext: yesOrNo,
  updatesAreSignsOfLife: yesOrNo,
  deletionDelayMs: milliseconds,
  dateSkewMs: {
    words: `milliseconds of at most ${maxSkewMs}`,
    is: (value) => typeof value === 'number' && Math.abs(value) <= maxSkewMs,
  },
  shortTokens: yesOrNo,
  certificateLifeMs: milliseconds,
  advancedSoftware: yesOrNo,
  hosts: {
    words: 'array of [SCHEME://]NAME[:PORT]',
    is: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string' && isHostEntry(each)),
  },
};
