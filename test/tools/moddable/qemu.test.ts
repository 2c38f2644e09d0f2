// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CHIPS, findQemu } from '../../../tools/moddable/qemu.ts';

const VARIABLES = ['FRACTUS_QEMU', 'FRACTUS_CHIP'] as const;

/** A folder for programs, with nothing of what this machine has. */
function place(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-qemu-'));
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of VARIABLES) delete process.env[name];
  t.teardown(() => {
    rmSync(folder, { recursive: true });
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  return folder;
}

function writeQemu(program: string, machines: string): void {
  writeFileSync(program, `#!/bin/sh\ntest "$*" = "-M help" && printf 'Supported machines are:\\n${machines}\\n'\n`, {
    mode: 0o755,
  });
}

test.serial(
  'a QEMU is asked for its machines; a QEMU without a chip of ours, and a missing QEMU, are reported',
  (t) => {
    const program = path.join(place(t), 'qemu');
    process.env['FRACTUS_QEMU'] = program;
    t.regex(findQemu() as string, /^there is no .*; FRACTUS_QEMU names the program$/);
    const c3 = { chip: CHIPS['esp32c3'], program };
    const esp32 = { chip: CHIPS['esp32'], program };
    const rules: readonly (readonly [machines: string, found: object | RegExp])[] = [
      ['esp32c3 x', { ...c3, machine: 'esp32c3', hasWifi: false }],
      ['esp32c3 x\\nesp32c3-picsimlab x', { ...c3, machine: 'esp32c3-picsimlab', hasWifi: true }],
      ['esp32 x\\nesp32-picsimlab x', { ...esp32, machine: 'esp32-picsimlab', hasWifi: true }],
      ['esp32 x\\nesp32c3 x', { ...c3, machine: 'esp32c3', hasWifi: false }],
      ['virt x\\nesp32c33 x', /cannot emulate an ESP32-C3 or an ESP32;/],
    ];
    for (const [machines, found] of rules) {
      writeQemu(program, machines);
      if (found instanceof RegExp) t.regex(findQemu() as string, found);
      else t.deepEqual(findQemu(), found as ReturnType<typeof findQemu>);
    }
  },
);

test.serial('of several, the one with the chip that is wanted', (t) => {
  const folder = place(t);
  const [riscv, xtensa] = ['riscv', 'xtensa'].map((name) => path.join(folder, name)) as [string, string];
  writeQemu(riscv, 'esp32c3 x');
  writeQemu(xtensa, 'esp32 x');
  process.env['FRACTUS_QEMU'] = [path.join(folder, 'none'), xtensa, riscv].join(path.delimiter);
  t.like(findQemu(), { program: riscv, machine: 'esp32c3' });
  process.env['FRACTUS_CHIP'] = 'esp32';
  t.like(findQemu(), { program: xtensa, machine: 'esp32' });
  process.env['FRACTUS_QEMU'] = riscv;
  t.regex(findQemu() as string, /riscv cannot emulate an ESP32; /);
  process.env['FRACTUS_CHIP'] = 'z80';
  t.is(findQemu(), 'FRACTUS_CHIP is z80; it may be esp32c3 or esp32');
});
