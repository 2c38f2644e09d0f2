// SPDX-License-Identifier: Apache-2.0
/** A cell of the matrix: one resource broken in one way for ever, in one kind of life, and its failures. */

import type { Identity } from '../machine/identity.ts';
import { LASTING_FAULTS } from './faults.ts';
import { ROUTES, type Route } from './routes.ts';

export interface Cell {
  readonly route: Route;
  readonly fault: string;
  readonly connections: 1 | 2;
  readonly hasChildren: boolean;
}

export interface CellOptions {
  readonly identity: Identity;
  readonly seed: number;
  /** Hours for which the resource is broken. */
  readonly hours: number;
  readonly keepExchanges?: number;
}

/** A day, with the hours before and after it. */
export const LEAST_HOURS = 26;

export interface CellResult {
  /** Failures by a short name, each with its first occurrence; empty: none. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Number of requests to the broken resource. */
  readonly met: number;
  readonly requests: number;
  readonly simulatedMs: number;
  readonly story: readonly string[];
}

/** The name of a cell in arguments: `events/403/1/alone`. */
export function nameOf({ route, fault, connections, hasChildren }: Cell): string {
  return `${route.name}/${fault}/${connections}/${hasChildren ? 'family' : 'alone'}`;
}

/**
 * The cells of a pattern: route, fault, connections (1, 2) and `alone` or `family`; `*` or nothing means all of them.
 * @throws RangeError that lists the allowed values
 */
export function cellsOf(pattern: string): Cell[] {
  const [route = '*', fault = '*', connections = '*', kin = '*', ...rest] = pattern.split('/');
  if (rest.length > 0) throw new RangeError(`cells ${pattern}: ROUTE/FAULT/CONNECTIONS/KIN expected`);
  const routes = chosen('route', route, new Map(ROUTES.map((each) => [each.name, each])));
  const faults = chosen('fault', fault, new Map(Object.keys(LASTING_FAULTS).map((name) => [name, name])));
  const counts = chosen('connections', connections, new Map([2 as const, 1 as const].map((n) => [String(n), n])));
  const kins = chosen(
    'kin',
    kin,
    new Map([
      ['alone', false],
      ['family', true],
    ] as const),
  );
  return kins.flatMap((hasChildren) =>
    counts.flatMap((count) =>
      routes
        .filter((each) => hasChildren || each.children !== true)
        .flatMap((each) =>
          faults
            .filter((name) => each.except?.includes(name) !== true)
            .map((name) => ({ route: each, fault: name, connections: count, hasChildren })),
        ),
    ),
  );
}

function chosen<T>(what: string, names: string, from: ReadonlyMap<string, T>): T[] {
  if (names === '*' || names === '') return [...from.values()];
  return names.split(',').map((name) => {
    const found = from.get(name);
    if (found === undefined) throw new RangeError(`${what} ${name}: one of ${[...from.keys()].join(', ')} expected`);
    return found;
  });
}
