// SPDX-License-Identifier: Apache-2.0

import type { Hal, Store } from '../../../hal/hal.ts';
import { fnv1a } from '../../bytes/hash.ts';

/** How stored values begin; no text does. */
const MAGIC = 0xf5;
/** Of what follows: the value itself. Before, values were bare texts: that was version 0. */
const VERSION = 1;
export const HEAD_BYTES = 2;
export const CHECKSUM_BYTES = 4;
const ASIDE = 'bad-';
const NAME_MAX_CHARS = 15;
/** Of the store. What is larger is refused as if there were no room. */
const STORED_MAX_BYTES = 4000;

/** Where it is kept, and whether what runs may have to give way to the firmware before it. */
export type StateHal = Pick<Hal, 'store' | 'firmware'>;

/** Who is told of what is damaged; an object and not a function, for a closure costs memory at each recall. */
export interface StateKeeper {
  onDamaged(name: string): void;
}

/** Keeps a value with its version and a checksum. False when the flash refuses or has no room for it. */
export function keepState(hal: StateHal, name: string, value: Uint8Array): boolean {
  const bytes = new Uint8Array(HEAD_BYTES + value.length + CHECKSUM_BYTES);
  bytes.set(value, HEAD_BYTES);
  return sealState(hal, name, bytes);
}

/** As `keepState`, of a value that has room for head and checksum around it already. */
export function sealState({ store, firmware }: StateHal, name: string, bytes: Uint8Array): boolean {
  bytes[0] = MAGIC;
  bytes[1] = VERSION;
  if (bytes.length > STORED_MAX_BYTES) return false;
  const end = bytes.length - CHECKSUM_BYTES;
  if (firmware?.onTrial === true) {
    // As the firmware before it has kept it, which would find it damaged otherwise.
    const value = bytes.subarray(HEAD_BYTES, end);
    if (isText(value) && isText(store.get(name) ?? value.subarray(0, 0))) return store.set(name, value);
  }
  const checksum = fnv1a(bytes, 0, end);
  for (let i = 0; i < CHECKSUM_BYTES; i++) bytes[end + i] = checksum >>> (8 * i);
  return store.set(name, bytes);
}

/**
 * The value that was kept; undefined when there is none. One of version 0 is kept anew as this one, once the firmware is
 * there to stay. One that is damaged is set aside under another name, told to `keeper`, and counts as missing from
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

/** As `recallState`, for who only looks: nothing is changed. */
export function peekState(store: Store, name: string): Uint8Array | undefined {
  const bytes = store.get(name);
  return bytes && unsealed(bytes);
}

/** Undefined when it is damaged; the same bytes when they are of version 0. */
function unsealed(bytes: Uint8Array): Uint8Array | undefined {
  if (isText(bytes)) return bytes;
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < HEAD_BYTES || bytes[0] !== MAGIC || bytes[1] !== VERSION) return undefined;
  const checksum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true);
  return checksum === fnv1a(bytes, 0, end) ? bytes.slice(HEAD_BYTES, end) : undefined;
}

/** Whether a value of this name was ever found damaged: it may have said anything. */
export function wasDamaged(store: Store, name: string): boolean {
  return store.get(asideName(name)) !== undefined;
}

/** Where a damaged value of this name is. */
export function asideName(name: string): string {
  return `${ASIDE}${name}`.slice(0, NAME_MAX_CHARS);
}

/** What was kept as version 0: printable, in lines. A damaged value of another version has its number in it. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if ((byte < 0x20 && byte !== 0x0a) || byte === MAGIC) return false;
  }
  return true;
}
