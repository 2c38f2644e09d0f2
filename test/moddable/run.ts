// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run test:moddable`: everything that the Moddable SDK can show without a board; skipped where there is none.
 * `-- --figures`: measures instead what docs/memory.md says about the heap with TLS.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { findSdk } from '../../tools/moddable/sdk.ts';
import { missingForSimulator } from '../../tools/moddable/simulator.ts';

const FIGURES = '--figures';
/** How long all of it took the last time, in seconds. */
const TOOK = new URL('../../build/moddable-test-seconds', import.meta.url);

const sdk = await findSdk();
const missing = missingForSimulator();
const args = process.argv.slice(2);
if (typeof sdk === 'string') {
  console.log(`test:moddable: skipped: ${sdk}`);
} else if (missing !== undefined) {
  console.error(`test:moddable: ${missing}`);
  process.exitCode = 1;
} else if (args.includes(FIGURES)) {
  await import('./memory/measure.ts');
} else {
  const count = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.sim.ts')).length;
  const before = existsSync(TOOK)
    ? `the last run took ${readFileSync(TOOK, 'utf8')} s`
    : 'at first, all has to be compiled';
  console.log(`test:moddable: ${count} files, one after the other; ${before}`);
  const startMs = Date.now();
  const child = spawn('npx', ['ava', '--config', 'ava.moddable.config.js', ...args], { stdio: 'inherit' });
  child.once('close', (code) => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    console.log(`test:moddable: ${seconds} s`);
    if (code === 0 && args.length === 0) writeFileSync(TOOK, String(seconds));
    process.exitCode = code ?? 1;
  });
}
