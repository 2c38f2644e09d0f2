// SPDX-License-Identifier: Apache-2.0

import type { Base, Memory } from '../../base/base.ts';
import { keepState } from '../../base/stored-state.ts';
import { fnv1a } from '../../bytes/hash.ts';
import { equals, utf8 } from '../../bytes/text.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import { type Json, writeJson, writeString } from '../../json/write.ts';

/**
 * The name in the store of the declared fragments that the platform has accepted, as hashes. For each device: its key,
 * a hash of its managed object's id (4 bytes each), a count; then per fragment a hash of its name (2 bytes) and of the
 * whole member (4).
 */
const STATE = 'acknowledged';
const MOST_BYTES = 3900;
const HEAD_BYTES = 9;
const ENTRY_BYTES = 6;
const MOST_ENTRIES = 64;
const MEMBER_MAX_BYTES = 8192;

/** The stage of a fragment's newest value: not sent, sent, on the platform, or changed there by an operation. */
export const Stage = { New: 0, Sent: 1, There: 2, Changed: 3 } as const;

/** A fragment that is declared for the managed object of a device. */
export interface Fragment {
  readonly name: string;
  value: Json;
  bytes: number;
  /** Its `memberHash`. */
  hash: number;
  /** One of `Stage`. */
  stage: number;
}

/** A device with its declared fragments. */
export interface Declaring {
  readonly agent: Pick<Base, 'hal'> & Memory;
  readonly key: number;
  readonly idBytes: Uint8Array;
  readonly fragments: readonly Fragment[];
}

/**
 * The declared fragments of one device that the platform has accepted. A later change by an operation is not noted
 * here: the declaration before it stays accepted and is not sent again. A new managed object has accepted nothing.
 */
export class Acknowledged {
  readonly #device: Declaring;
  /** Pairs of hashes, of the name and of the member; the newest last. */
  readonly #entries: number[];
  /** Names of fragments whose new value replaces an accepted one. */
  readonly #replaced: string[] = [];

  /** @param isNew the object is new: stored entries do not count */
  constructor(device: Declaring, isNew = false) {
    this.#device = device;
    this.#entries = isNew ? [] : readEntries(device);
  }

  /**
   * Whether the platform has accepted this member already. If not, the member is added, and `keep` stores it.
   * @param nameHash the `shortHash` of its name
   * @param memberHash hash of the member as it is in a request
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

  /** Called before the request: forgets replaced values, so that after a rollback the former firmware sends its own. */
  forgetReplaced(): void {
    if (this.#replaced.length === 0) return;
    const before = new Acknowledged(this.#device);
    for (const name of this.#replaced) before.set(name, undefined);
    before.keep();
  }

  /** Sets the hash of a fragment; undefined: the next start sends the fragment in any case. */
  set(name: string, memberHash: number | undefined): void {
    const bytes = utf8(name);
    const nameHash = shortHash(bytes, 0, bytes.length);
    const at = this.find(nameHash);
    if (at >= 0) this.#entries.splice(at, 2);
    // The old entry is deleted, so `seen` appends the new one.
    if (memberHash !== undefined) this.seen(name, nameHash, memberHash);
  }

  /** Stores the entries. The fragments of devices that no longer fit are sent again at the next start. */
  keep(): void {
    const { agent, key, fragments } = this.#device;
    // The app has set a newer value since.
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
      // The record that was stored longest ago is dropped first.
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

/** The app has set another value, so the next start sends the value that is declared then. */
export function forgetDeclared(device: Declaring, name: string): void {
  const acknowledged = new Acknowledged(device);
  acknowledged.set(name, undefined);
  acknowledged.keep();
}

/** Forgets all devices, so that everything declared is sent again. */
export function forgetAll(memory: Memory): void {
  memory.remember(STATE, undefined);
}

/** Hash of a fragment as it is in a request, `"name":value`. */
export function memberHash(name: string, value: Json): number {
  const text = new ByteWriter(64, MEMBER_MAX_BYTES);
  writeMember(text, name, value);
  return fnv1a(text.bytes, 0, text.end);
}

/** Writes `"name":value`. */
export function writeMember(to: ByteWriter, name: string, value: Json): void {
  writeString(to, name);
  to.byte(0x3a);
  // The app may have changed the object since it was checked.
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

/** Index of the record of this device; -1: there is none. */
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

/** Hash of the name in `[from, to)`, 16 bits. */
export function shortHash(bytes: Uint8Array, from: number, to: number): number {
  return fnv1a(bytes, from, to) & 0xffff;
}
