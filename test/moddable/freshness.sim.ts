// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildForModdable } from '../../tools/moddable/bundle.ts';
import { freshen } from '../../tools/moddable/freshness.ts';
import { linkForChip } from '../../tools/moddable/link.ts';
import { ROOT, runTool, sdkEnvironment } from '../../tools/moddable/sdk.ts';
import { directory, sdk } from './bench.ts';

/** A directory that is empty. */
function emptied(name: string): string {
  rmSync(directory(name), { recursive: true });
  return directory(name);
}

test.serial('a module that is replaced by an older file is compiled anew; make alone would not', async (t) => {
  const project = emptied('freshness-project');
  const output = emptied('freshness');
  const write = (name: string, text: string, date: Date) => {
    writeFileSync(path.join(project, name), text);
    utimesSync(path.join(project, name), date, date);
  };
  const writeManifest = (spare: string) => {
    const include = ['$(MODDABLE)/examples/manifest_base.json'];
    const modules = { main: './main', spare };
    write('manifest.json', JSON.stringify({ include, modules }), new Date());
  };
  write('main.js', 'import spare from "spare";\nexport default () => spare;\n', new Date(2020, 1));
  write('new.js', 'export default "the new one";\n', new Date(2021, 1));
  write('old.js', 'export default "the old one";\n', new Date(2019, 1));
  const environment = { cwd: project, env: sdkEnvironment(sdk) };
  /** As far as no C is compiled. @returns the module as it was compiled */
  const build = async (isFresh: boolean) => {
    await runTool(path.join(sdk.tools, 'mcconfig'), ['-p', 'lin', '-o', output], environment);
    const made = isFresh ? await freshen(output) : async () => {};
    const makefile = readdirSync(output, { recursive: true }).find(
      (name) => path.basename(String(name)) === 'makefile',
    );
    const place = path.join(output, path.dirname(String(makefile)));
    await runTool('make', ['-f', path.join(place, 'makefile'), path.join(place, 'mc.xs.c')], environment);
    await made();
    return readFileSync(path.join(place, 'modules', 'spare.xsb'), 'latin1');
  };
  writeManifest('./new');
  t.true((await build(true)).includes('the new one'));
  writeManifest('./old');
  t.true((await build(false)).includes('the new one'), 'the fault is there to be mended');
  t.true((await build(true)).includes('the old one'));
});

test.serial('a module of ours that is not there is found out', async (t) => {
  await buildForModdable();
  const text = readFileSync(path.join(ROOT, 'manifest.json'), 'utf8').replaceAll('"./', `"${ROOT}/`);
  for (const name of ['fractus/platform', 'fractus/firmware']) {
    const project = emptied('missing-project');
    const manifest = JSON.parse(text) as {
      modules: Record<string, string>;
      platforms: Record<string, { include?: readonly string[] }>;
    };
    delete manifest.modules[name];
    // The chip's own, without what it has for a large one.
    if (name === 'fractus/platform') {
      manifest.platforms['esp32/nodemcu'] = { include: [path.join(ROOT, 'hal/esp32/chip/manifest.json')] };
    }
    mkdirSync(project, { recursive: true });
    writeFileSync(path.join(project, 'manifest.json'), JSON.stringify(manifest));
    const link = linkForChip({ sdk, platform: 'esp32/nodemcu', output: directory('missing'), project });
    await t.throwsAsync(link, { message: new RegExp(name) });
  }
});
