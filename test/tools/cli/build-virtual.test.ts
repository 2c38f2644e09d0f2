// SPDX-License-Identifier: Apache-2.0
/** `fractus build --virtual`: the firmware of a virtual board, from an author's app. */

import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { buildVirtual } from '../../../tools/cli/build-virtual.ts';

test('what would fail on a board is refused, with its place, also in a module of the app', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-virtual-'));
  const app = path.join(folder, 'app.ts');
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'greenhouse', version: '1.0.0' }));
  writeFileSync(
    path.join(folder, 'seen.ts'),
    'const seen = new Map();\nexport const see = (id) => seen.set(id, true);\n',
  );
  writeFileSync(
    app,
    `import { see } from './seen.ts';\nexport const app = (board) => {\n  see(board.id);\n  setTimeout(() => board.event('acme_Started', 'now'), 1000);\n};\n`,
  );
  const error = await t.throwsAsync(buildVirtual(app, []));
  const [first = '', ...troubles] = (error?.message ?? '').split('\n');
  t.is(first, 'this would fail on a board:');
  t.deepEqual(troubles.sort(), [
    'app.ts:4:3: a board has no setTimeout; use hal.createTimer',
    'seen.ts:2:28: seen is a Map at module level, so it is in flash and cannot change; create it in the app',
  ]);
  t.false(existsSync(path.join(folder, 'build')));

  writeFileSync(path.join(folder, 'seen.ts'), 'export const see = (id) => id;\n');
  writeFileSync(
    app,
    `import { see } from './seen.ts';\nexport const app = (board) => board.event('acme_Started', see('now'));\n`,
  );
  t.true(existsSync(await buildVirtual(app, [])));
});
