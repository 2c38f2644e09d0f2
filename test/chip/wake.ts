// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';
import type { Qemu } from '../../tools/moddable/qemu.ts';

/**
 * RTC_CNTL_SLP_TIMER1 of an ESP32, where the time to wake is written (its reference manual, register 31.3). A C3 is not asked:
 * the emulated one wakes, but this register cannot be read back.
 */
const SLEEP_TIMERS: Readonly<Record<string, string>> = { ESP32: '3ff48008' };
const WRITTEN = '45230000';
const LIMIT_MS = 20_000;

/**
 * The reason why this QEMU cannot wake its chip from deep sleep by a timer; undefined: it can. A chip that stands still is asked
 * through QEMU's stub for GDB, whether the register keeps what is written to it: as it comes from its makers, QEMU has none there.
 */
export function missingWake({ chip, program, machine }: Qemu): string | undefined {
  const register = SLEEP_TIMERS[chip.name];
  if (register === undefined) return undefined;
  const commands = ['Qqemu.PhyMemMode:1', `M${register},4:${WRITTEN}`, `m${register},4`, 'k'];
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none', '-nic', 'none'];
  const { stdout } = spawnSync(program, ['-M', machine, '-S', '-gdb', 'stdio', ...quiet], {
    input: commands.map(packet).join(''),
    encoding: 'latin1',
    timeout: LIMIT_MS,
  });
  return stdout.includes(WRITTEN) ? undefined : `this QEMU has no timer that wakes an ${chip.name} from deep sleep`;
}

function packet(text: string): string {
  const sum = [...Buffer.from(text)].reduce((all, each) => all + each, 0) & 0xff;
  return `+$${text}#${sum.toString(16).padStart(2, '0')}`;
}
