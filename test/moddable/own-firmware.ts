// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildForModdable, buildProject } from '../../tools/moddable/bundle.ts';
import { buildFirmware, directory } from './bench.ts';

/**
 * The firmware of an author who has chosen what his board can do; returns its library.
 * @param main the project's main module, TypeScript
 * @param ca a certificate that it brings along as `ca.pem`
 */
export async function buildOwnFirmware(name: string, main: string, ca?: string): Promise<string> {
  const project = directory(name);
  mkdirSync(path.join(project, 'data'), { recursive: true });
  if (ca !== undefined) writeFileSync(path.join(project, 'data', 'ca.pem'), ca);
  const manifest = {
    include: ['./build/fractus/manifest.json'],
    creation: { main: 'main' },
    ...(ca !== undefined && { data: { '*': './data/*' } }),
    modules: { main: './build/main' },
    preload: ['main'],
  };
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(path.join(project, 'main.ts'), main);
  await buildForModdable(project);
  await buildProject(project);
  return buildFirmware(`${name}-firmware`, { project });
}
