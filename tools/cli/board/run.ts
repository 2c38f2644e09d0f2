// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';

/** Runs a program on this terminal; resolves with its exit code, or with 1 when it cannot be run. */
export function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}
