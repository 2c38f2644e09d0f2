// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the simulator as one bundle in a process of its own: half as fast again as through the loader, whose helpers are
 * in every function, and with room for what lives for one exchange only.
 */

import { spawn } from 'node:child_process';
import type { Plugin } from 'esbuild';
import { bundleTool } from '../bundle.ts';

const NODE_OPTIONS = ['--max-semi-space-size=64', '--enable-source-maps'];

export interface Launched {
  readonly code: number;
  /** What it has said, when it was not shown. */
  readonly output: string;
}

/** @param show whether it speaks to this terminal, or its words are collected */
export async function runSimulator(
  args: readonly string[],
  show: boolean,
  plugins: readonly Plugin[] = [],
): Promise<Launched> {
  const { path, remove } = await bundleTool('simulate/main.ts', plugins);
  try {
    return await run(path, args, show);
  } finally {
    await remove();
  }
}

function run(path: string, args: readonly string[], show: boolean): Promise<Launched> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...NODE_OPTIONS, path, ...args], {
      stdio: ['ignore', show ? 'inherit' : 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** `fractus simulate`; resolves with the exit code. */
export async function launchSimulator(args: readonly string[]): Promise<number> {
  return (await runSimulator(args, true)).code;
}
