// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildProject } from '../../../tools/moddable/bundle.ts';
import { providedModules } from '../../../tools/moddable/provided.ts';

/** Files by their path in a directory of their own; what is no text is JSON. */
function directory(t: ExecutionContext, files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-provided-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

function createSdk(t: ExecutionContext): string {
  return directory(t, {
    'modules/drivers/onewire/manifest.json': {
      include: '$(MODULES)/pins/manifest.json',
      modules: { '*': ['$(MODULES)/drivers/onewire/*'], '~': '$(MODULES)/drivers/onewire/not' },
      platforms: { esp32: { modules: { 'pins/*': '$(PINS)/rmt' } } },
      build: { PINS: '$(MODULES)/pins' },
    },
    'modules/drivers/onewire/onewire.js': '',
    'modules/drivers/onewire/DS18X20.js': '',
    'modules/pins/manifest.json': {
      include: '../drivers/onewire/manifest.json',
      modules: { 'pins/i2c': '$(MODULES)/pins/i2c' },
    },
  });
}

const PROJECT = {
  'manifest.json': {
    include: [
      '$(MODDABLE)/modules/drivers/onewire/manifest.json',
      './build/fractus/manifest.json',
      './more/manifest.json',
    ],
    modules: { main: './build/main' },
  },
  'more/manifest.json': { modules: { '*': './parts/lamp', deep: ['./x'] } },
};

test('what a manifest and its includes provide, by the names of the build', (t) => {
  const { names, isComplete } = providedModules(directory(t, PROJECT), createSdk(t));
  t.deepEqual([...names].sort(), ['DS18X20', 'deep', 'lamp', 'main', 'manifest', 'onewire', 'pins/i2c', 'pins/rmt']);
  t.true(isComplete);
});

test('without the SDK, or with something that the build fetches, not all is known', (t) => {
  t.false(providedModules(directory(t, PROJECT), '').isComplete);
  for (const include of [[{ git: 'https://example.com/a.git' }], '$(CONTRIBUTED)/a.json', './gone.json'])
    t.false(providedModules(directory(t, { 'manifest.json': { include } }), createSdk(t)).isComplete, `${include}`);
  t.like(providedModules(directory(t, {})), { isComplete: true });
});

test('variables that stand for themselves end', (t) => {
  const manifest = { include: '$(A)/x.json', build: { A: '$(B)', B: '$(A)' } };
  t.false(providedModules(directory(t, { 'manifest.json': manifest })).isComplete);
});

test.serial('a project may import them, and what nobody provides is found on the desk', async (t) => {
  const before = process.env['MODDABLE'];
  t.teardown(() => {
    if (before === undefined) delete process.env['MODDABLE'];
    else process.env['MODDABLE'] = before;
  });
  process.env['MODDABLE'] = createSdk(t);
  const main = (name: string) =>
    `import { start } from 'fractus/board';\nimport A from '${name}';\nexport default () => start(() => void new A());\n`;
  const good = directory(t, { ...PROJECT, 'main.ts': main('onewire') });
  t.regex(await buildProject(good), /build.main\.js$/);
  const bad = directory(t, { ...PROJECT, 'main.ts': main('onewhere') });
  await t.throwsAsync(buildProject(bad), {
    message:
      /main\.ts:2:15: Could not resolve "onewhere": no package that is installed, and no module of the manifest$/,
  });
});
