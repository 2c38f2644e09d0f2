// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { EventScope } from '../../src/timers/event-scope.ts';
import { type Deadline, Timers } from '../../src/timers/timers.ts';
import { VirtualClock } from '../http/scripted.ts';
import fc from '../support/property.ts';

function setUp() {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const timers = new Timers(clock, new EventScope());
  const deadline = (name: string, afterwards?: () => void): Deadline =>
    timers.create({
      onDeadline: () => {
        ran.push(`${name}@${clock.ticks()}`);
        afterwards?.();
      },
    });
  return { clock, timers, ran, deadline };
}

test('a deadline runs once, when it is due, and not within start', (t) => {
  const { clock, ran, deadline } = setUp();
  const a = deadline('a');
  t.false(a.active);
  a.start(0);
  t.true(a.active);
  t.deepEqual(ran, []);
  clock.advance(0);
  t.deepEqual(ran, ['a@0']);
  t.false(a.active);
  clock.advance(1000);
  t.deepEqual(ran, ['a@0']);
  a.start(50);
  t.is(a.dueMs, 1050);
  clock.advance(49);
  t.is(ran.length, 1);
  clock.advance(1);
  t.deepEqual(ran, ['a@0', 'a@1050']);
});

test('a deadline that did not run because the HAL has thrown runs when it is started again', (t) => {
  const { clock, timers, ran, deadline } = setUp();
  const a = deadline('a');
  deadline('b').start(30);
  const { arm } = timers;
  timers.arm = () => {
    throw new Error('no timer');
  };
  t.throws(() => a.start(10), { message: 'no timer' });
  t.false(a.active);
  timers.arm = arm;
  a.start(20);
  a.stop();
  a.start(20);
  clock.advance(30);
  t.deepEqual(ran, ['a@20', 'b@30']);
});

test('the HAL’s timer is touched only when the earliest deadline gets earlier', (t) => {
  const { clock, deadline } = setUp();
  const early = deadline('early');
  const late = deadline('late');
  early.start(100);
  late.start(200);
  early.start(150);
  for (let i = 0; i < 50; i++) {
    late.start(300);
    late.stop();
  }
  t.is(clock.starts, 1);
  late.start(99);
  t.is(clock.starts, 2);
});

test('a stopped deadline does not run; the others do', (t) => {
  const { clock, ran, deadline } = setUp();
  const a = deadline('a');
  const b = deadline('b');
  a.start(10);
  b.start(20);
  a.stop();
  clock.advance(100);
  t.deepEqual(ran, ['b@20']);
});

test('one deadline may stop or restart another that is due at the same moment', (t) => {
  const { clock, ran, deadline } = setUp();
  const b = deadline('b');
  const c = deadline('c');
  const a = deadline('a', () => {
    b.stop();
    c.start(5);
  });
  a.start(10);
  b.start(10);
  c.start(10);
  clock.advance(20);
  t.deepEqual(ran, ['a@10', 'c@15']);
});

test('a deadline that restarts itself with no delay lets the HAL have a turn', (t) => {
  const { clock, ran, deadline } = setUp();
  const a: Deadline = deadline('a', () => a.start(0));
  a.start(0);
  clock.events(3);
  t.is(ran.length, 3);
  t.true(a.active);
});

test('a deadline in the past means as soon as possible', (t) => {
  const { clock, ran, deadline } = setUp();
  clock.advance(500);
  deadline('a').startAt(100);
  clock.advance(0);
  t.deepEqual(ran, ['a@500']);
});

test('a HAL that calls early is asked again', (t) => {
  const { clock, ran, deadline } = setUp();
  deadline('a').start(10);
  clock.advance(9);
  clock.callEarly();
  t.deepEqual(ran, []);
  clock.advance(1);
  t.deepEqual(ran, ['a@10']);
});

test('any number of deadlines behave like a sorted list', (t) => {
  const action = fc.tuple(fc.nat(4), fc.constantFrom('start', 'start', 'start', 'stop', 'wait'), fc.nat(30));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { clock, ran, deadline } = setUp();
        const deadlines = [0, 1, 2, 3, 4].map((i) => deadline(String(i)));
        const model = new Map<number, { due: number; order: number }>();
        const wanted: string[] = [];
        let order = 0;
        for (const [which, what, ms] of actions) {
          if (what === 'start') {
            deadlines[which]?.start(ms);
            model.set(which, { due: clock.ticks() + ms, order: order++ });
          } else if (what === 'stop') {
            deadlines[which]?.stop();
            model.delete(which);
          } else {
            const until = clock.ticks() + ms;
            const due = [...model].filter(([, each]) => each.due <= until);
            due.sort(([, a], [, b]) => a.due - b.due || a.order - b.order);
            for (const [index, each] of due) {
              wanted.push(`${index}@${each.due}`);
              model.delete(index);
            }
            clock.advance(ms);
          }
        }
        for (const [index, each] of deadlines.entries()) t.is(each.active, model.has(index));
        t.deepEqual(ran, wanted);
      }),
      { numRuns: 1000 },
    ),
  );
});

test('after the end the HAL’s timer does not run, also when the end comes out of a deadline', (t) => {
  const { clock, timers, ran, deadline } = setUp();
  deadline('later').start(500);
  const last = deadline('last', () => timers.close());
  last.start(100);
  clock.advance(100);
  const { starts } = clock;
  last.start(10);
  clock.advance(1000);
  t.deepEqual(ran, ['last@100']);
  t.is(clock.starts, starts);
});
