/**
 * Runs the simulator as one bundle in a process of its own: half as fast again as through the loader, whose helpers are
 * in every function, and with room for what lives for one exchange only.
 */

import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const NODE_OPTIONS = ['--max-semi-space-size=64', '--enable-source-maps'];

/** Bundles the simulator; returns where it is. */
export async function buildSimulator(): Promise<string> {
  // Of this process alone: others may be building theirs.
  const outfile = `${root}build/simulate-${process.pid}.mjs`;
  await build({
    entryPoints: [`${root}tools/simulate/main.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outfile;
}

export interface Launched {
  readonly code: number;
  /** What it has said, when asked for. */
  readonly output: string;
}

/** @param show whether it speaks to this terminal, or its words are collected */
export function runSimulator(path: string, args: readonly string[], show: boolean): Promise<Launched> {
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
  const path = await buildSimulator();
  try {
    return (await runSimulator(path, args, true)).code;
  } finally {
    await rm(path, { force: true });
  }
}
