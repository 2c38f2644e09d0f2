// SPDX-License-Identifier: Apache-2.0
/** Settings of the emulator that may change while it runs. */

import type { Json, JsonObject } from './model.ts';

export interface Settings {
  /** Interval of the spaces in a held poll, ms. */
  heartbeatMs: number;
  /** Longest hold of a poll without `advice.timeout`, ms. */
  pollTimeoutMs: number;
  /** Whether a Bayeux session is bound to a cookie. */
  cookie: boolean;
  /** Whether the first connect after a handshake is answered at once. */
  firstConnectImmediate: boolean;
  /** Status of delivered credentials: 200 as in the guide and the OpenAPI, or 201 as in the reference. */
  credentialsStatus: 200 | 201;
  /** Whether lists carry `next` on their last page too. */
  alwaysNext: boolean;
  /** Elements of a page at most: a request for more gets shorter pages. */
  mostPageSize: number;
  /** Whether any update of a managed object is a sign of life, not only an empty one. */
  updatesAreSignsOfLife: boolean;
  /** Time for which external ids of a deleted object still answer, ms. */
  deletionDelayMs: number;
  /** Error of the `Date` header, ms. */
  dateSkewMs: number;
  /** Whether tokens may live for less than the platform's minimum of 300 s. */
  shortTokens: boolean;
  /** Validity of certificates from the tenant's own CA, ms; the platform's are valid for a year. */
  certificateLifeMs: number;
  /** Whether the tenant has the service for advanced software management. */
  advancedSoftware: boolean;
  /**
   * Further names of this server for devices: `NAME[:PORT]` of a proxy or of another network, with a scheme if links
   * need another one than this server's own. Without a port: this server's own, or the scheme's.
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
    mostPageSize: 2000,
    updatesAreSignsOfLife: false,
    deletionDelayMs: 0,
    dateSkewMs: 0,
    shortTokens: false,
    certificateLifeMs: 31_536_000_000,
    advancedSoftware: false,
    hosts: [],
  };
}

/** Changes settings, all or none. Throws a RangeError that names the setting. */
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
/** Whether the text is a valid entry of `hosts`. */
export function isHostEntry(text: string): boolean {
  return host.test(text);
}

const host = /^(?:https?:\/\/)?(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
/** The range of dates (ECMAScript, time values). */
const maxSkewMs = 8e14;

const checks: Readonly<Record<keyof Settings, Check>> = {
  heartbeatMs: { words: 'milliseconds from 1', is: (value) => typeof value === 'number' && value >= 1 },
  pollTimeoutMs: milliseconds,
  cookie: yesOrNo,
  firstConnectImmediate: yesOrNo,
  credentialsStatus: { words: '200 or 201', is: (value) => value === 200 || value === 201 },
  alwaysNext: yesOrNo,
  mostPageSize: {
    words: 'whole number from 1 to 2000',
    is: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 2000,
  },
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
