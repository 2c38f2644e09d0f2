// SPDX-License-Identifier: Apache-2.0
/** The whole flash of a board as one file, from the results of a build. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Partition, parsePartitions } from '../moddable/firmware/partitions.ts';
import type { FactoryBoard } from './boards.ts';
import { nvsPartition } from './nvs.ts';

const TABLE_AT = 0x8000;
const ERASED = 0xff;
const APP_MAGIC = 0xe9;
/** Position in the head of an image. */
const CHIP_ID_AT = 12;

/** Position of the second-stage bootloader, by esp_chip_id_t; 0 for most chips. */
const BOOTLOADER_AT: Readonly<Record<number, number>> = { 0: 0x1000, 2: 0x1000, 18: 0x2000 };

/** Chip names of esptool, by esp_chip_id_t. */
const CHIP_FAMILY: Readonly<Record<number, string>> = {
  0: 'ESP32',
  2: 'ESP32-S2',
  5: 'ESP32-C3',
  9: 'ESP32-S3',
  13: 'ESP32-C6',
};

/** The name of a chip; undefined: an unsupported chip. */
export function chipFamily(chipId: number): string | undefined {
  return CHIP_FAMILY[chipId];
}

/** The flash content from a build. */
export interface BuiltFlash {
  /** The content for every board. */
  readonly image: Buffer;
  readonly partitions: readonly Partition[];
}

/** One file of a build, and its position in the flash. */
export interface FlashPart {
  readonly name: string;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** The results of a build. */
export interface FirmwareParts {
  readonly parts: readonly FlashPart[];
  readonly partitions: readonly Partition[];
  readonly flashBytes: number;
  /** End of the last partition. */
  readonly usedBytes: number;
  /** An esp_chip_id_t. */
  readonly chipId: number;
}

/**
 * The flash content for every board. Everything outside of the firmware is erased, so that its content is defined.
 * @param directory folder in which mcconfig has put bootloader, table and image
 * @throws Error that says what is missing or does not fit
 */
export function mergeFlash(directory: string): BuiltFlash {
  const { parts, partitions, flashBytes } = readFirmware(directory);
  const image = Buffer.alloc(flashBytes, ERASED);
  for (const { offset, bytes } of parts) image.set(bytes, offset);
  return { image, partitions };
}

/**
 * Reads bootloader, table, image and the data that selects its slot; nothing of it is specific to a board.
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
      `the partition table ends at ${usedBytes} and the flash has ${flashBytes} bytes; docs/boards.md explains how to choose another table and how to give the size of the flash`,
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

/** Finds a partition by type and subtype, as ESP-IDF numbers them. */
export function findPartition(partitions: readonly Partition[], type: string, subType: string): Partition {
  const found = partitions.find((each) => each.type === type && each.subType === subType);
  if (found === undefined) throw new Error(`the partition table has no ${type} of subtype ${subType}`);
  return found;
}

/** The flash size, in the fourth byte of an image's head. */
function flashSize(app: Buffer): number {
  return 2 ** ((app[3] ?? 0) >> 4) * 1024 * 1024;
}

/**
 * Writes one file for each board, named by its id; without boards, one file without individual content. The files hold
 * secrets.
 * @returns the paths of the files
 */
export function writeImages(
  { image, partitions }: BuiltFlash,
  boards: readonly FactoryBoard[] | undefined,
  output: string,
): string[] {
  const { offset, bytes } = findPartition(partitions, 'data', '0x2');
  // All contents are built before the first file is written.
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
