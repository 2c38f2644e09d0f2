// SPDX-License-Identifier: Apache-2.0
/** An emulated chip whose app does wrong. */

import test from 'ava';
import { alarmsOf } from '../../tools/platform/operator.ts';
import { until } from '../support/until.ts';
import { buildImage, type Firmware, qemu } from './bench.ts';
import { writeDeeds } from './deeds.ts';
import { PATIENCE_MS, start, withWifi } from './scene.ts';

/** What a decoder of backtraces begins with, on RISC-V and on Xtensa. */
const REGISTERS = /^(?:MEPC|Backtrace) *:/;

let firmware: Firmware;

test.before(async () => {
  if (qemu.hasWifi) firmware = await buildImage(writeDeeds('1.0.0'));
});

withWifi('an app that throws: the third crash in a row, and the board can be reached without it', async (t) => {
  const { platform, board, id } = await start(t, firmware, { config: { acme_deed: '1.0.0 throw' } });
  const { chip } = board;
  await board.line(/the last starts have crashed \(panic\): this one does without the app/);
  await board.line(/listening for operations/);
  t.is(chip.lines.filter((line) => line === 'error: no such part').length, 3);
  await until(
    () => alarmsOf(platform, id()).some(({ fragments }) => fragments['type'] === 'fractus_SafeMode'),
    'no alarm',
    PATIENCE_MS,
  );
  await board.ask('set acme_deed nothing', /^kept/);
  const from = chip.lines.length;
  chip.type('restart');
  await board.line(/^info: deeds 1\.0\.0/, from);
  await board.line(/listening for operations/, from);
  t.deepEqual(platform.breaches, []);
});

withWifi('an app that never ends: the watchdog says so and restarts the chip', async (t) => {
  const { board } = await start(t, firmware, { config: { acme_deed: '1.0.0 spin' } });
  const at = await board.line(/^Task watchdog got triggered/);
  await board.line(REGISTERS, at);
  t.pass();
  await board.line(/^info: fractus .*, start 2 \(watchdog\)/, at);
});

withWifi('an app that takes all memory: the engine says so, and it is a crash', async (t) => {
  const { board } = await start(t, firmware, { config: { acme_deed: '1.0.0 fill' } });
  const at = await board.line(/memory full|not enough/i);
  await board.line(/^info: fractus .*, start 2 \(panic\)/, at);
  t.pass();
});
