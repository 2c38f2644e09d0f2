// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the simulator as one bundle in a process of its own: half as fast again as through the loader, whose helpers are
 * in every function, and with room for what lives for one exchange only.
 */

import { spawn } from 'node:child_process';
import type { Plugin } from 'esbuild';
import { bundleTool } from '../bundle.ts';

const NODE_OPTIONS = ['--max-semi-space-size=64', '--enable-source-maps'];

export interface LaunchOptions {
  /** It speaks to this terminal; default: its words are collected. */
  readonly show?: boolean | undefined;
  /** What is changed in what it runs. */
  readonly plugins?: readonly Plugin[] | undefined;
  /** After so long it is ended. Default: never. */
  readonly limitMs?: number | undefined;
}

export interface Launched {
  readonly code: number;
  /** What it has said, when it was not shown. */
  readonly output: string;
  /** The limit has ended it. */
  readonly isLate: boolean;
}

export async function runSimulator(args: readonly string[], options: LaunchOptions = {}): Promise<Launched> {
  const { path, remove } = await bundleTool('simulate/main.ts', options.plugins);
  try {
    return await run(path, args, options);
  } finally {
    await remove();
  }
}

function run(path: string, args: readonly string[], { show = false, limitMs }: LaunchOptions): Promise<Launched> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...NODE_OPTIONS, path, ...args], {
      stdio: ['ignore', show ? 'inherit' : 'pipe', 'inherit'],
      ...(limitMs !== undefined && { timeout: limitMs, killSignal: 'SIGKILL' }),
    });
    // Its lives do not listen to the outside: it ends with who has started it, or it runs on for ever.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', end);
      resolve({ code: code ?? 1, output, isLate: signal === 'SIGKILL' });
    });
  });
}

/** `fractus simulate`; resolves with the exit code. */
export async function launchSimulator(args: readonly string[]): Promise<number> {
  // What is built here, the page or an author's app, runs here.
  if (args.some((arg) => /^--(?:show|app)(?:=|$)/.test(arg)))
    return (await import('./command.ts')).simulateCommand(args);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return (await runSimulator(args, { show: true })).code;
}
