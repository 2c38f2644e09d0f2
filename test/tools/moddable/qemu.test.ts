// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { findQemu } from '../../../tools/moddable/qemu.ts';

test.serial('a QEMU is asked for its machines; one without an ESP32-C3, and none, are said', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-qemu-'));
  const before = process.env['FRACTUS_QEMU'];
  t.teardown(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env['FRACTUS_QEMU'];
    else process.env['FRACTUS_QEMU'] = before;
  });
  const program = path.join(folder, 'qemu');
  process.env['FRACTUS_QEMU'] = program;
  t.regex(findQemu() as string, /^there is no .*; FRACTUS_QEMU says where it is$/);
  const rules: readonly (readonly [machines: string, found: object | RegExp])[] = [
    ['esp32c3 x', { program, machine: 'esp32c3', hasWifi: false }],
    ['esp32c3 x\\nesp32c3-picsimlab x', { program, machine: 'esp32c3-picsimlab', hasWifi: true }],
    ['virt x\\nesp32c33 x', /has no ESP32-C3/],
  ];
  for (const [machines, found] of rules) {
    writeFileSync(program, `#!/bin/sh\ntest "$*" = "-M help" && printf 'Supported machines are:\\n${machines}\\n'\n`, {
      mode: 0o755,
    });
    if (found instanceof RegExp) t.regex(findQemu() as string, found);
    else t.deepEqual(findQemu(), found as ReturnType<typeof findQemu>);
  }
});
