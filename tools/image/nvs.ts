// SPDX-License-Identifier: Apache-2.0
/** The flash format of ESP-IDF's key-value storage (NVS library, version 2, not encrypted). */

import { crc32 } from 'node:zlib';

const PAGE_BYTES = 4096;
const ENTRY_BYTES = 32;
const ENTRIES = 126;
/** Position of the first entry, after the header and the table of states. */
const FIRST = 64;

const STATE_ACTIVE = 0xffff_fffe;
const STATE_FULL = 0xffff_fffc;
const FORMAT_2 = 0xfe;

const TYPE_U8 = 0x01;
const TYPE_BLOB = 0x42;
const TYPE_BLOB_INDEX = 0x48;
const NO_CHUNK = 0xff;

const NAME_MAX_BYTES = 15;

/** Values by space, then by name. */
export type NvsContent = Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;

/**
 * A partition with these values.
 * @throws Error when a name is too long, or the values do not fit: the library needs one free page
 */
export function nvsPartition(content: NvsContent, bytes: number): Buffer {
  const writer = new Writer(bytes);
  for (const [index, [space, values]] of Object.entries(content).entries()) {
    writer.space(space, index + 1);
    for (const [name, value] of Object.entries(values)) writer.blob(index + 1, name, value);
  }
  return writer.partition;
}

class Writer {
  readonly partition: Buffer;
  #page = -1;
  #entry = ENTRIES;

  constructor(bytes: number) {
    this.partition = Buffer.alloc(bytes, 0xff);
    this.#nextPage();
  }

  space(name: string, index: number): void {
    if (this.#entry === ENTRIES) this.#nextPage();
    this.#write(head(0, TYPE_U8, 1, NO_CHUNK, name, Buffer.of(index)));
  }

  /** Writes a value in chunks that fit the rest of each page, then the number of chunks. */
  blob(space: number, name: string, value: Uint8Array): void {
    let chunks = 0;
    let at = 0;
    do {
      // A chunk is a head and at least one entry.
      if (this.#entry >= ENTRIES - 1) this.#nextPage();
      const chunk = value.subarray(at, at + (ENTRIES - this.#entry - 1) * ENTRY_BYTES);
      at += chunk.length;
      const data = Buffer.alloc(8, 0xff);
      data.writeUInt16LE(chunk.length, 0);
      data.writeUInt32LE(crc32(chunk, 0xffff_ffff), 4);
      const entries = Math.ceil(chunk.length / ENTRY_BYTES);
      this.#write(head(space, TYPE_BLOB, 1 + entries, chunks, name, data));
      const padded = Buffer.alloc(entries * ENTRY_BYTES, 0xff);
      padded.set(chunk);
      this.#write(padded);
      chunks += 1;
      if (this.#entry === ENTRIES) this.#nextPage();
    } while (at < value.length);
    const data = Buffer.alloc(8, 0xff);
    data.writeUInt32LE(value.length, 0);
    data.writeUInt8(chunks, 4);
    data.writeUInt8(0, 5);
    this.#write(head(space, TYPE_BLOB_INDEX, 1, NO_CHUNK, name, data));
  }

  #nextPage(): void {
    if (this.#page >= 0) this.partition.writeUInt32LE(STATE_FULL, this.#page * PAGE_BYTES);
    this.#page += 1;
    this.#entry = 0;
    const start = this.#page * PAGE_BYTES;
    if (start + 2 * PAGE_BYTES > this.partition.length) {
      throw new Error(`the settings of the board do not fit into the ${this.partition.length} bytes of its NVS`);
    }
    this.partition.writeUInt32LE(STATE_ACTIVE, start);
    this.partition.writeUInt32LE(this.#page, start + 4);
    this.partition.writeUInt8(FORMAT_2, start + 8);
    this.partition.writeUInt32LE(crc32(this.partition.subarray(start + 4, start + 28), 0xffff_ffff), start + 28);
  }

  #write(entries: Buffer): void {
    const start = this.#page * PAGE_BYTES;
    this.partition.set(entries, start + FIRST + this.#entry * ENTRY_BYTES);
    for (let i = 0; i < entries.length / ENTRY_BYTES; i++) {
      // Two bits for each entry: 10 is written.
      const at = start + ENTRY_BYTES + (this.#entry >> 2);
      this.partition.writeUInt8(this.partition.readUInt8(at) & ~(1 << ((this.#entry & 3) * 2)), at);
      this.#entry += 1;
    }
  }
}

function head(space: number, type: number, span: number, chunk: number, name: string, data: Buffer): Buffer {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length > NAME_MAX_BYTES) throw new Error(`a name in NVS has 1 to 15 bytes: ${name}`);
  const entry = Buffer.alloc(ENTRY_BYTES, 0xff);
  entry.set([space, type, span, chunk]);
  entry.fill(0, 8, 24);
  entry.set(bytes, 8);
  entry.set(data, 24);
  entry.writeUInt32LE(crc32(Buffer.concat([entry.subarray(0, 4), entry.subarray(8)]), 0xffff_ffff), 4);
  return entry;
}
