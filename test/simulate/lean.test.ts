// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type Plugin, transformSync } from 'esbuild';
import { bundleTool } from '../../tools/bundle.ts';
import { inlined } from '../../tools/lean/constants.ts';
import { gettersInPlace } from '../../tools/lean/getters.ts';
import { flattened } from '../../tools/lean/inline.ts';
import { constants, leanSources, shorter } from '../../tools/lean/lean.ts';
import { indexed } from '../../tools/lean/lists.ts';
import { unrenewed } from '../../tools/lean/loops.ts';
import { asMethods } from '../../tools/lean/methods.ts';
import { nested } from '../../tools/lean/nests.ts';
import { unpacked } from '../../tools/lean/patterns.ts';
import { shelved } from '../../tools/lean/shelf.ts';
import { joined } from '../../tools/lean/templates.ts';

const tools = fileURLToPath(new URL('../../tools/', import.meta.url));
const LIVES = ['cold', 'restart', 'moved'];

/** Sources as a board has them, in the simulator. */
const asOnABoard: Plugin = {
  name: 'as on a board',
  setup({ initialOptions }) {
    Object.assign(initialOptions, { tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } } });
  },
};

async function digests(plugins: readonly Plugin[], change?: (code: string) => string): Promise<string[]> {
  const { path, remove } = await bundleTool('simulate/main.ts', plugins);
  try {
    if (change !== undefined) writeFileSync(path, change(readFileSync(path, 'utf8')));
    return LIVES.map((scenario) => {
      const args = [path, '--scenario', scenario, '--seed', '1', '--json'];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      const line = stdout.trim();
      return line === '' ? stderr : `${scenario}: ${(JSON.parse(line) as { digest: string }).digest}`;
    });
  } finally {
    await remove();
  }
}

test('code for a board says and does what the sources say', async (t) => {
  const plain = await digests([]);
  // What the tools themselves mention keeps its name.
  const files = readdirSync(tools, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const names = await shorter(files.filter((name) => name !== 'lean/internal-names.ts').map((name) => `tools/${name}`));
  const internal = new Set(Object.keys(names.mangleCache ?? {}));
  t.true(internal.size >= 200, `${internal.size}`);
  let [before, after] = ['', ''];
  const change = (code: string) => {
    before = inlined(unpacked(indexed(constants(code))));
    const isInternal = (name: string) => internal.has(name);
    const flat = flattened(gettersInPlace(before, isInternal), isInternal);
    after = nested(shelved(joined(asMethods(unrenewed(flat))), isInternal));
    return transformSync(after, names).code;
  };
  t.deepEqual(await digests([leanSources('step', 'meaning'), asOnABoard], change), plain);
  const methods = (code: string) => code.match(/^ +\w+\(.*\) \{$/gm)?.length ?? 0;
  t.true(methods(after) < methods(before) - 30, `${methods(before)} methods, then ${methods(after)}`);
  t.is(new Set(plain).size, LIVES.length);
});
