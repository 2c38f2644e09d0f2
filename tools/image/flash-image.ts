// SPDX-License-Identifier: Apache-2.0
/** The whole flash of a board as one file, made of what a build has left. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Partition, parsePartitions } from '../moddable/partitions.ts';
import type { FactoryBoard } from './boards.ts';
import { nvsPartition } from './nvs.ts';

const TABLE_AT = 0x8000;
const ERASED = 0xff;
const APP_MAGIC = 0xe9;
/** In the head of an image. */
const CHIP_ID_AT = 12;

/** Where the ROM of a chip looks for its second bootloader, by esp_chip_id_t; of most it is the beginning. */
const BOOTLOADER_AT: Readonly<Record<number, number>> = { 0: 0x1000, 2: 0x1000, 18: 0x2000 };

/** As esptool names them, by esp_chip_id_t. */
const CHIP_FAMILY: Readonly<Record<number, string>> = {
  0: 'ESP32',
  2: 'ESP32-S2',
  5: 'ESP32-C3',
  9: 'ESP32-S3',
  13: 'ESP32-C6',
};

/** Undefined: a chip that no board of ours has. */
export function chipFamily(chipId: number): string | undefined {
  return CHIP_FAMILY[chipId];
}

/** Parts of a flash that a build has made. */
export interface BuiltFlash {
  /** What every board gets. */
  readonly image: Buffer;
  readonly partitions: readonly Partition[];
}

/** One file of a build, and where in the flash of a board it goes. */
export interface FlashPart {
  readonly name: string;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A firmware as a build has left it. */
export interface FirmwareParts {
  readonly parts: readonly FlashPart[];
  readonly partitions: readonly Partition[];
  readonly flashBytes: number;
  /** Where the last partition ends. */
  readonly usedBytes: number;
  /** By esp_chip_id_t. */
  readonly chipId: number;
}

/**
 * What every board gets; all that is not of the firmware is erased, and so it is clear what lies there.
 * @param directory where mcconfig has put bootloader, table and image
 * @throws Error that says what is missing or does not fit
 */
export function mergeFlash(directory: string): BuiltFlash {
  const { parts, partitions, flashBytes } = readFirmware(directory);
  const image = Buffer.alloc(flashBytes, ERASED);
  for (const { offset, bytes } of parts) image.set(bytes, offset);
  return { image, partitions };
}

/**
 * Bootloader, table, image and the choice of its slot; nothing of it is what a board knows.
 * @throws Error that says what is missing or does not fit
 */
export function readFirmware(directory: string): FirmwareParts {
  const read = (name: string, offset: (bytes: Buffer) => number): FlashPart => {
    const bytes = readFileSync(path.join(directory, name));
    return { name, bytes, offset: offset(bytes) };
  };
  const table = read('partition-table.bin', () => TABLE_AT);
  const partitions = parsePartitions(table.bytes);
  const bootloader = read('bootloader.bin', (bytes) => BOOTLOADER_AT[bytes.readUInt16LE(CHIP_ID_AT)] ?? 0);
  const app = read('xs_esp32.bin', () => findPartition(partitions, 'app', '0x10').offset);
  const choice = read('ota_data_initial.bin', () => findPartition(partitions, 'data', '0x0').offset);
  if (bootloader.bytes[0] !== APP_MAGIC || app.bytes[0] !== APP_MAGIC) {
    throw new Error(`${directory} holds no image of ESP-IDF`);
  }
  const flashBytes = flashSize(app.bytes);
  const usedBytes = Math.max(...partitions.map(({ offset, bytes }) => offset + bytes));
  if (usedBytes > flashBytes) {
    throw new Error(
      `the partition table ends at ${usedBytes} and the flash has ${flashBytes} bytes; docs/boards.md says how a board gets another table, and how its flash is named`,
    );
  }
  return {
    parts: [bootloader, table, choice, app],
    partitions,
    flashBytes,
    usedBytes,
    chipId: app.bytes.readUInt16LE(CHIP_ID_AT),
  };
}

/** By type and subtype, as ESP-IDF numbers them. */
export function findPartition(partitions: readonly Partition[], type: string, subType: string): Partition {
  const found = partitions.find((each) => each.type === type && each.subType === subType);
  if (found === undefined) throw new Error(`the partition table has no ${type} of subtype ${subType}`);
  return found;
}

/** The head of an image says it, in its fourth byte. */
function flashSize(app: Buffer): number {
  return 2 ** ((app[3] ?? 0) >> 4) * 1024 * 1024;
}

/**
 * One file for each board, by its id; without boards one that knows nothing. There are secrets in them.
 * @returns the files
 */
export function writeImages(
  { image, partitions }: BuiltFlash,
  boards: readonly FactoryBoard[] | undefined,
  output: string,
): string[] {
  const { offset, bytes } = findPartition(partitions, 'data', '0x2');
  // All before the first is written.
  const contents = (boards ?? []).map(({ id, nvs }) => ({
    name: encodeURIComponent(id),
    part: nvsPartition(nvs, bytes),
  }));
  mkdirSync(output, { recursive: true });
  return (boards === undefined ? [{ name: 'fractus', part: undefined }] : contents).map(({ name, part }) => {
    const file = path.join(output, `${name}.bin`);
    const whole = Buffer.from(image);
    if (part !== undefined) whole.set(part, offset);
    writeFileSync(file, whole, { mode: 0o600 });
    return file;
  });
}
