// SPDX-License-Identifier: Apache-2.0

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The sources of XS. */
const XS = '@agoric/xsnap';

/** For one program; a build of XS may be part of it. */
const LIMIT_MS = 900_000;

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 64 << 20, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const late = error?.killed === true ? `\n${command} was ended after ${LIMIT_MS / 60_000} minutes` : '';
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: stdout + stderr + late });
    });
  });
}

/** A program of our own node_modules. */
export function bin(name: string): string {
  return path.join(ROOT, 'node_modules/.bin', name);
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${code}\n${output}`);
  return output;
}

/** Makes the package as it is published; resolves with the tarball. */
export async function pack(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fractus-pack-'));
  await succeed('npm', ['run', 'package'], ROOT);
  await succeed('npm', ['pack', '--pack-destination', folder], ROOT);
  const [name = ''] = await readdir(folder);
  return path.join(folder, name);
}

/** Whether npm finds the packages that ours needs, in its cache or in a registry. */
export async function hasRegistry(): Promise<boolean> {
  return (await run('npm', ['view', 'tslib', 'version', '--prefer-offline', '--fetch-retries', '0'], ROOT)).code === 0;
}

/**
 * A new project, as `npm create fractus` makes it, with the tarball installed. The sources of XS come from here, and so
 * does what has been built of them.
 */
export async function create(tarball: string): Promise<string> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'fractus-user-')), 'greenhouse');
  await succeed(process.execPath, [path.join(ROOT, 'create/main.js'), folder], ROOT);
  const file = path.join(folder, 'package.json');
  const description = JSON.parse(await readFile(file, 'utf8')) as { devDependencies: Record<string, string> };
  description.devDependencies['fractus'] = `file:${tarball}`;
  delete description.devDependencies[XS];
  await writeFile(file, JSON.stringify(description));
  await succeed('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], folder);
  await mkdir(path.join(folder, 'node_modules', path.dirname(XS)), { recursive: true });
  await symlink(path.join(ROOT, 'node_modules', XS), path.join(folder, 'node_modules', XS));
  const built = path.join(ROOT, 'build/xs');
  if (existsSync(built)) await cp(built, path.join(folder, 'build/fractus/xs'), { recursive: true });
  return folder;
}
