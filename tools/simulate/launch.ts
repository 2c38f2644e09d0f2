// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the simulator as one bundle in its own process: half as fast again as through the loader, which adds helpers to
 * every function, and with more memory for short-lived objects.
 */

import { spawn } from 'node:child_process';
import type { Plugin } from 'esbuild';
import { bundleTool } from '../bundle.ts';

const NODE_OPTIONS = ['--max-semi-space-size=64', '--enable-source-maps'];

export interface LaunchOptions {
  /** Writes to this terminal; default: the output is collected. */
  readonly show?: boolean | undefined;
  /** Changes of the bundled code. */
  readonly plugins?: readonly Plugin[] | undefined;
  /** Time limit. Default: none. */
  readonly limitMs?: number | undefined;
}

export interface Launched {
  readonly code: number;
  /** The output, if it was not shown. */
  readonly output: string;
  /** The time limit has ended it. */
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
    // A running life does not notice the end of its parent, so it is killed with it.
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
  // The page and an author's app are built in this process, so they run here.
  if (args.some((arg) => /^--(?:show|app)(?:=|$)/.test(arg)))
    return (await import('./command.ts')).simulateCommand(args);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return (await runSimulator(args, { show: true })).code;
}
