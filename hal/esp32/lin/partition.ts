// SPDX-License-Identifier: Apache-2.0

import type { Directory, File } from 'embedded:storage/files';
import type { PartitionIo, RawFlash } from '../platform.ts';

const SECTOR_BYTES = 4096;
const ERASED = 0xff;

/** A stand-in for a partition of raw flash: a file in the home directory, changed in place. */
export class FilePartition implements RawFlash {
  readonly sectorBytes = SECTOR_BYTES;
  readonly sectors: number;
  readonly #file: File;

  constructor(home: Directory, path: string, sectors: number) {
    this.sectors = sectors;
    this.#file = openFile(home, path);
    for (let sector = this.#file.status().size / SECTOR_BYTES; sector < sectors; sector++)
      this.erase(Math.floor(sector));
  }

  read(into: Uint8Array, at: number): void {
    this.#file.read(into, at);
  }

  /** Only clears bits. */
  write(bytes: Uint8Array, at: number): void {
    const there = new Uint8Array(bytes.length);
    this.#file.read(there, at);
    for (let i = 0; i < bytes.length; i++) there[i] = (there[i] as number) & (bytes[i] as number);
    this.#file.write(there.buffer, at);
    this.#file.flush();
  }

  erase(sector: number): void {
    this.#file.write(new Uint8Array(SECTOR_BYTES).fill(ERASED).buffer, sector * SECTOR_BYTES);
    this.#file.flush();
  }
}

/** The partition in the shape of the SDK's flash. */
export function partitionIo(partition: FilePartition): PartitionIo {
  return {
    status: () => ({ size: partition.sectors * SECTOR_BYTES, blockLength: SECTOR_BYTES }),
    eraseBlock(from, to = from + 1) {
      for (let sector = from; sector < to; sector++) partition.erase(sector);
    },
    read(byteLength, position) {
      const bytes = new Uint8Array(byteLength);
      partition.read(bytes, position);
      return bytes.buffer;
    },
    write: (bytes, position) => partition.write(bytes, position),
  };
}

function openFile(home: Directory, path: string): File {
  try {
    return home.openFile({ path, mode: 'r+' });
  } catch {
    return home.openFile({ path, mode: 'w+' });
  }
}
