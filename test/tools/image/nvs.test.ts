// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import test from 'ava';
import { utf8 } from '../../../src/bytes/text.ts';
import { nvsPartition } from '../../../tools/image/nvs.ts';

const BYTES = 0x6000;
const blob = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);

test('a partition is, byte by byte, what esp-idf-nvs-partition-gen 0.3.0 makes of the same', (t) => {
  const rules = {
    d7e2c3affe940c296dd24f149c0295f6437aa6f5ee314afcf82380f3e0d271b1: {
      'fractus-hal': { config: utf8('url=https://a\nwifiName=x') },
    },
    // Values that go over the end of a page, and one that ends just there.
    '723d89530f8ae6c4f9a60cde772c74243d211c7509fb9ff7fc92ef66c7c33075': {
      s: { a: blob(4000, 1), b: blob(3970, 1), c: blob(3998, 3) },
    },
    c773fc9098a3cdbaa36b94bf6b121b6ccb6a733c21effbee266f85c7c70eb2ba: {
      s: { a: blob(3872, 1), b: blob(40, 2) },
      t: { c: blob(3, 3) },
    },
    '2ffb59cf8282f54245cae7fcba885c442d602713cf0d5820bc7d264ba72ddefb': {
      s: { a: blob(3936, 1), b: blob(40, 2) },
      t: { c: blob(3, 3) },
    },
    '019f8bb1183ed6780d02805c977c16aced6337548d3321ead8913f3cee5e3a57': {
      s: { a: blob(4000, 1), b: blob(40, 2) },
      t: { c: blob(3, 3) },
    },
  };
  for (const [sha256, content] of Object.entries(rules)) {
    t.is(createHash('sha256').update(nvsPartition(content, BYTES)).digest('hex'), sha256);
  }
});

test('one page stays free, and what does not fit is refused', (t) => {
  const content = (count: number) => ({
    s: Object.fromEntries(Array.from({ length: count }, (_, i) => [`v${i}`, blob(3900, i)])),
  });
  t.deepEqual(nvsPartition(content(5), BYTES).subarray(-4096), Buffer.alloc(4096, 0xff));
  t.throws(() => nvsPartition(content(6), BYTES), { message: /do not fit into the 24576 bytes/ });
  for (const name of ['', 'sixteen-letters.']) {
    t.throws(() => nvsPartition({ s: { [name]: blob(1, 1) } }, BYTES), { message: /1 to 15 bytes/ });
  }
});
