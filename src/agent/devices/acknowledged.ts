// SPDX-License-Identifier: Apache-2.0

import { fnv1a } from '../../bytes/hash.ts';
import { equals, utf8 } from '../../bytes/text.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import { type Json, writeJson, writeString } from '../../json/write.ts';
import type { Base, Memory } from '../base/base.ts';
import { keepState } from '../base/stored-state.ts';

/**
 * On flash: what the platform has taken of what is declared, as hashes. For each device its key, a hash of its managed
 * object's id (4 bytes each) and a count, then for each fragment a hash of its name (2 bytes) and of the whole member (4).
 */
const STATE = 'acknowledged';
const MOST_BYTES = 3900;
const HEAD_BYTES = 9;
const ENTRY_BYTES = 6;
const MOST_ENTRIES = 64;
const MEMBER_MAX_BYTES = 8192;

/** Where the newest value of a fragment is: nowhere, in a request, on the platform; or an operation has changed it there. */
export const Stage = { New: 0, Sent: 1, There: 2, Changed: 3 } as const;

/** Something that is declared of a device for its managed object. */
export interface Fragment {
  readonly name: string;
  value: Json;
  bytes: number;
  /** Of it as a member. */
  hash: number;
  /** Out of `Stage`. */
  stage: number;
}

/** A device, as far as it declares something. */
export interface Declaring {
  readonly agent: Pick<Base, 'hal'> & Memory;
  readonly key: number;
  readonly idBytes: Uint8Array;
  readonly fragments: readonly Fragment[];
}

/**
 * What the platform has taken of one device's declared fragments. What an operation changes afterwards leaves no trace
 * here: what was declared before stays taken, and is not said again. Another managed object has taken nothing.
 */
export class Acknowledged {
  readonly #device: Declaring;
  /** Hash of the name, then of the member; the newest last. */
  readonly #entries: number[];
  /** Names of what is said instead of what the platform has taken before. */
  readonly #replaced: string[] = [];

  /** @param isNew the object has been made just now, with all that will be `seen` */
  constructor(device: Declaring, isNew = false) {
    this.#device = device;
    this.#entries = isNew ? [] : readEntries(device);
  }

  /**
   * Whether the platform has taken this member already. From `keep` on it has, either way.
   * @param nameHash its `shortHash`
   * @param memberHash of it as it stands in a request
   */
  seen(name: string, nameHash: number, memberHash: number): boolean {
    const at = this.find(nameHash);
    const isTaken = at >= 0 && this.#entries[at + 1] === memberHash;
    if (isTaken) return true;
    if (at >= 0) {
      this.#replaced.push(name);
      this.#entries.splice(at, 2);
    }
    if (this.#entries.length === 2 * MOST_ENTRIES) this.#entries.splice(0, 2);
    this.#entries.push(nameHash, memberHash);
    return false;
  }

  /** Before it is sent: the platform may take it, and a firmware that is given up say again what stood there before. */
  forgetReplaced(): void {
    if (this.#replaced.length === 0) return;
    const before = new Acknowledged(this.#device);
    for (const name of this.#replaced) before.set(name, undefined);
    before.keep();
  }

  /** Undefined: what is declared for the next start is said, whatever it is. */
  set(name: string, memberHash: number | undefined): void {
    const bytes = utf8(name);
    const nameHash = shortHash(bytes, 0, bytes.length);
    const at = this.find(nameHash);
    if (at >= 0) this.#entries.splice(at, 2);
    // It is not there any more, so it is put behind the others.
    if (memberHash !== undefined) this.seen(name, nameHash, memberHash);
  }

  /** On flash; what does not fit there any more is said again at the next start. */
  keep(): void {
    const { agent, key, fragments } = this.#device;
    // The app has said something else since.
    for (const { name, stage } of fragments) if (stage < Stage.There) this.set(name, undefined);
    const before = stored(agent);
    const count = this.#entries.length / 2;
    const record = new Uint8Array(count === 0 ? 0 : HEAD_BYTES + ENTRY_BYTES * count);
    if (count > 0) {
      const view = new DataView(record.buffer);
      view.setUint32(0, key);
      view.setUint32(4, objectHash(this.#device));
      record[8] = count;
      for (let i = 0; i < count; i++) {
        view.setUint16(HEAD_BYTES + ENTRY_BYTES * i, this.#entries[2 * i] as number);
        view.setUint32(HEAD_BYTES + ENTRY_BYTES * i + 2, this.#entries[2 * i + 1] as number);
      }
    }
    const own = recordOf(before, key);
    const ownEnd = own < 0 ? -1 : recordEnd(before, own);
    if (own >= 0 ? equals(before, own, ownEnd, record) : count === 0) return;
    const after = new ByteWriter(64, before.length + record.length);
    let left = before.length + record.length - (ownEnd - own);
    for (let at = 0; at < before.length; at = recordEnd(before, at)) {
      if (at === own) continue;
      // The one that was said longest ago goes first.
      if (left > MOST_BYTES) left -= recordEnd(before, at) - at;
      else after.putRange(before, at, recordEnd(before, at));
    }
    after.put(record);
    keepState(agent.hal, STATE, after.bytes.slice(0, after.end));
  }

  private find(nameHash: number): number {
    for (let i = 0; i < this.#entries.length; i += 2) if (this.#entries[i] === nameHash) return i;
    return -1;
  }
}

/** The app says something else: the next start says what is declared then. */
export function forgetDeclared(device: Declaring, name: string): void {
  const acknowledged = new Acknowledged(device);
  acknowledged.set(name, undefined);
  acknowledged.keep();
}

/** All that is declared is said again. */
export function forgetAll(memory: Memory): void {
  memory.remember(STATE, undefined);
}

/** Of a fragment as it stands in a request. */
export function memberHash(name: string, value: Json): number {
  const text = new ByteWriter(64, MEMBER_MAX_BYTES);
  writeMember(text, name, value);
  return fnv1a(text.bytes, 0, text.end);
}

/** `"name":value` */
export function writeMember(to: ByteWriter, name: string, value: Json): void {
  writeString(to, name);
  to.byte(0x3a);
  // An object that its app has changed since it was checked.
  if (!writeJson(to, value)) to.text('null');
}

function stored(agent: Memory): Uint8Array {
  return agent.recallBytes(STATE) ?? new Uint8Array(0);
}

function readEntries(device: Declaring): number[] {
  const bytes = stored(device.agent);
  const at = recordOf(bytes, device.key);
  const entries: number[] = [];
  if (at < 0) return entries;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(at + 4) !== objectHash(device)) return entries;
  for (let from = at + HEAD_BYTES; from < recordEnd(bytes, at); from += ENTRY_BYTES) {
    entries.push(view.getUint16(from), view.getUint32(from + 2));
  }
  return entries;
}

/** Where the record of this device begins; -1: there is none. */
function recordOf(bytes: Uint8Array, key: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length; at = recordEnd(bytes, at)) if (view.getUint32(at) === key) return at;
  return -1;
}

function recordEnd(bytes: Uint8Array, at: number): number {
  return at + HEAD_BYTES + ENTRY_BYTES * (bytes[at + 8] as number);
}

function objectHash({ idBytes }: Declaring): number {
  return fnv1a(idBytes, 0, idBytes.length);
}

/** Of a name that lies in `[from, to)`. */
export function shortHash(bytes: Uint8Array, from: number, to: number): number {
  return fnv1a(bytes, from, to) & 0xffff;
}
