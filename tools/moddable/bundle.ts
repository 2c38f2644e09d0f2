// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Firmware } from '../../hal/hal.ts';
import { described } from '../author/app.ts';
import { replaceFile } from '../kept.ts';
import { INSTALLED, ROOT } from '../places.ts';
import { productOf } from '../product.ts';
import { type Manifest, OWN_MANIFEST } from './manifest.ts';
import { ownModules, projectCode } from './modules.ts';
import { checkProject, refuseFaults } from './project/check.ts';
import { clientKeyFault } from './project/client-key.ts';
import { compositionOf, mainCode } from './project/composition.ts';
import { trustStore } from './trust.ts';
import { withoutUnused } from './unused.ts';

/** Folder of the generated modules in manifest.json; in a project, folder of the generated manifest. */
const DIRECTORY = 'build/moddable';
const PROJECT_DIRECTORY = 'build/fractus';

export interface ModdableBuild {
  readonly firmware: Firmware;
  /** Bytes of the module `fractus/board`, which holds agent and HAL. */
  readonly sizeBytes: number;
  readonly directory: string;
}

/**
 * Generates the modules of manifest.json; for a project with a manifest of its own, so that the package stays
 * unchanged. Unchanged files are not written, so that mcconfig only compiles changes, and the build time stays that of
 * the code.
 * @param project may add CAs, and gives the name of its firmware
 * @throws Error when one of them cannot be used
 */
export async function buildForModdable(project = ROOT): Promise<ModdableBuild> {
  const own = path.resolve(project) === ROOT;
  // The manifests of the chips name modules in the package, which an installed one contains.
  if (!own && !INSTALLED) await buildForModdable();
  const directory = own ? path.join(ROOT, DIRECTORY) : path.resolve(project, PROJECT_DIRECTORY);
  await writeTrust(directory, await trustStore(project));
  const code = own ? undefined : await mainCode(project);
  const modules = await ownModules(code === undefined ? undefined : compositionOf(code));
  for (const [name, code] of modules) await replaceFile(path.join(directory, `${name}.js`), code);
  const firmware = await writeFirmware(path.join(directory, 'firmware.js'), project, modules);
  if (!own) await replaceFile(path.join(directory, 'manifest.json'), await projectManifest(directory, project, code));
  return { firmware, sizeBytes: Buffer.byteLength(modules.get('board') ?? ''), directory };
}

/** The package's manifest, with its paths relative to `directory`, and without the parts of the SDK that the project does not need. */
async function projectManifest(directory: string, project: string, code: string | undefined): Promise<Buffer> {
  const root = path.relative(directory, ROOT);
  const placed = async (name: string): Promise<Manifest> => {
    const text = await readFile(path.join(ROOT, name), 'utf8');
    return JSON.parse(text.replaceAll(`"./${DIRECTORY}/`, '"./').replaceAll('"./hal/', `"${root}/hal/`));
  };
  const [manifest, own] = await Promise.all(['manifest.json', OWN_MANIFEST].map(placed));
  const result = withoutUnused(manifest ?? {}, own ?? {}, path.resolve(project), code);
  return Buffer.from(`${JSON.stringify(result, undefined, 2)}\n`);
}

/**
 * Builds the module of an author's project: `build/main.js` from its `main.ts`, or `build/mod.js` from its `mod.ts`. It
 * contains everything that neither fractus nor the SDK provides.
 * @throws Error when both are missing, the build fails, the code would only fail on a board, or the board could not use
 * the project's key for mutual TLS
 */
export async function buildProject(directory: string): Promise<string> {
  const trouble = await clientKeyFault(directory);
  if (trouble !== undefined) throw new Error(trouble);
  const name = isMod(directory) ? 'mod' : 'main';
  const source = path.resolve(directory, `${name}.ts`);
  if (!existsSync(source)) {
    const javaScript = ['main.js', 'mod.js'].find((each) => existsSync(path.resolve(directory, each)));
    const hint =
      javaScript && `; rename ${javaScript} to ${javaScript.replace('.js', '.ts')}: JavaScript is allowed in it`;
    throw new Error(`there is no main.ts in ${path.resolve(directory)}${hint ?? ''}`);
  }
  const { code, inputs } = await described(projectCode(path.resolve(directory), source), ROOT);
  const troubles = await checkProject(
    path.resolve(directory),
    inputs.map((input) => path.resolve(ROOT, input)),
  );
  refuseFaults(troubles);
  const file = path.resolve(directory, 'build', `${name}.js`);
  await replaceFile(file, Buffer.from(code));
  return file;
}

/** Whether a project is a mod and not a firmware. */
export function isMod(directory: string): boolean {
  return !existsSync(path.resolve(directory, 'main.ts')) && existsSync(path.resolve(directory, 'mod.ts'));
}

/**
 * Writes the module with name, version and build time: the time of the last change, or SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org).
 */
async function writeFirmware(file: string, project: string, modules: ReadonlyMap<string, string>) {
  const product = productOf(project);
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const hash = createHash('sha256').update(`${JSON.stringify(product)} ${epoch}`);
  for (const code of modules.values()) hash.update('\0').update(code);
  const key = `// ${hash.digest('hex')}\n`;
  const old = await readFile(file, 'utf8').catch(() => undefined);
  const buildTimeMs = old?.startsWith(key)
    ? Number(/buildTimeMs: (\d+)/.exec(old)?.[1])
    : epoch === undefined
      ? Date.now()
      : Number(epoch) * 1000;
  const firmware = { ...product.firmware, buildTimeMs };
  const { name, version } = product.firmware;
  const fields = `name: ${JSON.stringify(name)}, version: ${JSON.stringify(version)}, buildTimeMs: ${buildTimeMs}`;
  await replaceFile(file, Buffer.from(`${key}export default Object.freeze({ ${fields} });\n`));
  return firmware;
}

async function writeTrust(directory: string, store: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const folder = path.join(directory, 'trust');
  const old = existsSync(folder) ? await readdir(folder) : [];
  for (const name of old) if (!store.has(name)) await rm(path.join(folder, name));
  for (const [name, content] of store) await replaceFile(path.join(folder, name), content);
}
