// SPDX-License-Identifier: Apache-2.0
/** Runs unit tests with a planted defect, which must make them fail. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { plantedVariable } from './plant.ts';
import type { UnitMutant } from './unit-mutants.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ava = fileURLToPath(new URL('../../node_modules/ava/entrypoints/cli.mjs', import.meta.url));

/**
 * Title of the first failing test; undefined: none fails.
 * @throws Error when the tests do not run, or not to their end
 */
export async function firstFailure(
  test: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const { code, output } = await runAva(['--tap', '--fail-fast', '--timeout', '10m', `test/${test}`], env);
  if (code === 0) return undefined;
  const [, title] = /^not ok \d+ - (.*)$/m.exec(output) ?? [];
  if (title === undefined) throw new Error(`test/${test} does not run:\n${output}`);
  return title;
}

/** Title of the first test that finds the defect; undefined: it survived. */
export async function huntWithTests(mutant: UnitMutant): Promise<string | undefined> {
  return firstFailure(mutant.by, await plantedVariable(mutant));
}

function runAva(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ava, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
