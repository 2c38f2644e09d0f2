// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export function createSources(t: { teardown(fn: () => void): void }) {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-bundle-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  mkdirSync(path.join(directory, 'lib'));
  const write = (name: string, text: string) => writeFileSync(path.join(directory, name), text);
  write('lib/part.ts', 'export class Part { #n: number = STEP; next(): number { return ++this.#n; } }\n');
  write(
    'main.ts',
    "import { Part } from './lib/part.ts';\nexport function main(): number { return new Part().next(); }\n",
  );
  const entry = path.join(directory, 'main.ts');
  return { write, entry, outfile: path.join(directory, 'out/main.js'), define: { STEP: '41' } };
}
