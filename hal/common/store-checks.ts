// SPDX-License-Identifier: Apache-2.0

export const STORE_VALUE_MAX_BYTES = 4000;
/** A constant in flash: an expression that is made for each check takes twice as much. */
const NAME = /^[A-Za-z0-9_-]{1,15}$/;

/** The name checked last: the next one is mostly the same, and a check costs 200 bytes on XS. */
let soundName = '';

/** @throws RangeError for a name that is not allowed. Shared by all HALs, so that none is more lenient than another. */
export function checkStoreName(name: string): void {
  if (name === soundName && name !== '') return;
  if (!NAME.test(name)) {
    throw new RangeError(`store: the name "${name}" is not 1 to 15 of A-Z a-z 0-9 _ -`);
  }
  soundName = name;
}

export function checkStoreValue(name: string, value: Uint8Array): void {
  if (value.length > STORE_VALUE_MAX_BYTES) {
    throw new RangeError(`store: ${name} has ${value.length} bytes, more than ${STORE_VALUE_MAX_BYTES}`);
  }
}

/** Whether a resource is a value of the store (`Hal.resource`). */
export function isEnrolled(name: string): boolean {
  return /^enrolled[\w-]{0,7}$/.test(name);
}
