// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DeviceProcess } from '../../support/device-process.ts';

const [SIMULATOR, CHIP] = ['moddable', 'chip'].map((name) => [
  '--import=tsx',
  fileURLToPath(new URL(`../../${name}/run.ts`, import.meta.url)),
]);

test('test:moddable is skipped without the SDK, and says how to install it', async (t) => {
  for (const [MODDABLE, words] of [
    ['', /^test:moddable: skipped: MODDABLE is not set; `npx xs-dev setup` installs/],
    ['/nowhere', /^test:moddable: skipped: there is no mcconfig in \/nowhere/],
  ] as const) {
    const run = new DeviceProcess(t, { command: SIMULATOR, args: [], env: { MODDABLE } });
    t.is(await run.exit(), 0);
    t.regex(run.output, words);
  }
});

test('test:chip is skipped with a line for each missing thing, and says what to do', async (t) => {
  const env = { MODDABLE: '', IDF_PATH: '/nowhere', FRACTUS_CHIP: '', FRACTUS_QEMU: '/nowhere/qemu' };
  const run = new DeviceProcess(t, { command: CHIP, args: ['test/chip/boot.chip.ts'], env });
  t.is(await run.exit(), 0);
  const lines = run.output.trimEnd().split('\n');
  const words = [
    /^test:chip: skipped: MODDABLE is not set; `npx xs-dev setup` installs/,
    /^test:chip: skipped: IDF_PATH is \/nowhere, which does not exist; `npx xs-dev setup --device esp32` installs/,
    /^test:chip: skipped: there is no \/nowhere\/qemu; .*; FRACTUS_QEMU names the program$/,
  ];
  t.is(lines.length, words.length, run.output);
  for (const [at, pattern] of words.entries()) t.regex(lines[at] ?? '', pattern);
});

test('test:chip says what a QEMU without Wi-Fi leaves out', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-qemu-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const FRACTUS_QEMU = path.join(folder, 'qemu');
  writeFileSync(FRACTUS_QEMU, '#!/bin/sh\necho esp32 x\n', { mode: 0o755 });
  const run = new DeviceProcess(t, { command: CHIP, args: [], env: { MODDABLE: '', FRACTUS_CHIP: '', FRACTUS_QEMU } });
  t.is(await run.exit(), 0);
  t.regex(run.output, new RegExp(`^test:chip: ESP32: ${FRACTUS_QEMU} -M esp32, without Wi-Fi$`, 'm'));
  t.regex(run.output, /^test:chip: skipped: all that needs a network; /m);
});
