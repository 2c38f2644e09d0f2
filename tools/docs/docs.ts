// SPDX-License-Identifier: Apache-2.0
/** `npm run docs`: updates the generated parts of the pages, and records the picture of `npm start`. */

import { writeFile } from 'node:fs/promises';
import { readPages } from './pages.ts';
import { recordPicture } from './picture.ts';

for (const { path, url, current, wanted } of await readPages()) {
  if (current === wanted) continue;
  await writeFile(url, wanted);
  console.log(`${path}: written`);
}
if (!process.argv.includes('--no-picture')) {
  console.log(`${await recordPicture()}: recorded`);
}
