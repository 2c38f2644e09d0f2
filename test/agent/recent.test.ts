import test from 'ava';
import fc from 'fast-check';
import { RecentIds } from '../../src/agent/recent.ts';

const id = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map(String),
  fc.integer({ min: 1, max: 2 ** 53 - 1 }).map(String),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
);

test('what was added among the last sixteen is known, what never was is not', (t) => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), id, (added, other) => {
      const recent = new RecentIds();
      added.forEach((each, i) => {
        recent.add(each);
        // An operation is added when it comes and when it ends.
        if (i % 3 === 0) recent.add(each);
      });
      for (const each of new Set(added.slice(-16))) t.true(recent.has(each), each);
      t.is(recent.has(other), recent.has(other) && added.includes(other), other);
    }),
  );
});

test('the oldest goes first', (t) => {
  const recent = new RecentIds();
  for (let i = 1; i <= 1000; i++) recent.add(String(i));
  t.false(recent.has('1'));
  t.false(recent.has('960'));
  t.true(recent.has('1000'));
  t.true(recent.has('969'));
});

test('ids that look alike are told apart', (t) => {
  const recent = new RecentIds();
  for (const each of ['17', '9007199254740993', 'abc', 'x']) recent.add(each);
  for (const each of ['', '0', '170', '18', '7', '9007199254740992', 'abd', 'ABC', 'cba']) {
    t.false(recent.has(each), each);
  }
});

test('nothing is known at first', (t) => {
  const recent = new RecentIds();
  for (const each of ['0', '1', '', '-1', 'NaN']) t.false(recent.has(each), each);
});
