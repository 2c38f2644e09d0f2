// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type Alarm, Timers } from '../../src/http/timers.ts';
import { Turnstile } from '../../src/http/turnstile.ts';
import fc from '../support/property.ts';
import { VirtualClock } from './scripted.ts';

function setUp() {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const timers = new Timers(clock, new Turnstile());
  const alarm = (name: string, afterwards?: () => void): Alarm =>
    timers.create({
      onAlarm: () => {
        ran.push(`${name}@${clock.ticks()}`);
        afterwards?.();
      },
    });
  return { clock, timers, ran, alarm };
}

test('an alarm runs once, when it is due, and not within start', (t) => {
  const { clock, ran, alarm } = setUp();
  const a = alarm('a');
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

test('an alarm that a throw of the HAL has kept from running runs when it is started again', (t) => {
  const { clock, timers, ran, alarm } = setUp();
  const a = alarm('a');
  alarm('b').start(30);
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
  const { clock, alarm } = setUp();
  const early = alarm('early');
  const late = alarm('late');
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

test('a stopped alarm does not run; the others do', (t) => {
  const { clock, ran, alarm } = setUp();
  const a = alarm('a');
  const b = alarm('b');
  a.start(10);
  b.start(20);
  a.stop();
  clock.advance(100);
  t.deepEqual(ran, ['b@20']);
});

test('one alarm may stop or restart another that is due at the same moment', (t) => {
  const { clock, ran, alarm } = setUp();
  const b = alarm('b');
  const c = alarm('c');
  const a = alarm('a', () => {
    b.stop();
    c.start(5);
  });
  a.start(10);
  b.start(10);
  c.start(10);
  clock.advance(20);
  t.deepEqual(ran, ['a@10', 'c@15']);
});

test('an alarm that restarts itself with no delay lets the HAL have a turn', (t) => {
  const { clock, ran, alarm } = setUp();
  const a: Alarm = alarm('a', () => a.start(0));
  a.start(0);
  clock.events(3);
  t.is(ran.length, 3);
  t.true(a.active);
});

test('a deadline in the past means as soon as possible', (t) => {
  const { clock, ran, alarm } = setUp();
  clock.advance(500);
  alarm('a').startAt(100);
  clock.advance(0);
  t.deepEqual(ran, ['a@500']);
});

test('a HAL that calls early is asked again', (t) => {
  const { clock, ran, alarm } = setUp();
  alarm('a').start(10);
  clock.advance(9);
  clock.callEarly();
  t.deepEqual(ran, []);
  clock.advance(1);
  t.deepEqual(ran, ['a@10']);
});

test('any number of alarms behave like a sorted list of deadlines', (t) => {
  const action = fc.tuple(fc.nat(4), fc.constantFrom('start', 'start', 'start', 'stop', 'wait'), fc.nat(30));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { clock, ran, alarm } = setUp();
        const alarms = [0, 1, 2, 3, 4].map((i) => alarm(String(i)));
        const model = new Map<number, { due: number; order: number }>();
        const wanted: string[] = [];
        let order = 0;
        for (const [which, what, ms] of actions) {
          if (what === 'start') {
            alarms[which]?.start(ms);
            model.set(which, { due: clock.ticks() + ms, order: order++ });
          } else if (what === 'stop') {
            alarms[which]?.stop();
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
        for (const [index, each] of alarms.entries()) t.is(each.active, model.has(index));
        t.deepEqual(ran, wanted);
      }),
      { numRuns: 1000 },
    ),
  );
});

test('after the end the HAL’s timer does not run, also when the end comes out of an alarm', (t) => {
  const { clock, timers, ran, alarm } = setUp();
  alarm('later').start(500);
  const last = alarm('last', () => timers.close());
  last.start(100);
  clock.advance(100);
  const { starts } = clock;
  last.start(10);
  clock.advance(1000);
  t.deepEqual(ran, ['last@100']);
  t.is(clock.starts, starts);
});
