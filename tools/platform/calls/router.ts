// SPDX-License-Identifier: Apache-2.0
/** The route table: the handlers by method and path. */

import type { Answer } from '../http/http.ts';
import type { UserKind } from '../model.ts';
import type { Call } from './call.ts';

/** One route. A handler that returns nothing answers later through its call. */
export interface Route {
  readonly method: string;
  /** `{name}` stands for one segment. */
  readonly path: string;
  /** Kinds of users that may call it. Default: operators and devices. */
  readonly users?: readonly UserKind[];
  /** Vendor media types (names) or complete media types of the body. Undefined: any. */
  readonly consumes?: readonly string[];
  readonly handle: (call: Call) => Answer | undefined;
}

/** Operators only. */
export const operators: readonly UserKind[] = ['operator'];

/** The outcome of a look-up. */
export type Match =
  | { readonly route: Route; readonly params: readonly string[] }
  /** The path exists with other methods, or not at all. */
  | { readonly route: undefined; readonly otherMethods: readonly string[] };

/** Finds routes by method and path. Literal segments win over `{name}`. */
export class Router {
  /** Routes by their number of segments. */
  readonly #routes = new Map<number, { route: Route; segments: string[] }[]>();

  constructor(routes: readonly Route[]) {
    const sorted = routes
      .map((route) => ({ route, segments: route.path.split('/') }))
      .sort((a, b) => variables(a.segments) - variables(b.segments));
    for (const each of sorted) {
      const { length } = each.segments;
      const some = this.#routes.get(length);
      if (some === undefined) this.#routes.set(length, [each]);
      else some.push(each);
    }
  }

  /** `path` is still percent-encoded. Throws a URIError when it cannot be decoded. */
  find(method: string, path: string): Match {
    // Empty segments are ignored: the platform's Python client sends `/alarm/alarms//1`.
    const parts = ['', ...path.split('/').filter((part) => part !== '')];
    const otherMethods: string[] = [];
    for (const { route, segments } of this.#routes.get(parts.length) ?? []) {
      if (!fits(segments, parts)) continue;
      if (route.method !== method) {
        otherMethods.push(route.method);
        continue;
      }
      const params = parts.filter((_, index) => isVariable(segments[index])).map(decodeURIComponent);
      return { route, params };
    }
    return { route: undefined, otherMethods };
  }
}

function fits(segments: readonly string[], parts: readonly string[]): boolean {
  return segments.every((segment, index) => (isVariable(segment) ? parts[index] !== '' : segment === parts[index]));
}

function isVariable(segment: string | undefined): boolean {
  return segment?.startsWith('{') === true;
}

function variables(segments: readonly string[]): number {
  return segments.filter(isVariable).length;
}
