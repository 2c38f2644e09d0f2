// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Decision, Outcome, Signal } from '../../src/base/outcome.ts';
import { type Row, rowsOf, stateName, successor, type Table, table, WIDTH } from '../../src/base/table.ts';

interface Pump {
  readonly valve: { open(): Decision };
  start(): Decision;
}

const open = (valve: Pump['valve']) => valve.open();
const OWN: readonly Row<Pump>[] = [
  { name: 'idle', step: 'step 1', on: { [Signal.Wake]: 1 } },
  { name: 'start', step: 'step 2', enter: (pump) => pump.start(), on: { [Decision.Yes]: 0, [Decision.Other]: 2 } },
];
const VALVE: readonly Row<Pump['valve']>[] = [
  { name: 'open', step: 'step 3', enter: open, on: { [Decision.Yes]: 3 } },
  {
    name: 'ask',
    step: 'step 4',
    creates: true,
    once: true,
    request: () => {},
    read: () => true,
    silenceMs: () => 1,
    on: { [Outcome.Ok]: 0, [Outcome.Unknown]: 1 },
  },
];

/** The index of the bytes of a state. */
const placeOf = (made: Table<Pump>, state: number) => (made + state) * WIDTH;

test('a table gives back the rows that it was made of', (t) => {
  const first = table<Pump>(OWN, { valve: VALVE });
  const second = table<Pump>(OWN);
  const delegated = VALVE.map((row) => ({ ...row, delegate: 'valve' }));
  t.deepEqual(rowsOf(first) as readonly object[], [...OWN, ...delegated]);
  t.deepEqual(rowsOf(second) as readonly object[], OWN);
});

test('the next state, and the name of a state', (t) => {
  table<Pump>(OWN);
  const made = table<Pump>(OWN, { valve: VALVE });
  const next = (state: number, reason: number) => successor(placeOf(made, state), reason);
  t.deepEqual([next(0, Signal.Wake), next(1, Decision.Other), next(3, Outcome.Unknown)], [1, 2, 1]);
  t.deepEqual([next(0, Signal.Time), next(-1, Signal.Wake), next(-1, Decision.Yes)], [undefined, undefined, undefined]);
  t.deepEqual(
    [-1, 0, 1, 2, 3].map((state) => stateName(placeOf(made, state))),
    ['', 'idle', 'start', 'open', 'ask'],
  );
});

test('a table of more states than a byte can number is refused, and leaves nothing', (t) => {
  const many = Array.from({ length: 255 }, (_, i): Row<unknown> => ({ name: `${i}`, step: 'guide step 1', on: {} }));
  const before = table([]);
  t.throws(() => table(many), { instanceOf: RangeError, message: 'table: too many states' });
  t.is(table([]), before + 1);
  t.notThrows(() => table(many.slice(1)));
});
