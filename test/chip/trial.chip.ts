// SPDX-License-Identifier: Apache-2.0
/** A new firmware in the other slot of an emulated chip: on trial, kept, or given up by the bootloader. */

import { crc32 } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { buildImage, type Firmware, qemu } from './bench.ts';
import { writeDeeds } from './deeds.ts';
import { start, withWifi } from './scene.ts';

/** esp_ota_img_states_t */
const NEW = 0;
const VALID = 2;
const ENTRY_BYTES = 32;
const SECTOR_BYTES = 4096;

let first: Firmware;
let second: Firmware;

test.before(async () => {
  if (!qemu.hasWifi) return;
  first = await buildImage();
  second = await buildImage(writeDeeds('1.0.0'));
});

/** esp_ota_select_entry_t: which slot runs is that of the higher number. */
function selection(number: number, state: number): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES, 0xff);
  entry.writeUInt32LE(number, 0);
  entry.writeUInt32LE(state, 24);
  entry.writeUInt32LE(crc32(entry.subarray(0, 4), 0xffff_ffff), 28);
  return entry;
}

/** The first firmware runs, and the second one has just been put into the other slot. */
function update(t: ExecutionContext) {
  const otadata = Buffer.alloc(2 * SECTOR_BYTES, 0xff);
  otadata.set(selection(1, VALID), 0);
  otadata.set(selection(2, NEW), SECTOR_BYTES);
  return start(t, first, { partitions: { ota_1: second.app, otadata } });
}

withWifi('a new firmware is kept when it listens, over a restart and a power cut', async (t) => {
  const { board, platform } = await update(t);
  const { chip } = board;
  await board.line(/the new firmware is kept/);
  await board.ask('restart', /^info: deeds 1\.0\.0/);
  await chip.powerOff();
  const from = chip.lines.length;
  chip.powerOn();
  await board.line(/^info: deeds 1\.0\.0/, from);
  await board.line(/listening for operations/, from);
  t.is(chip.lines.filter((line) => line.includes('the new firmware is kept')).length, 1);
  t.deepEqual(platform.breaches, []);
});

withWifi('a power cut while a new firmware is on trial: the one before is back', async (t) => {
  const { board, platform } = await update(t);
  const { chip } = board;
  await board.line(/^info: deeds 1\.0\.0/);
  await chip.powerOff();
  chip.powerOn();
  await board.line(/listening for operations/);
  t.is(chip.lines.filter((line) => line === 'info: deeds 1.0.0').length, 1);
  await board.ask('status', /^firmware +fractus /);
  t.deepEqual(platform.breaches, []);
});
