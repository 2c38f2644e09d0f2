// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { NodeClock } from '../../../hal/node/clock.ts';
import { NodeTimers } from '../../../hal/node/timer.ts';

const thrown = (error: unknown) => {
  throw error;
};

test('long delays are waited for in pieces that Node can count, without its warning and without turning in between', async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.name);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const timers = new NodeTimers(new NodeClock(), thrown);
  for (const delayMs of [2 ** 31 - 1, 2 ** 31, 2 ** 40, 2 ** 53]) timers.create(() => t.fail()).start(delayMs);
  await new Promise<void>((resolve) => timers.create(resolve).start(20));
  timers.close();
  t.deepEqual(warnings, []);
});

test('after close() nothing is called, and nothing starts any more', async (t) => {
  const timers = new NodeTimers(new NodeClock(), thrown);
  const early = timers.create(() => t.fail());
  early.start(0);
  timers.close();
  timers.create(() => t.fail()).start(0);
  early.start(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.pass();
});
