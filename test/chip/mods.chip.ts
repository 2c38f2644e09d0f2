// SPDX-License-Identifier: Apache-2.0
/** Mods on an emulated chip, in the partition that XS maps them from. */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildProject } from '../../tools/moddable/bundle.ts';
import { mcrun } from '../../tools/moddable/sdk.ts';
import { alarmsOf, measurementsOf } from '../../tools/platform/operator.ts';
import { until } from '../support/until.ts';
import { BOARD, buildImage, directory, type Firmware, qemu, sdk } from './bench.ts';
import { PATIENCE_MS, start, withWifi } from './scene.ts';

let firmware: Firmware;

test.before(async () => {
  if (qemu.hasWifi) firmware = await buildImage();
});

/** As its author does it. */
async function buildMod(name: string, source: string): Promise<Buffer> {
  const project = directory(path.join('mods', name));
  const manifest = { include: ['$(MODDABLE)/examples/manifest_mod.json'], modules: { mod: './build/mod' } };
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(path.join(project, 'mod.ts'), source);
  await buildProject(project);
  return readFileSync(await mcrun({ sdk, project, platform: BOARD, output: path.join(project, 'build', 'output') }));
}

withWifi("an author's mod: its own measurement and command beside those of the firmware", async (t) => {
  const source = `
    import { measurement } from 'fractus';
    const CELLAR = measurement({
      type: 'acme_Cellar',
      fragments: { acme_Cellar: { T: { of: 'temperature', unit: '°C', decimals: 2 } } },
    });
    export default (board, app) => {
      app(board);
      board.sensor({ reports: CELLAR, sensor: { sample: () => ({ temperature: 9.5 }) } });
      board.command({ name: 'cellar', help: 'how warm it is now', run: () => '9.5 °C' });
    };`;
  const archive = await buildMod('cellar', source);
  const { platform, board, id, ended } = await start(t, firmware, { partitions: { xs: archive } });
  await board.line(/the mod runs/);
  await board.line(/listening for operations/);
  const types = () => new Set(measurementsOf(platform, id()).map(({ fragments }) => fragments['type']));
  await until(
    () => types().has('acme_Cellar') && types().size > 1,
    () => [...types()].join(),
    PATIENCE_MS,
  );
  const operation = await ended({ c8y_Command: { text: 'cellar' } });
  t.regex(JSON.stringify(operation.fragments['c8y_Command']), /9\.5 °C/);
  t.deepEqual(alarmsOf(platform, id()), []);
  t.deepEqual(platform.breaches, []);
});

withWifi('a mod that aborts the engine: two starts, and it is left out', async (t) => {
  const source = `
    import Timer from 'timer';
    export default () => Timer.set(() => { throw new Error('nobody catches this'); }, 200);`;
  const { platform, board, id } = await start(t, firmware, { partitions: { xs: await buildMod('aborts', source) } });
  await board.line(/the mod is left out: its last starts have crashed \(panic\)/);
  await board.line(/listening for operations/);
  t.is(board.chip.lines.filter((line) => line.includes('the mod runs')).length, 2);
  await until(
    () => alarmsOf(platform, id()).some(({ fragments }) => fragments['type'] === 'fractus_ModLeftOut'),
    'no alarm',
    PATIENCE_MS,
  );
  t.deepEqual(platform.breaches, []);
});
