// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { parseCertificate } from '../../hal/esp32/tls/certificate.ts';
import { sdk } from './bench.ts';

const DATA = path.join(sdk.directory, 'modules', 'crypt', 'data');
const names = readdirSync(DATA).filter((name) => /^ca\d+\.der$/.test(name));

test('the CAs that come with the SDK can be read', (t) => {
  const unusable: string[] = [];
  for (const name of names) {
    try {
      const { isCa, key } = parseCertificate(new Uint8Array(readFileSync(path.join(DATA, name))));
      if (!isCa || key === undefined) unusable.push(name);
    } catch (error) {
      unusable.push(`${name}: ${(error as Error).message}`);
    }
  }
  t.log(`${names.length} CAs, ${unusable.length} of which are not used: ${unusable.join(', ')}`);
  t.true(unusable.length < names.length / 10);
});
