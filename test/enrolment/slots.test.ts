// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Store } from '../../hal/hal.ts';
import { makeKey } from '../../src/enrolment/key.ts';
import { softArithmetic } from '../../src/enrolment/p256.ts';
import { CANDIDATE, CURRENT, keepSlot, promote } from '../../src/enrolment/slots.ts';

const KEY = makeKey((into) => into.fill(7), softArithmetic);
const CERTIFICATE = Uint8Array.from([1, 2, 3]);

/** A store whose first `lies` changes are none, though it says they are. */
function lying(lies: number): { store: Store; values: Map<string, Uint8Array> } {
  const values = new Map<string, Uint8Array>();
  let left = lies;
  const store = {
    get: (name: string) => values.get(name),
    set: (name: string, value: Uint8Array) => {
      if (left-- <= 0) values.set(name, value);
      return true;
    },
    delete: (name: string) => values.delete(name),
  };
  return { store: store as unknown as Store, values };
}

test('flash that says yes and does nothing is asked again, and found out when it goes on', (t) => {
  for (const [lies, isKept] of [
    [0, true],
    [2, true],
    [3, false],
  ] as const) {
    const { store, values } = lying(lies);
    t.is(keepSlot(store, CANDIDATE, KEY, [CERTIFICATE]), isKept);
    t.is(values.has(CANDIDATE), isKept);
  }
});

test('a write that the flash ignores loses neither the old certificate nor the new one', (t) => {
  const { store, values } = lying(0);
  keepSlot(store, CANDIDATE, KEY, [CERTIFICATE]);
  const refusing = { ...store, set: () => true } as Store;
  values.set(CURRENT, Uint8Array.from([9]));
  t.false(promote(refusing));
  t.true(values.has(CANDIDATE));
  t.deepEqual(values.get(CURRENT), Uint8Array.from([9]));
  t.true(promote(store));
  t.false(values.has(CANDIDATE));
});
