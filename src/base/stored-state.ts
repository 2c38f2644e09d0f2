// SPDX-License-Identifier: Apache-2.0

import type { Hal, Store } from '../../hal/hal.ts';
import { fnv1a } from '../bytes/hash.ts';

/** The first byte of a stored value. No text has this byte. */
const MAGIC = 0xf5;
/** The version of the format. Version 0 was a bare text, without head and checksum. */
const VERSION = 1;
export const HEAD_BYTES = 2;
export const CHECKSUM_BYTES = 4;
const ASIDE = 'bad-';
const NAME_MAX_CHARS = 15;
/** The limit of the store. A larger value is refused as if the flash were full. */
const STORED_MAX_BYTES = 4000;

/** The store, and the firmware slots: a firmware on trial may be replaced by the former one. */
export type StateHal = Pick<Hal, 'store' | 'firmware'>;

/** Receives the report of a damaged value. An object and not a function: a closure costs memory at each recall. */
export interface StateKeeper {
  onDamaged(name: string): void;
}

/** Keeps a value with its version and a checksum. False when the flash refuses or has no room for it. */
export function keepState(hal: StateHal, name: string, value: Uint8Array): boolean {
  const bytes = new Uint8Array(HEAD_BYTES + value.length + CHECKSUM_BYTES);
  bytes.set(value, HEAD_BYTES);
  return sealState(hal, name, bytes);
}

/** As `keepState`, for a buffer with `HEAD_BYTES` of room before the value and `CHECKSUM_BYTES` after it. */
export function sealState({ store, firmware }: StateHal, name: string, bytes: Uint8Array): boolean {
  bytes[0] = MAGIC;
  bytes[1] = VERSION;
  if (bytes.length > STORED_MAX_BYTES) return false;
  const end = bytes.length - CHECKSUM_BYTES;
  if (firmware?.onTrial === true) {
    // In version 0 if the former firmware used it: that firmware would take version 1 for damage.
    const value = bytes.subarray(HEAD_BYTES, end);
    if (isText(value) && isText(store.get(name) ?? value.subarray(0, 0))) return store.set(name, value);
  }
  const checksum = fnv1a(bytes, 0, end);
  for (let i = 0; i < CHECKSUM_BYTES; i++) bytes[end + i] = checksum >>> (8 * i);
  return store.set(name, bytes);
}

/**
 * The stored value; undefined when there is none. A value of version 0 is stored again in the present version, unless
 * the firmware is on trial. A damaged value is moved to another name, reported to `keeper`, and counts as missing from
 * then on.
 */
export function recallState(hal: StateHal, name: string, keeper: StateKeeper): Uint8Array | undefined {
  const { store, firmware } = hal;
  const bytes = store.get(name);
  if (bytes === undefined) return undefined;
  const value = unsealed(bytes);
  if (value === bytes) {
    if (firmware?.onTrial !== true) keepState(hal, name, bytes);
  } else if (value === undefined) {
    store.set(asideName(name), bytes);
    store.delete(name);
    keeper.onDamaged(name);
  }
  return value;
}

/** As `recallState`, but changes nothing. */
export function peekState(store: Store, name: string): Uint8Array | undefined {
  const bytes = store.get(name);
  return bytes && unsealed(bytes);
}

/** The value without head and checksum; undefined when it is damaged; `bytes` itself when it is of version 0. */
function unsealed(bytes: Uint8Array): Uint8Array | undefined {
  if (isText(bytes)) return bytes;
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < HEAD_BYTES || bytes[0] !== MAGIC || bytes[1] !== VERSION) return undefined;
  const checksum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true);
  return checksum === fnv1a(bytes, 0, end) ? bytes.slice(HEAD_BYTES, end) : undefined;
}

/** Whether a value of this name was ever found damaged. Its content is unknown then. */
export function wasDamaged(store: Store, name: string): boolean {
  return store.get(asideName(name)) !== undefined;
}

/** The name under which a damaged value of this name is kept. */
export function asideName(name: string): string {
  return `${ASIDE}${name}`.slice(0, NAME_MAX_CHARS);
}

/** Whether it is of version 0: printable, in lines. A damaged value of version 1 has its 1, a control byte, in it. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if ((byte < 0x20 && byte !== 0x0a) || byte === MAGIC) return false;
  }
  return true;
}
