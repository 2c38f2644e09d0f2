// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { didYouMean } from '../author/near.ts';
import { ROOT } from '../places.ts';
import { freshen } from './freshness.ts';
import { manifestArguments } from './manifest.ts';

export { ROOT };

/** The community's command to install the SDK (https://xs-dev.js.org). */
export const INSTALL_COMMAND = 'npx xs-dev setup';

/** The oldest supported SDK: earlier ones lack the manifest's `ffi`. */
const OLDEST = [8, 2] as const;

/** A Moddable SDK whose tools have been built. */
export interface Sdk {
  readonly directory: string;
  readonly tools: string;
}

const TOOLS: Partial<Record<NodeJS.Platform, string>> = { linux: 'lin', darwin: 'mac', win32: 'win' };

/**
 * The SDK in `MODDABLE`, or one line that says what is missing and what to do.
 * @param board which it has to know, for example `esp32/nodemcu`
 */
export async function findSdk(board?: string): Promise<Sdk | string> {
  const directory = process.env['MODDABLE'];
  if (!directory) return `MODDABLE is not set; \`${INSTALL_COMMAND}\` installs the Moddable SDK and sets it`;
  const host = TOOLS[process.platform];
  if (host === undefined) return `the Moddable SDK has no tools for ${process.platform}`;
  const tools = path.join(directory, 'build', 'bin', host, 'release');
  for (const tool of ['mcconfig', 'xsc', 'xsl']) {
    try {
      await access(path.join(tools, tool));
    } catch {
      return `there is no ${tool} in ${tools}; \`${INSTALL_COMMAND}\` builds the tools of the Moddable SDK`;
    }
  }
  return (await tooOld(directory)) ?? (await unknownBoard(directory, board)) ?? { directory, tools };
}

/** The reason why the SDK is too old; undefined: it is not, or its version is unknown. */
async function tooOld(directory: string): Promise<string | undefined> {
  const version = await readFile(path.join(directory, 'tools', 'VERSION'), 'utf8').catch(() => '');
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version.trim()) ?? [];
  if (major === undefined) return undefined;
  const missing = Number(major) - OLDEST[0] || Number(minor) - OLDEST[1];
  if (missing >= 0) return undefined;
  return `${directory} is the Moddable SDK ${version.trim()}; ${OLDEST.join('.')} or later is needed; \`npx xs-dev update\` brings it`;
}

/** mcconfig would name a file that is missing in the SDK. Undefined also for an SDK whose boards are elsewhere. */
async function unknownBoard(directory: string, board = ''): Promise<string | undefined> {
  const [chip = '', name] = board.split('/');
  if (name === undefined) return undefined;
  const names = await readdir(path.join(directory, 'build', 'devices', chip, 'targets')).catch(() => undefined);
  if (names === undefined || names.includes(name)) return undefined;
  const boards = names.filter((each) => !each.startsWith('.')).map((each) => `${chip}/${each}`);
  return `there is no ${board} in the Moddable SDK; there are: ${boards.join(', ')}${didYouMean(board, boards)}`;
}

export interface McconfigOptions {
  readonly sdk: Sdk;
  /** Folder with a manifest.json. Default: this package. */
  readonly project?: string | undefined;
  /** For example `lin` or `esp32/esp32c3`. */
  readonly platform: string;
  /** Folder for all results; created if it does not exist. */
  readonly output: string;
  /** Default: release. */
  readonly build?: 'release' | 'debug' | 'instrumented' | undefined;
  /** Overrides keys of the manifest; texts only. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Additional flags for the C compiler. Other flags need another output folder. */
  readonly cFlags?: string | undefined;
}

const FLAGS = { release: [], debug: ['-d'], instrumented: ['-i'] } as const;

/** The arguments of mcconfig, always with a target: without one it also ends all running simulators. */
export function mcconfigArguments(options: Omit<McconfigOptions, 'sdk' | 'cFlags'>, target = 'build'): string[] {
  const { project = ROOT, platform, output, build = 'release', config = {} } = options;
  const pairs = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  return [...FLAGS[build], '-m', '-p', platform, '-t', target, '-o', output, ...pairs, ...manifestArguments(project)];
}

/**
 * Builds a project.
 * @returns the lines of mcconfig and make
 * @throws Error with the last of these lines when it fails
 */
export async function mcconfig(options: McconfigOptions): Promise<string[]> {
  await mkdir(options.output, { recursive: true });
  const { sdk, project = ROOT, cFlags } = options;
  const env = { ...sdkEnvironment(sdk), ...(cFlags === undefined ? {} : { C_FLAGS: cFlags }) };
  const environment = { cwd: project, env };
  const tool = path.join(sdk.tools, 'mcconfig');
  const args = mcconfigArguments(options);
  // Generates only the makefile.
  await runTool(
    tool,
    args.filter((arg) => arg !== '-m'),
    environment,
  );
  const made = await freshen(options.output);
  const lines = await runTool(tool, args, environment);
  await made();
  return lines;
}

/** Builds a mod. @returns the path of the archive @throws Error with the last lines of mcrun and make when it fails */
export async function mcrun(options: McconfigOptions & { readonly project: string }): Promise<string> {
  await mkdir(options.output, { recursive: true });
  const { sdk, project, output } = options;
  const environment = { cwd: project, env: sdkEnvironment(sdk) };
  const lines = await runTool(path.join(sdk.tools, 'mcrun'), mcconfigArguments(options), environment);
  const archive = (await readdir(path.join(output, 'bin'), { recursive: true })).find((name) => name.endsWith('.xsa'));
  if (archive === undefined) throw new Error(`mcrun has made no archive:\n${lines.join('\n')}`);
  return path.join(output, 'bin', archive);
}

/** The environment of the SDK's tools. */
export function sdkEnvironment({ directory, tools }: Sdk): NodeJS.ProcessEnv {
  return { ...process.env, MODDABLE: directory, PATH: `${process.env['PATH']}${path.delimiter}${tools}` };
}

/** Time limit of a tool; a full build takes some minutes. */
const TOOL_MS = 3_600_000;

/** Runs a tool to its end. @returns the lines of its output @throws Error with the last of these lines when it fails */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string[]> {
  // Not the `timeout` of spawn, which would keep this process alive when the tool does not exist.
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(TOOL_MS),
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => {
      const isLate = error.name === 'AbortError';
      reject(isLate ? new Error(`${path.basename(command)} has not ended within ${TOOL_MS / 60_000} minutes`) : error);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
  const lines = text.split('\n').filter((line) => line !== '');
  if (code !== 0) throw new Error(`${path.basename(command)} has failed (${code}):\n${lines.slice(-30).join('\n')}`);
  return lines;
}

/** The path of the simulator's library, in the output of a build for `lin`. */
export async function simulatorLibrary({ output, build = 'release' }: McconfigOptions): Promise<string> {
  const kind = { release: 'release', debug: 'debug', instrumented: 'instrument' }[build];
  const directory = path.join(output, 'bin', 'lin', 'mc', kind);
  const [name, ...others] = await readdir(directory);
  if (name === undefined || others.length > 0) throw new Error(`${directory} has not exactly one build in it`);
  return path.join(directory, name, 'mc.so');
}
