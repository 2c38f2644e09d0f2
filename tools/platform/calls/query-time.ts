// SPDX-License-Identifier: Apache-2.0
/** Times in queries. */

import { invalid } from '../http/http.ts';
import { parseQueryTime } from '../time.ts';
import type { Call } from './call.ts';

/** Epoch ms of a query parameter; undefined when it is absent. Throws the platform's 422. */
export function timeParameter(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null) return undefined;
  const ms = parseQueryTime(text);
  if (ms === undefined) throw invalid(`Query parameter ${name} is not a date: ${text}`);
  return ms;
}
