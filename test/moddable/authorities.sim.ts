// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { parseCertificate } from '../../hal/esp32/tls/certificate.ts';
import { sdk } from './bench.ts';

const DATA = path.join(sdk.directory, 'modules', 'crypt', 'data');
const names = readdirSync(DATA).filter((name) => /^ca\d+\.der$/.test(name));

test('the CAs that come with the SDK can be read, and are found by the name of their key', (t) => {
  const list = readFileSync(path.join(DATA, 'ca.ski'));
  const unusable: string[] = [];
  let named = 0;
  for (const name of names) {
    const index = Number(/^ca(\d+)\.der$/.exec(name)?.[1]);
    const bytes = new Uint8Array(readFileSync(path.join(DATA, name)));
    const keyId = list.subarray(20 * index, 20 * index + 20);
    t.true(20 * index + 20 <= list.length, name);
    try {
      const { isCa, key } = parseCertificate(bytes);
      if (!isCa || key === undefined) unusable.push(name);
    } catch (error) {
      unusable.push(`${name}: ${(error as Error).message}`);
    }
    if (Buffer.from(bytes).includes(keyId)) named += 1;
  }
  t.log(`${names.length} CAs, ${unusable.length} of which are not used: ${unusable.join(', ')}`);
  t.true(named > names.length / 2, `${named} name their key themselves`);
  t.true(unusable.length < names.length / 10);
});
