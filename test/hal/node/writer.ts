// SPDX-License-Identifier: Apache-2.0
/* Stores ever new values until it is killed; tells each one that is kept. Started by files.test.ts. */
import { writeSync } from 'node:fs';
import { Flash } from '../../../hal/node/flash.ts';
import { content } from './content.ts';

const { store } = new Flash({ dataDir: process.argv[2] });
for (let count = Number(process.argv[3]); ; count++) {
  if (!store.set('value', content(count)) || !store.delete('other') || !store.set('other', content(count)))
    process.exit(1);
  writeSync(1, `${count}\n`);
}
