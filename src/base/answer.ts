// SPDX-License-Identifier: Apache-2.0

import { Name } from '../cumulocity/wire.ts';
import type { ResponseHead } from '../http/response.ts';
import { firstMember, memberValue, nextMember, readString, stringEquals } from '../json/scan.ts';
import type { Body } from './body.ts';
import { Outcome } from './outcome.ts';

/**
 * Whether an error comes from the platform itself: it has a media type of Cumulocity, or the shape
 * `{"error":"<resource>/<name>",…}`. Gateways, load balancers and portals answer with every status, also in JSON; their
 * answers decide nothing.
 */
export function isPlatformError(head: ResponseHead, body: Body): boolean {
  if (head.isCumulocity) return true;
  if (!head.hasJson) return false;
  const { bytes, end } = body;
  // A long body, for example with a stack trace, is kept only in part.
  for (let at = firstMember(bytes, 0, end); at >= 0; at = nextMember(bytes, at, end)) {
    if (!stringEquals(bytes, at, end, Name.Error)) continue;
    return readString(bytes, memberValue(bytes, at, end), end)?.includes('/') === true;
  }
  return false;
}

/** The outcome of an error status. Undefined: the request is repeated after a pause, and the activity is not told. */
export function outcomeOf(status: number): Outcome | undefined {
  switch (status) {
    case 403:
      return Outcome.Forbidden;
    case 404:
    case 410:
      return Outcome.NotFound;
    case 409:
      return Outcome.Conflict;
    case 408:
    case 425:
    case 429:
      return undefined;
    default:
      return status >= 400 && status < 500 ? Outcome.Invalid : undefined;
  }
}
