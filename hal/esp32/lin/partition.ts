import type { Directory, File } from 'embedded:storage/files';
import type { RawFlash } from '../platform.ts';

const FILE = 'flash.bin';
const SECTOR_BYTES = 4096;
const SECTORS = 16;
const ERASED = 0xff;

/** Stand-in for a partition of raw flash: a file in the home directory that is changed in place. */
export class FilePartition implements RawFlash {
  readonly sectorBytes = SECTOR_BYTES;
  readonly sectors = SECTORS;
  readonly #file: File;

  constructor(home: Directory) {
    this.#file = openFile(home);
    for (let sector = this.#file.status().size / SECTOR_BYTES; sector < SECTORS; sector++)
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

function openFile(home: Directory): File {
  try {
    return home.openFile({ path: FILE, mode: 'r+' });
  } catch {
    return home.openFile({ path: FILE, mode: 'w+' });
  }
}
