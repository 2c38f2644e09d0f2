// SPDX-License-Identifier: Apache-2.0

import path from 'node:path';
import { ROOT } from '../sdk.ts';

/** A row of a partition table of ESP-IDF. */
export interface Partition {
  readonly name: string;
  readonly type: string;
  readonly subType: string;
  readonly offset: number;
  readonly bytes: number;
}

/** The partition tables of this package, by megabytes of flash. */
export const TABLES: Readonly<Record<number, string>> = {
  4: path.join(ROOT, 'hal/esp32/chip/partitions.csv'),
  8: path.join(ROOT, 'hal/esp32/chip/partitions-8mb.csv'),
  16: path.join(ROOT, 'hal/esp32/chip/partitions-16mb.csv'),
};

/** Reads a table in CSV. Offsets and sizes are numbers, optionally with K or M. */
export function readPartitions(text: string): Partition[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', type = '', subType = '', offset = '', size = ''] = line.split(',').map((field) => field.trim());
      return { name, type, subType, offset: toBytes(offset), bytes: toBytes(size) };
    });
}

function toBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\w*?)([KM]?)$/i.exec(text) ?? [];
  return Number(digits) * ({ K: 1024, M: 1024 * 1024 }[unit.toUpperCase()] ?? 1);
}

/** The size that a firmware must fit: the smallest slot. */
export function slotBytes(partitions: readonly Partition[]): number {
  return Math.min(...partitions.filter(({ type }) => type === 'app').map(({ bytes }) => bytes));
}

const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;
const TYPES = ['app', 'data'];

/** Reads a binary table: entries of magic, type, subtype, offset, size, label. */
export function parsePartitions(table: Buffer): Partition[] {
  const partitions: Partition[] = [];
  for (let at = 0; at + ENTRY_BYTES <= table.length && table.readUInt16LE(at) === ENTRY_MAGIC; at += ENTRY_BYTES) {
    const type = table.readUInt8(at + 2);
    partitions.push({
      name: table.toString('latin1', at + 12, at + 28).replace(/\0.*$/s, ''),
      type: TYPES[type] ?? `0x${type.toString(16)}`,
      subType: `0x${table.readUInt8(at + 3).toString(16)}`,
      offset: table.readUInt32LE(at + 4),
      bytes: table.readUInt32LE(at + 8),
    });
  }
  return partitions;
}
