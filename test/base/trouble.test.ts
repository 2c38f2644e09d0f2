// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FakeMachine } from '../../hal/fake/machine.ts';
import { MOST_PAUSE_MS, pauseMs, type Trouble, Troubles } from '../../src/base/trouble.ts';

function create() {
  const machine = new FakeMachine();
  const hal = machine.boot();
  const lines: string[] = [];
  hal.log = (level, text) => void lines.push(`${level}: ${text}`);
  return { hal, lines, troubles: new Troubles(hal) };
}

class Owner {
  retries = 0;
  retry(): void {
    this.retries++;
  }
}

function failTimes(troubles: Troubles, owner: Owner, reason: string, times: number): Trouble {
  let trouble = troubles.fail(undefined, owner, 'report', reason);
  for (let i = 1; i < times; i++) trouble = troubles.fail(trouble, owner, 'report', reason);
  return trouble;
}

test('the pause grows, is randomised and has an upper bound', (t) => {
  let before = 0;
  for (let failures = 1; failures < 100; failures++) {
    const [least, most] = [pauseMs(failures, 0), pauseMs(failures, 0.999)];
    t.true(least >= 500 || failures === 1, `${failures}: ${least}`);
    t.true(most - least >= Math.min(most / 2 - 1, 100_000), `${failures}: spread`);
    t.true(most >= before && most <= MOST_PAUSE_MS, `${failures}: ${most}`);
    before = most;
  }
  t.true(pauseMs(1, 0.999) <= 1000, 'the first one is short');
  const perHour = 3_600_000 / ((pauseMs(1000, 0) + pauseMs(1000, 0.999)) / 2);
  t.true(perHour <= 20, `${perHour} an hour in the end`);
});

test('a failure is logged when it begins and when it ends, and the status shows it in between', (t) => {
  const { lines, troubles } = create();
  const trouble = failTimes(troubles, new Owner(), 'HTTP 500', 4);
  t.is(lines.length, 1);
  t.regex(lines[0] ?? '', /^warn: report: HTTP 500; next try in \d+ s$/);
  t.regex(troubles.lines().join('\n'), /^trouble: report: HTTP 500; 4 failures, next try in \d+ s$/);
  troubles.end(trouble, true);
  t.deepEqual(lines.slice(1), ['info: works again after 4 failures: report: HTTP 500']);
  t.deepEqual(troubles.lines(), []);
  troubles.end(trouble, true);
  t.is(lines.length, 2, 'it ends once');
});

test('Retry-After is the minimum wait, one hour at most, and binds only the client that got it', (t) => {
  const { hal, troubles } = create();
  const told = troubles.fail(undefined, new Owner(), 'a', 'HTTP 503', 60_000);
  const other = troubles.fail(undefined, new Owner(), 'b', 'HTTP 500');
  const endless = troubles.fail(undefined, new Owner(), 'c', 'HTTP 503', 1e12);
  const now = hal.clock.ticks();
  t.true(told.dueTicks - now >= 60_000);
  t.true(other.dueTicks - now <= 1000);
  t.true(endless.dueTicks - now <= 3_601_000);
});

test('the pause is added to Retry-After, so that devices with the same Retry-After come back at different times', (t) => {
  const { hal, troubles } = create();
  const due = Array.from({ length: 20 }, () => {
    const { dueTicks } = troubles.fail(undefined, new Owner(), 'a', 'HTTP 503', 60_000);
    return dueTicks - hal.clock.ticks() - 60_000;
  });
  for (const pause of due) t.true(pause >= 500 && pause <= 1000, `${pause}`);
  t.true(new Set(due).size > 10, `${due}`);
});

test('the end of a long failure speeds up the clients that failed for the same reason, and no others', (t) => {
  const { troubles } = create();
  const [same, another, brief] = [new Owner(), new Owner(), new Owner()];
  const mended = failTimes(troubles, new Owner(), 'HTTP 503', 10);
  failTimes(troubles, same, 'HTTP 503', 10);
  failTimes(troubles, another, 'HTTP 403', 10);
  troubles.end(mended, true);
  t.deepEqual([same.retries, another.retries], [1, 0]);

  const short = failTimes(troubles, brief, 'HTTP 503', 4);
  troubles.end(short, true);
  t.is(same.retries, 1, 'a short trouble says nothing about a long one');
  const long = failTimes(troubles, brief, 'HTTP 503', 5);
  troubles.end(long, true);
  t.is(same.retries, 2, 'five failures are many');
});

test('when the link is back, everything is tried at once', (t) => {
  const { hal, troubles } = create();
  const owners = [new Owner(), new Owner()];
  const all = owners.map((owner) => failTimes(troubles, owner, 'HTTP 500', 9));
  troubles.hurry();
  t.deepEqual(
    owners.map(({ retries }) => retries),
    [1, 1],
  );
  for (const { dueTicks } of all) t.true(dueTicks <= hal.clock.ticks());
});

test('a wait that the platform asks for is not cut short, whatever ends', (t) => {
  const { hal, troubles } = create();
  const asked = new Owner();
  const told = troubles.fail(undefined, asked, 'a', 'HTTP 503', 60_000);
  const { dueTicks } = told;
  const mended = failTimes(troubles, new Owner(), 'HTTP 503', 5);
  troubles.end(mended, true);
  troubles.hurry();
  t.deepEqual([asked.retries, told.dueTicks], [0, dueTicks]);
  told.leastTicks = hal.clock.ticks();
  troubles.hurry();
  t.deepEqual([asked.retries, told.dueTicks], [1, 0]);
});
