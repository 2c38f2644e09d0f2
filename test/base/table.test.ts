// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Decision, Outcome, Signal } from '../../src/base/outcome.ts';
import { type Row, rowsOf, stateName, successor, table } from '../../src/base/table.ts';

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

test('a table gives back the rows that it was made of', (t) => {
  const made = table<Pump>(OWN, { valve: VALVE });
  const delegated = VALVE.map((row) => ({ ...row, delegate: 'valve' }));
  t.deepEqual(rowsOf(made) as readonly object[], [...OWN, ...delegated]);
  t.is(made.actions.filter((each) => each === 'valve').length, 1, 'what rows share stands once');
});

test('the next state, and the name of a state', (t) => {
  const made = table<Pump>(OWN, { valve: VALVE });
  const next = (state: number, reason: number) => successor(made, state, reason);
  t.deepEqual([next(0, Signal.Wake), next(1, Decision.Other), next(3, Outcome.Unknown)], [1, 2, 1]);
  t.deepEqual([next(0, Signal.Time), next(-1, Signal.Wake), next(-1, Decision.Yes)], [undefined, undefined, undefined]);
  t.deepEqual(
    [-1, 0, 1, 2, 3].map((state) => stateName(made, state)),
    [undefined, 'idle', 'start', 'open', 'ask'],
  );
});
