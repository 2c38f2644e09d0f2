// SPDX-License-Identifier: Apache-2.0

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, output: stdout + stderr });
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

/** Why npm could not bring the packages that ours needs, where that is nobody's fault. */
const NO_REGISTRY = /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENOTCACHED|E40[13]\b/;

/**
 * An empty folder in which somebody has installed the package. The sources of XS come from here.
 * @returns undefined when npm has reached no registry
 */
export async function install(tarball: string): Promise<string | undefined> {
  const project = await mkdtemp(path.join(tmpdir(), 'fractus-user-'));
  const description = { name: 'greenhouse', version: '2.1.0', private: true, type: 'module' };
  await writeFile(path.join(project, 'package.json'), JSON.stringify(description));
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
  const { code, output } = await run('npm', args, project);
  if (code !== 0 && NO_REGISTRY.test(output)) return undefined;
  if (code !== 0) throw new Error(output);
  await mkdir(path.join(project, 'node_modules/@agoric'), { recursive: true });
  const sources = path.join(ROOT, 'node_modules/@agoric/xsnap');
  if (existsSync(sources)) await symlink(sources, path.join(project, 'node_modules/@agoric/xsnap'));
  return project;
}
