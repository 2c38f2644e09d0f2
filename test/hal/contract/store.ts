// SPDX-License-Identifier: Apache-2.0

import { pattern } from './peer.ts';
import { assert, type Check, equal, equalBytes, throwsRangeError } from './scene.ts';

const BAD_NAMES = ['', 'sixteen-letters-', 'a b', 'a.b', '../x', 'ä', 'a/b', 'a\0', 'a\n'];
const ALL_LETTERS = ['ABCDEFGHIJKLMNO', 'PQRSTUVWXYZ', 'abcdefghijklmno', 'pqrstuvwxyz', '0123456789_-'];

export const storeChecks: readonly Check[] = [
  {
    name: 'store: gives back what was set, of every length',
    async run({ hal: { store } }) {
      equal(store.get('nothing'), undefined, 'a value that was never set');
      for (const length of [0, 1, 31, 32, 33, 1024, 4000]) {
        const value = pattern(length, 2 * length);
        assert(store.set('value', value), `set of ${length} bytes`);
        equalBytes(store.get('value'), value, `${length} bytes`);
      }
    },
  },
  {
    name: 'store: what is kept as enrolled is a resource, and nothing else of it',
    async run({ hal }) {
      equal(hal.resource('enrolled'), undefined, 'before');
      for (const name of ['enrolled', 'enrolled-new', 'credentials']) assert(hal.store.set(name, pattern(3, 9)), name);
      equalBytes(hal.resource('enrolled'), pattern(3, 9), 'enrolled');
      equalBytes(hal.resource('enrolled-new'), pattern(3, 9), 'enrolled-new');
      equal(hal.resource('credentials'), undefined, 'credentials');
      equal(hal.resource('enrolled-by-whom'), undefined, 'a longer name');
      assert(hal.store.delete('enrolled'), 'delete');
      equal(hal.resource('enrolled'), undefined, 'after');
    },
  },
  {
    name: 'store: copies in and out',
    async run({ hal: { store } }) {
      const buffer = pattern(0, 10);
      assert(store.set('view', buffer.subarray(2, 5)), 'set');
      buffer.fill(0);
      const value = store.get('view');
      equalBytes(value, pattern(2, 5), 'after the buffer was used again');
      value?.fill(0);
      equalBytes(store.get('view'), pattern(2, 5), 'after the copy was changed');
    },
  },
  {
    name: 'store: every letter counts in a name, also its case',
    async run({ hal: { store } }) {
      const names = [...ALL_LETTERS, 'Key', 'key', 'kEY', '__proto__', 'constructor', '-', '_'];
      names.forEach((name, index) => {
        equal(store.get(name), undefined, `${name} before it was set`);
        assert(store.set(name, pattern(index, index + 1)), name);
      });
      names.forEach((name, index) => {
        equalBytes(store.get(name), pattern(index, index + 1), name);
      });
      equal(store.keys().sort().join(), [...names].sort().join(), 'keys()');
    },
  },
  {
    name: 'store: a name that NVS would not take is a RangeError everywhere',
    async run({ hal: { store } }) {
      for (const name of BAD_NAMES) {
        throwsRangeError(() => store.get(name), `get ${name}`);
        throwsRangeError(() => store.set(name, new Uint8Array(1)), `set ${name}`);
        throwsRangeError(() => store.delete(name), `delete ${name}`);
      }
      equal(store.keys().length, 0, 'keys');
    },
  },
  {
    name: 'store: a value of more than 4,000 bytes is a RangeError and changes nothing',
    async run({ hal: { store } }) {
      assert(store.set('value', pattern(0, 3)), 'set');
      throwsRangeError(() => store.set('value', new Uint8Array(4001)), 'set of 4,001 bytes');
      equalBytes(store.get('value'), pattern(0, 3), 'the value');
    },
  },
  {
    name: 'store: delete is true also for what is not there',
    async run({ hal: { store } }) {
      assert(store.set('value', pattern(0, 3)), 'set');
      assert(store.delete('value'), 'delete');
      equal(store.get('value'), undefined, 'the value after delete');
      equal(store.keys().length, 0, 'keys');
      assert(store.delete('value'), 'delete once more');
    },
  },
  {
    name: 'store: when it is full, set is false and nothing changes until there is room',
    async run({ hal: { store } }) {
      const empty = store.freeBytes();
      const value = pattern(0, 4000);
      let count = 0;
      while (count < 1000 && store.set(`v${count}`, value)) count += 1;
      assert(count > 0 && count < 1000, `${count} values of 4,000 bytes found room`);
      assert(store.freeBytes() >= 0 && store.freeBytes() < empty, `${store.freeBytes()} of ${empty} bytes are free`);
      equal(store.get(`v${count}`), undefined, 'the value that was refused');
      equal(store.set('v0', pattern(1, 4001)), false, 'replacing needs room for both');
      equalBytes(store.get('v0'), value, 'the old value');
      equal(store.keys().length, count, 'keys');
      assert(store.delete('v0') && store.set('new', value), 'set after a delete');
      equalBytes(store.get('new'), value, 'the value that found room');
    },
  },
];
