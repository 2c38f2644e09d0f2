// SPDX-License-Identifier: Apache-2.0
/**
 * `node tools/sources.js [--write]`: checks that each source names its licence in its first line, where tools look for
 * it, and has at most 300 lines. (Biome counts a comment of several lines as one.)
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);
const FOLDERS = ['src', 'hal', 'create', 'kit', 'tools', 'test', 'examples'];
const MOST_LINES = 300;
const LINE = '// SPDX-License-Identifier: Apache-2.0\n';

const files = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, ROOT), { recursive: true }).map((file) => new URL(`${folder}/${file}`, ROOT)),
).filter(({ pathname }) => /\.(ts|js|mjs|c|h)$/.test(pathname) && !/\/(build|node_modules|template)\//.test(pathname));

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length - 1;
  if (lines > MOST_LINES) {
    console.error(`${file.pathname}: ${lines} lines; at most ${MOST_LINES} are allowed`);
    process.exitCode = 1;
  }
  const [, shebang = '', rest = ''] = /^(#![^\n]*\n)?(.*)$/s.exec(text) ?? [];
  if (rest.startsWith(LINE)) continue;
  if (process.argv.includes('--write')) {
    // The blank line keeps an import from being sorted together with the comment above it.
    writeFileSync(file, `${shebang}${LINE}${rest.startsWith('/') ? '' : '\n'}${rest}`);
  } else {
    console.error(`${file.pathname}: its licence is missing (node tools/sources.js --write)`);
    process.exitCode = 1;
  }
}
