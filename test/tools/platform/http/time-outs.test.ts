// SPDX-License-Identifier: Apache-2.0

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { Platform } from '../../../../tools/platform/platform.ts';
import { machineOptions } from '../../../../tools/platform/server.ts';
import { Desk } from '../desk.ts';

test('a time-out of longer than 2^31 ms does not fire at once', async (t) => {
  const platform = new Platform(machineOptions());
  const { scheduler } = platform.core;
  const fired: number[] = [];
  const longMs = [2 ** 31, 2 ** 32 + 1, 1e15, Number.POSITIVE_INFINITY];
  const handles = longMs.map((ms) => scheduler.set(() => fired.push(ms), ms));
  // Those of the scheduler alone keep no process alive.
  await setTimeout(20);
  t.deepEqual(fired, []);
  for (const handle of handles) scheduler.clear(handle);
});

test('a time-out in parts comes at its time, once, and not after it was taken back', (t) => {
  const desk = new Desk();
  const { scheduler, now } = desk.platform.core;
  const beganMs = now();
  const months = 100 * 86_400_000;
  const atMs: number[] = [];
  scheduler.set(() => atMs.push(now() - beganMs), months);
  const cleared = scheduler.set(() => atMs.push(-1), months + 1);
  desk.time.advance(months - 1);
  t.deepEqual(atMs, []);
  scheduler.clear(cleared);
  desk.time.advance(months);
  t.deepEqual(atMs, [months]);
});

test('a session with an interval of a year lives that long, and a heartbeat of never does not flood', (t) => {
  const desk = new Desk();
  const device = desk.device('d1');
  desk.platform.settings.heartbeatMs = 1e12;
  const interval = 365 * 86_400_000;
  const clientId = desk.listen(device, { advice: { interval } });
  desk.time.advance(interval);
  const held = desk.connect(device.user, clientId);
  desk.time.advance(5_000_000);
  t.deepEqual(held.pieces, []);
  t.false(held.isEnded);
});
