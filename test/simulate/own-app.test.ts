// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { app as battery } from '../../examples/battery/app.ts';
import { app as freezer } from '../../examples/freezer/app.ts';
import type { App } from '../../src/index.ts';
import { liveOnce, simulateApp } from '../../tools/simulate/own-app.ts';

test('an app that is well lives through power cuts and faults of the network', (t) => {
  const troubles: string[] = [];
  const { lives, failures } = simulateApp({
    app: freezer,
    config: {},
    firstSeed: 1,
    lastSeed: 1,
    stride: 60,
    first: false,
    faults: [],
    onLife: (_, faults, { trouble }) => {
      if (trouble !== undefined) troubles.push(`${JSON.stringify(faults)}: ${trouble}`);
    },
  });
  t.deepEqual(troubles, []);
  t.is(failures, 0);
  t.true(lives > 5, `${lives} lives`);
});

test('an app that sleeps lives without trouble, too', (t) => {
  const config = { requiredAvailability: '0' };
  t.is(liveOnce({ app: battery, config, seed: 2, faults: [] }).trouble, undefined);
});

test('an exception of an app is found, on a calm day and after a power cut', (t) => {
  const throwing: App = (board) => board.hal.createTimer(() => Promise.reject).start(1000);
  t.is(liveOnce({ app: throwing, config: {}, seed: 1, faults: [] }).trouble, undefined);
  const always: App = (board) => {
    board.hal
      .createTimer(() => {
        throw new Error('by mistake');
      })
      .start(1000);
  };
  const calm = simulateApp({ app: always, config: {}, firstSeed: 1, lastSeed: 3, stride: 1, first: false, faults: [] });
  t.deepEqual(calm, { lives: 1, failures: 1 });
  const later: App = (board) => {
    if (board.hal.board.bootCount > 2) throw new Error('it does not know what to do then');
  };
  t.is(liveOnce({ app: later, config: {}, seed: 1, faults: [] }).trouble, undefined);
  const { trouble } = liveOnce({ app: later, config: {}, seed: 1, faults: [{ on: 'write', at: 3, what: 'after' }] });
  t.regex(trouble ?? '', /it does not know what to do then/);
});

test('an app that loops without end is found, at its start and later', (t) => {
  const live = (app: App) => liveOnce({ app, config: {}, seed: 1, faults: [], limitMs: 400 }).trouble;
  const loop = () => {
    for (;;);
  };
  t.is(live(loop), 'the app did not return within 0.4 s');
  t.is(
    live((board) => board.hal.createTimer(loop).start(90_000)),
    'the app did not return within 0.4 s',
  );
});
