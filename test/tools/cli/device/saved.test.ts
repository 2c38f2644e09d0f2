// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { LiveApp } from '../../../../tools/device/live-app.ts';
import type { VirtualDevice } from '../../../../tools/device/virtual-device.ts';
import { until } from '../../../support/until.ts';

/** A board whose app has been chosen, and which takes its time for a new one. */
async function createBoard() {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-app-'));
  const file = path.join(folder, 'app.ts');
  const save = (text = 'export const app = () => {};\n') => writeFileSync(file, text);
  save();
  writeFileSync(path.join(folder, 'package.json'), '{"name":"greenhouse","version":"1.0.0"}');
  const counts = { begun: 0, ended: 0, most: 0, troubles: 0 };
  const live = new LiveApp({
    app: file,
    runtime: 'node',
    config: {},
    onTrouble: () => void counts.troubles++,
    onFallback: () => {},
    report: () => {},
    onPanic: () => {},
    onExit: () => {},
  });
  await live.choose();
  const board = {
    isWatched: false,
    replace: async () => {
      counts.begun += 1;
      counts.most = Math.max(counts.most, counts.begun - counts.ended);
      await delay(400);
      counts.ended += 1;
    },
  };
  live.watch(board as unknown as VirtualDevice);
  return { save, live, counts };
}

test('what is saved while the board gets an app comes after it, and once', async (t) => {
  const { save, live, counts } = await createBoard();
  save();
  await until(() => counts.begun === 1, 'an app');
  for (let i = 0; i < 3; i++) {
    save();
    await delay(80);
  }
  await until(() => counts.ended === 2, 'the next app');
  t.deepEqual(counts, { begun: 2, ended: 2, most: 1, troubles: 0 });
  live.close();
});

test('what ends while the command ends is no trouble', async (t) => {
  const { save, live, counts } = await createBoard();
  save();
  await until(() => counts.begun === 1, 'an app');
  save('export const app = ;\n');
  await delay(80);
  live.close();
  await until(() => counts.ended === 1, 'its end');
  await delay(80);
  t.deepEqual(counts, { begun: 1, ended: 1, most: 1, troubles: 0 });
});
