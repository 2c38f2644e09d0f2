// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Decision, NAMES, Outcome, Signal } from '../../src/base/outcome.ts';
import type { Row } from '../../src/base/table.ts';
import { findTables } from '../../tools/docs/diagrams.ts';

const tables = new Map((await findTables()).map(({ name, states }): [string, readonly Row<never>[]] => [name, states]));
const outcomes: readonly number[] = Object.values(Outcome);
const decisions: readonly number[] = Object.values(Decision);
const events: readonly number[] = Object.values(Signal);
const reasons = [...outcomes, ...decisions, ...events];

/** States without a way out: they are final. */
const final = ['logged out'];
/** States in which an activity rests until an event; each state leads to at least one of them. */
const homes = ['idle', 'connect', 'token in use', 'ready', 'certificate in use', ...final];

function targets(table: readonly Row<never>[], state: number): number[] {
  return Object.values(table[state]?.on ?? {}).filter((to) => to !== undefined);
}

function reachable(table: readonly Row<never>[], from: number): Set<number> {
  const seen = new Set([from]);
  for (const state of seen) for (const to of targets(table, state)) seen.add(to);
  return seen;
}

function has(table: readonly Row<never>[], state: number, reason: number): boolean {
  return table[state]?.on[reason] !== undefined;
}

test('outcomes, decisions and events have distinct numbers and distinct names', (t) => {
  t.is(new Set(reasons).size, reasons.length);
  t.deepEqual(
    Object.keys(NAMES).map(Number),
    reasons.sort((a, b) => a - b),
  );
  t.is(new Set(Object.values(NAMES)).size, reasons.length);
});

test('the search finds all tables', (t) => {
  t.true(tables.size >= 10);
  for (const each of ['register', 'listen', 'execute', 'report']) t.true(tables.has(each), each);
});

for (const [name, table] of tables) {
  test(`${name}: outcomes are known, targets exist, names are unique and not empty`, (t) => {
    table.forEach((state, i) => {
      for (const [outcome, to] of Object.entries(state.on)) {
        t.true(reasons.includes(Number(outcome)), `${state.name}: ${outcome}`);
        t.true(Number.isInteger(to) && table[to ?? -1] !== undefined, `${state.name} on ${outcome}: to ${to}`);
      }
      t.true(state.name.length > 0 && state.step.length > 0, `state ${i}`);
    });
    t.is(new Set(table.map((state) => state.name)).size, table.length, 'names are unique');
  });

  test(`${name}: only requests have outcomes, only acting states decide, and waiting states wait for an event`, (t) => {
    table.forEach((state, i) => {
      const any = (of: readonly number[]) => of.some((reason) => has(table, i, reason));
      t.is(any(outcomes), state.request !== undefined, `${state.name}: outcomes`);
      if (state.enter === undefined) t.false(any(decisions), `${state.name}: decisions`);
      const isFinal = final.includes(state.name);
      t.true(any(outcomes) || any(decisions) || any(events) || isFinal, `${state.name}: what it waits for`);
    });
  });

  test(`${name}: no wake and no end of an operation arrives during a request`, (t) => {
    table.forEach((state, i) => {
      if (state.request === undefined) return;
      t.false(has(table, i, Signal.Wake), `${state.name}: wake`);
      t.false(has(table, i, Signal.Ended), `${state.name}: ended`);
    });
    // An activity without requests makes no assertion above.
    t.pass();
  });

  test(`${name}: every state is reachable from the first`, (t) => {
    const seen = reachable(table, 0);
    t.deepEqual(
      table.filter((_, i) => !seen.has(i)).map((state) => state.name),
      [],
    );
  });

  test(`${name}: only final states are dead ends, and each state leads back to a resting one`, (t) => {
    table.forEach((state, i) => {
      t.is(targets(table, i).length === 0, final.includes(state.name), `${state.name}: a way out`);
      const names = [...reachable(table, i)].map((each) => table[each]?.name ?? '');
      t.true(
        names.some((each) => homes.includes(each)),
        `${state.name}: a way home`,
      );
    });
  });

  test(`${name}: each request names the state after success, and the state after a lost answer if it is sent only once`, (t) => {
    for (const state of table) {
      if (state.request === undefined) {
        t.is(state.read, undefined, `${state.name}: read`);
        t.is(state.sink, undefined, `${state.name}: sink`);
        t.is(state.once, undefined, `${state.name}: once`);
        t.is(state.silenceMs, undefined, `${state.name}: silenceMs`);
      } else {
        t.not(state.on[Outcome.Ok], undefined, `${state.name}: ok`);
        // A sink takes the body away from `read`; `read` still has to finish it.
        if (state.sink !== undefined) t.not(state.read, undefined, `${state.name}: read`);
        t.is(state.on[Outcome.Unknown] !== undefined, state.once === true, `${state.name}: unknown`);
      }
    }
  });
}
