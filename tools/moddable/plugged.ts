// SPDX-License-Identifier: Apache-2.0
/** What is plugged in, as esptool sees it, and whether a firmware is for it. */

import { spawnSync } from 'node:child_process';
import { chipFamily, type FirmwareParts } from '../image/flash-image.ts';

/** A board that does not answer is asked for some seconds. */
const PROBE_MS = 60_000;

export interface PluggedBoard {
  /** As esptool names chips: `ESP32`, `ESP32-C3` … */
  readonly chip: string;
  readonly flashBytes: number;
}

/**
 * Asks the board at a port; undefined: there is no esptool that can be understood, and nobody knows.
 * @throws Error when the board does not answer
 */
export function probeBoard(port: string): PluggedBoard | undefined {
  const args = ['-m', 'esptool', '--port', port, 'flash-id'];
  const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8', timeout: PROBE_MS });
  if (status !== 0 && /Failed to connect|No serial data received/.test(`${stdout}${stderr}`)) {
    throw new Error(`${port} does not answer`);
  }
  return status === 0 ? readProbe(stdout) : undefined;
}

/** What `esptool flash-id` says; variants of a chip (ESP32-PICO-D4, ESP32-C6FH4) are that chip; undefined when it says neither chip nor size. */
export function readProbe(text: string): PluggedBoard | undefined {
  const chip = /^Chip (?:type:|is) +(ESP32(?:-[CSHP]\d+)?)/m.exec(text)?.[1];
  const [, size, unit] = /^Detected flash size: *(\d+)(MB|KB)/m.exec(text) ?? [];
  if (chip === undefined || size === undefined) return undefined;
  return { chip, flashBytes: Number(size) * (unit === 'MB' ? 1 << 20 : 1 << 10) };
}

/** Why a firmware is not for this board; undefined: it is. */
export function unfit({ chip, flashBytes }: PluggedBoard, firmware: FirmwareParts): string | undefined {
  const family = chipFamily(firmware.chipId);
  if (family !== undefined && family !== chip)
    return `the image is for an ${family}, and what is plugged in is an ${chip}`;
  if (firmware.usedBytes <= flashBytes) return undefined;
  return `the partition table ends at ${firmware.usedBytes}, and this board has a flash of ${flashBytes} bytes; docs/boards.md says how a board gets another table`;
}
