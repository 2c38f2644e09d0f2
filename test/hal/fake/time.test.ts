// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Scheduled, VirtualTime } from '../../../hal/fake/time.ts';
import fc from '../../support/property.ts';

test('time passes only in the run calls', (t) => {
  const time = new VirtualTime(1_000_000);
  const seen: number[] = [];
  time.schedule(5, () => seen.push(time.nowMs));
  time.schedule(2 ** 40, () => seen.push(time.nowMs));
  t.is(time.nowMs, 0);
  time.run(4);
  t.deepEqual([time.nowMs, time.epochMs, ...seen], [4, 1_000_004]);
  time.run(1);
  t.deepEqual(seen, [5]);
  t.true(time.runNext());
  t.deepEqual(seen, [5, 2 ** 40]);
  t.false(time.runNext());
  t.is(time.nowMs, 2 ** 40);
});

test('runUntil stops at the event that makes it true, or at the end', (t) => {
  const time = new VirtualTime();
  let count = 0;
  const tick = () => {
    count += 1;
    time.schedule(10, tick);
  };
  time.schedule(10, tick);
  t.true(time.runUntil(() => count === 3, 1000));
  t.is(time.nowMs, 30);
  t.false(time.runUntil(() => count === 100, 45));
  t.deepEqual([time.nowMs, count], [75, 7]);
});

test('a loop that no time passes in is an error', (t) => {
  const time = new VirtualTime();
  const again = () => void time.schedule(0, again);
  again();
  t.throws(() => time.run(1), { message: /stands still/ });
});

test('events come in order of their moments, then as they were asked for; cancelled ones never', (t) => {
  const delay = fc.integer({ min: 0, max: 30 });
  const plan = fc.array(fc.record({ delay, cancel: fc.boolean() }), { maxLength: 200 });
  fc.assert(
    fc.property(plan, (events) => {
      const time = new VirtualTime();
      const seen: number[] = [];
      const scheduled: Scheduled[] = events.map((event, index) => time.schedule(event.delay, () => seen.push(index)));
      events.forEach((event, index) => {
        if (event.cancel) scheduled[index]?.cancel();
      });
      time.run(100);
      const expected = events
        .map((event, index) => ({ ...event, index }))
        .filter((event) => !event.cancel)
        .sort((a, b) => a.delay - b.delay || a.index - b.index)
        .map((event) => event.index);
      t.deepEqual(seen, expected);
    }),
  );
});

test('timers that are started over and over do not pile up', (t) => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.schedule(1e9 + 1, () => seen.push('last'));
  let running = time.schedule(1e9, () => seen.push('running'));
  for (let round = 0; round < 20_000; round++) {
    running.cancel();
    running.cancel();
    running = time.schedule(1e9, () => seen.push('running'));
  }
  t.true(time.pending < 5000, `${time.pending} events are kept`);
  time.run(2e9);
  t.deepEqual(seen, ['running', 'last']);
});
