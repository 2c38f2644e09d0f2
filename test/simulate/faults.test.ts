// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Bench, nameOf } from '../../tools/simulate/bench.ts';
import {
  BROKEN_OFF,
  checkFault,
  KINDS,
  OCCASIONS,
  type Occasion,
  type PlannedFault,
  parseFaults,
  REST_LIES,
} from '../../tools/simulate/faults/fault.ts';
import { simulatedIdentity } from '../../tools/simulate/machine/identity.ts';
import { undoneOf } from '../../tools/simulate/result.ts';
import { SUITES } from '../../tools/simulate/suites/index.ts';
import { runTrial } from '../../tools/simulate/trial.ts';

const identity = await simulatedIdentity();

function live(scenario: string, faults: readonly PlannedFault[]) {
  return runTrial({ scenario, seed: 1, faults }, { identity });
}

test('a fault that there is not is refused, as text and as data', (t) => {
  for (const text of ['exchange 1 nonsense', 'write 1 400', 'exchange 1 toString', 'push 1 late', 'bayeux 1 500']) {
    t.throws(() => parseFaults(text), { instanceOf: RangeError, message: /then one of/ }, text);
  }
  for (const text of ['nothing 1 half', 'exchange 0 400', 'exchange one 400', 'exchange 1 400 more']) {
    t.throws(() => parseFaults(text), { instanceOf: RangeError }, text);
  }
  const fault: PlannedFault = { on: 'exchange', at: 1, what: 'constructor' };
  t.throws(() => checkFault(fault), { instanceOf: RangeError });
  t.throws(() => live('known', [fault]), { instanceOf: RangeError });
});

test('a fault that was not applied is not counted, and named', (t) => {
  // The second request of a new board is answered with 404, which no broken success takes the place of.
  const faults = parseFaults('exchange 1 broken, exchange 999 400');
  const { applied, missed, trouble } = live('cold', faults);
  t.is(trouble, undefined);
  t.deepEqual([applied, missed], [[], faults]);
});

test('operations that are pushed twice, or behind the reply, are', (t) => {
  for (const what of KINDS.push) {
    for (const scenario of ['command', 'restart', 'line']) {
      const { applied, missed, trouble } = live(scenario, [{ on: 'push', at: 1, what }]);
      t.deepEqual([applied.length, missed.length, trouble], [1, 0, undefined], `${scenario} ${what}`);
    }
  }
});

test('every fault that there is can be done', (t) => {
  const left = new Set(OCCASIONS.flatMap((on) => KINDS[on].map((what) => nameOf({ on, what }))));
  const from: Readonly<Record<Occasion, string>> = {
    ...{
      write: 'cold',
      exchange: 'cold',
      bayeux: 'known',
      download: 'files',
      push: 'command',
      connect: 'known',
      call: 'known',
      start: 'known',
      rest: 'known',
    },
  };
  for (const on of OCCASIONS) {
    for (const what of KINDS[on]) {
      for (let at = 1; at <= 4 && left.has(nameOf({ on, what })); at++) {
        // Only a download that has been broken off asks for the rest.
        const before: readonly PlannedFault[] = Object.hasOwn(REST_LIES, what) ? [{ on, at: 1, what: BROKEN_OFF }] : [];
        const { missed } = live(from[on], [...before, { on, at, what }]);
        if (missed.length === 0) left.delete(nameOf({ on, what }));
      }
    }
  }
  t.deepEqual([...left], []);
});

test('a power cut of a board that is off does not count', (t) => {
  const { cuts, missed } = live('restart', parseFaults('exchange 2 after-answer'));
  t.deepEqual([cuts, missed.length], [0, 1]);
});

test('two answers that are under way at the same time: what hits the one does not take the place of the other', (t) => {
  const { missed } = live('line', parseFaults('exchange 1 after-answer, exchange 1 end'));
  t.deepEqual(missed, []);
});

test('a suite in which a fault never happened fails', (t) => {
  t.deepEqual(undoneOf({ kinds: { 'write half': 3, 'push push-last': 0 } }), ['push push-last']);
  for (const { name, kinds } of SUITES) t.is(new Set(kinds).size, kinds.length, name);
});

test('of lives that are much alike each kind is lived, whatever the stride', (t) => {
  for (const stride of [2, 4, 10, 25]) {
    const bench = new Bench({ identity, stride });
    const taken = Array.from({ length: 1000 }, (_, index) => index).filter((index) => bench.takes(index));
    for (const kinds of [2, 3, 4, 5]) {
      t.is(new Set(taken.map((index) => index % kinds)).size, kinds, `${stride} ${kinds}`);
    }
    t.true(Math.abs(taken.length - 1000 / stride) < 20, `${taken.length} of ${1000 / stride}`);
  }
});

test('a sample has one in so many of the lives with a fault', (t) => {
  for (const [sample, least, most] of [
    [1, 40, 40],
    [5, 4, 12],
  ] as const) {
    const bench = new Bench({ identity, sample });
    for (let at = 1; at <= 40; at++)
      bench.disturb({ scenario: 'line', seed: 1, faults: parseFaults(`exchange ${at} end`) });
    const { lives } = bench.tally;
    t.true(lives >= least && lives <= most, `${lives}`);
  }
});
