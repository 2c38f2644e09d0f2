/**
 * `npm run test:moddable`: everything that the Moddable SDK can show without a board; skipped where there is none.
 * `-- --figures`: measures instead what docs/memory.md says about the heap with TLS.
 */
import { spawn } from 'node:child_process';
import { findSdk } from '../../tools/moddable/sdk.ts';
import { missingForSimulator } from '../../tools/moddable/simulator.ts';

const FIGURES = '--figures';

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
  const child = spawn('npx', ['ava', '--config', 'ava.moddable.config.js', ...args], { stdio: 'inherit' });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
