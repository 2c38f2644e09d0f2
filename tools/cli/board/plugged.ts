// SPDX-License-Identifier: Apache-2.0
/** The plugged-in board, as esptool sees it, and whether a firmware fits it. */

import { spawnSync } from 'node:child_process';
import { chipFamily, type FirmwareParts } from '../../image/flash-image.ts';

/** Time limit of esptool, which retries for some seconds when a board does not answer. */
const PROBE_MS = 60_000;

export interface PluggedBoard {
  /** Chip name of esptool: `ESP32`, `ESP32-C3` … */
  readonly chip: string;
  readonly flashBytes: number;
}

/**
 * Probes the board at a port; undefined: there is no esptool, or its output is unknown.
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

/**
 * Reads the output of `esptool flash-id`. Variants of a chip (ESP32-PICO-D4, ESP32-C6FH4) count as that chip; undefined
 * when chip or size is missing.
 */
export function readProbe(text: string): PluggedBoard | undefined {
  const chip = /^Chip (?:type:|is) +(ESP32(?:-[CSHP]\d+)?)/m.exec(text)?.[1];
  const [, size, unit] = /^Detected flash size: *(\d+)(MB|KB)/m.exec(text) ?? [];
  if (chip === undefined || size === undefined) return undefined;
  return { chip, flashBytes: Number(size) * (unit === 'MB' ? 1 << 20 : 1 << 10) };
}

/** The reason why a firmware does not fit this board; undefined: it fits. */
export function unfit({ chip, flashBytes }: PluggedBoard, firmware: FirmwareParts): string | undefined {
  const family = chipFamily(firmware.chipId);
  if (family !== undefined && family !== chip) return `the image is for an ${family}, but the board is an ${chip}`;
  if (firmware.usedBytes <= flashBytes) return undefined;
  return `the partition table ends at ${firmware.usedBytes}, and this board has a flash of ${flashBytes} bytes; docs/boards.md explains how to choose another table`;
}
