// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { productOf } from '../../tools/product.ts';

function createProject(description: object): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-product-'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(description));
  return folder;
}

test('the nearest package.json names the firmware', (t) => {
  const folder = createProject({ name: '@acme/greenhouse', version: '2.1.0-rc.1' });
  const inner = path.join(folder, 'src');
  mkdirSync(inner);
  for (const each of [folder, inner]) {
    t.deepEqual(productOf(each), { firmware: { name: '@acme/greenhouse', version: '2.1.0-rc.1' } });
  }
});

test('it may be sold under another name', (t) => {
  const fractus = { firmware: { name: 'Greenhouse 3000' } };
  t.deepEqual(productOf(createProject({ name: 'g', version: '2.1.0', fractus })), {
    firmware: { name: 'Greenhouse 3000', version: '2.1.0' },
  });
});

test('what is missing is named, with its file', (t) => {
  t.throws(() => productOf(createProject({ name: 'g' })), {
    message: /package\.json: version is missing; allowed: a text/,
  });
  t.throws(() => productOf(createProject({ name: 7, version: '1' })), { message: /package\.json: name is missing/ });
});
