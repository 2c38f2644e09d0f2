// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { Agent } from '../../../src/agent/agent.ts';
import { Journal, Progress } from '../../../src/agent/operations/journal.ts';
import fc from '../../support/property.ts';

const machine = new FakeMachine();
const config = { url: 'https://platform.test', bootstrapPassword: 'x' };

/** The journal of a start, with the entries of the previous one. */
function open(): Journal {
  return new Journal(new Agent({ hal: machine.boot(), config, app: () => {}, capabilities: [], parts: [] }));
}

function openFresh(): Journal {
  machine.flash.values.clear();
  return open();
}

function isKnown(journal: Journal, id: string): boolean {
  return journal.progress(journal.find(id)) !== Progress.None;
}

const id = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map(String),
  fc.integer({ min: 1, max: 2 ** 53 - 1 }).map(String),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
);

test('the last thirty-two added operations are known, others are not', (t) => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 100 }), id, (added, other) => {
      const journal = openFresh();
      for (const each of added) {
        if (isKnown(journal, each)) continue;
        journal.take(each, journal.find(each));
        journal.begin(each);
        journal.end(each, each.length % 2 === 0 ? undefined : 'odd');
      }
      for (const each of [...new Set(added)].slice(-32)) {
        t.is(journal.progress(journal.find(each)), each.length % 2 === 0 ? Progress.Succeeded : Progress.Failed, each);
      }
      t.true(!isKnown(journal, other) || added.includes(other), other);
    }),
    { numRuns: 50 },
  );
});

test('a number in another form is another id', (t) => {
  for (const [one, others] of [
    ['1000', ['1e3', '1E3', '01000', '10e2', '10000e-1']],
    ['10', ['1e1', '1E1', '1e-0', '-10']],
  ] as const) {
    const journal = openFresh();
    for (const each of [one, ...others]) {
      t.false(isKnown(journal, each), each);
      journal.take(each, journal.find(each));
      journal.begin(each);
    }
    journal.end('1e3', 'no paper');
    t.is(journal.progress(journal.find(one)), Progress.Begun);
    const later = open();
    for (const each of [one, ...others]) t.true(isKnown(later, each), each);
  }
});

test('the oldest entry goes first, but no operation that waits', (t) => {
  const journal = openFresh();
  for (let n = 1; n <= 8; n++) journal.take(String(n), journal.find(String(n)));
  journal.begin('3');
  for (let n = 100; n <= 1000; n++) {
    journal.take(String(n), journal.find(String(n)));
    journal.end(String(n), undefined);
  }
  for (let n = 1; n <= 8; n++)
    t.is(journal.progress(journal.find(String(n))), n === 3 ? Progress.Begun : Progress.Taken);
  t.false(isKnown(journal, '976'));
  t.true(isKnown(journal, '977'));
});

test('a start knows the begun and ended operations and forgets those that only waited', (t) => {
  const before = openFresh();
  for (const each of ['1', '2', '3', '4', 'a']) before.take(each, before.find(each));
  for (const each of ['2', '3', '4', 'a']) before.begin(each);
  before.end('3', undefined);
  before.end('4', 'no paper');
  before.end('a', 'no ink');
  const journal = open();
  t.deepEqual(
    ['1', '2', '3', '4', 'a', '5'].map((each) => journal.progress(journal.find(each))),
    [Progress.None, Progress.Begun, Progress.Succeeded, Progress.Failed, Progress.Failed, Progress.None],
  );
  t.is(journal.reason('4'), 'no paper');
  t.is(journal.reason('a'), 'no ink');
  t.true(isKnown(journal, '3'));
  t.false(journal.knows(journal.find('3')), 'it may stand in line again, to be reported');
  journal.take('3', journal.find('3'));
  t.true(journal.knows(journal.find('3')));
  t.is(journal.progress(journal.find('3')), Progress.Succeeded);
  journal.told('4');
  t.is(open().reason('a'), 'no ink');
  t.true(machine.flash.values.has('op-reasons'));
  open().told('a');
  t.false(machine.flash.values.has('op-reasons'));
});

test('an operation that may be repeated costs no write of its own, and its failure is on flash only with its reason', (t) => {
  const journal = openFresh();
  for (const each of ['1', '2', '3']) journal.take(each, journal.find(each));
  journal.end('1', 'no paper');
  t.deepEqual([...machine.flash.values.keys()], []);
  journal.told('1');
  t.deepEqual([...machine.flash.values.keys()], []);
  journal.end('2', 'no ink');
  journal.begin('3');
  const after = open();
  t.is(after.progress(after.find('2')), Progress.Failed);
  t.is(open().reason('2'), 'no ink');
});

test('similar ids are told apart', (t) => {
  const journal = openFresh();
  for (const each of ['17', '9007199254740993', 'abc', 'x', '016', '0x1f']) journal.take(each, journal.find(each));
  for (const each of [
    '',
    '0',
    '170',
    '18',
    '7',
    '9007199254740992',
    'abd',
    'ABC',
    'cba',
    '16',
    '0016',
    '017',
    '31',
    '0x1F',
  ]) {
    t.false(isKnown(journal, each), each);
  }
});

test('the journal is empty at first, when damaged, and when its size is different', (t) => {
  const journal = openFresh();
  for (const each of ['0', '1', '', '-1', 'NaN']) t.false(isKnown(journal, each), each);
  journal.begin('7');
  for (const damage of [Uint8Array.of(1, 2, 3), machine.flash.values.get('operations')?.slice(0, 90)]) {
    machine.flash.values.set('operations', damage ?? new Uint8Array(0));
    t.false(isKnown(open(), '7'));
  }
});

test('reasons of any shape, of reported, deleted or forgotten operations: bounded, and each kept apart', (t) => {
  const shapes = ['two\nlines', '', 'one\r\n\u001b[2J', '2000 forged', '\u{1F525}'.repeat(60), 'x'.repeat(400)];
  let journal = openFresh();
  for (let n = 0; n < 400; n++) {
    const each = String(1000 + n);
    journal.take(each, journal.find(each));
    journal.begin(each);
    journal.end(each, shapes[n % shapes.length]);
    if (n % 3 === 0) journal.told(each);
    if (n % 7 === 0) journal = open();
    t.true((machine.flash.values.get('op-reasons')?.length ?? 0) <= 2100);
  }
  journal = open();
  t.is(journal.reason('1398'), 'one [2J');
  t.is(journal.reason('1399'), 'it failed before the device restarted', 'told');
  t.is(journal.reason('1395'), 'x'.repeat(100));
});

test('operations that the platform did not let begin leave room for the waiting ones', (t) => {
  const journal = openFresh();
  for (let n = 1; n <= 8; n++) journal.take(String(n), journal.find(String(n)));
  for (let n = 100; n < 200; n++) {
    journal.take(String(n), journal.find(String(n)));
    journal.leaveAlone(String(n));
    t.true(journal.knows(journal.find(String(n))), 'not again in this start');
  }
  for (let n = 1; n <= 8; n++) t.true(journal.knows(journal.find(String(n))), String(n));
  journal.begin('1');
  t.false(isKnown(open(), '199'), 'the next start tries it again');
});

test('one of the skipped operations is tried again, or all', (t) => {
  const journal = openFresh();
  const left = () => ['1', '2', '3'].filter((each) => isKnown(journal, each)).length;
  for (const each of ['1', '2', '3']) journal.leaveAlone(each);
  journal.forgetLeft(false);
  t.is(left(), 2);
  journal.forgetLeft(true);
  t.is(left(), 0);
});
