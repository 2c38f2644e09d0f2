// SPDX-License-Identifier: Apache-2.0
/** The permanent answers of a broken resource, by name. */

import type { Misbehaviour } from '../../platform/faults.ts';

/** Misbehaviour for each request of the resource; `silence`: the request is lost, and the connection stays open. */
export type LastingFault = 'silence' | readonly Misbehaviour[];

const DAY_MS = 86_400_000;

/** The platform's own refusals name the resource, as `measurement/Not Found`. */
const REFUSALS: Readonly<Record<number, readonly [name: string, message: string]>> = {
  404: ['Not Found', 'Finding device data from database failed : No such document'],
  422: ['Unprocessable Entity', 'Source object does not exist in inventory.'],
};

/** @param resource name of the resource in the platform's errors */
function refusal(status: number, resource: string): LastingFault {
  const [name, message] = REFUSALS[status] ?? [];
  const error = name === undefined ? 'security/Forbidden' : `${resource}/${name}`;
  const body = JSON.stringify({ error, message: message ?? 'Access is denied', info: 'https://platform.test/guide' });
  return [{ kind: 'status', status, body }];
}

function failure(status: number, more: { readonly retryAfterSeconds?: number } = {}): LastingFault {
  const body = '{"error":"general/internalError","message":"Something is wrong","info":"https://platform.test/guide"}';
  return [{ kind: 'status', status, body, ...more }];
}

/** Late, but within the timeout, so that everything continues to work. */
export const SLOW = 'slow';
const SLOW_MS = 50_000;

/** Lasting faults by name; each takes the name of the resource. */
export const LASTING_FAULTS: Readonly<Record<string, (resource: string) => LastingFault>> = {
  '500': () => failure(500),
  '503-hour': () => failure(503, { retryAfterSeconds: 3600 }),
  '429': () => failure(429),
  '403': (resource) => refusal(403, resource),
  '404': (resource) => refusal(404, resource),
  '422': (resource) => refusal(422, resource),
  'cut-before': () => [{ kind: 'dropBefore' }],
  'cut-after': () => [{ kind: 'dropAfter' }],
  silence: () => 'silence',
  [SLOW]: () => [{ kind: 'delay', ms: SLOW_MS, after: true }],
  // With the clock of a gateway that was never set.
  portal: () => [
    { kind: 'date', skewMs: 2 * DAY_MS },
    { kind: 'status', status: 200, html: true },
  ],
  gateway: () => [
    {
      kind: 'status',
      status: 404,
      body: '{"message":"no Route matched with those values"}',
      mediaType: 'application/json; charset=utf-8',
    },
  ],
};
