// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Plugin } from 'esbuild';
import { bundleTool } from '../../tools/bundle.ts';
import { leanSources, shorter } from '../../tools/lean.ts';

const tools = fileURLToPath(new URL('../../tools/', import.meta.url));
const LIVES = ['cold', 'restart', 'moved'];

/** Sources as a board has them, in the simulator; what the tools themselves mention keeps its name. */
const asOnABoard: Plugin = {
  name: 'as on a board',
  async setup({ initialOptions }) {
    const files = readdirSync(tools, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const names = await shorter(files.filter((name) => name !== 'internal-names.ts').map((name) => `tools/${name}`));
    const count = Object.keys(names.mangleCache ?? {}).length;
    if (count < 200) throw new Error(`only ${count} names are shorter`);
    Object.assign(initialOptions, names, {
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    });
  },
};

async function digests(plugins: readonly Plugin[]): Promise<string[]> {
  const { path, remove } = await bundleTool('simulate/main.ts', plugins);
  try {
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
  t.deepEqual(await digests([leanSources('step', 'meaning'), asOnABoard]), plain);
  t.is(new Set(plain).size, LIVES.length);
});
