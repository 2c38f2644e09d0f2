/** `npm run test:moddable`: everything that the Moddable SDK can show without a board; skipped where there is none. */
import { spawn } from 'node:child_process';
import { findSdk } from '../../tools/moddable/sdk.ts';
import { missingForSimulator } from '../../tools/moddable/simulator.ts';

const sdk = await findSdk();
const missing = missingForSimulator();
if (typeof sdk === 'string') {
  console.log(`test:moddable: skipped: ${sdk}`);
} else if (missing !== undefined) {
  console.error(`test:moddable: ${missing}`);
  process.exitCode = 1;
} else {
  const args = ['ava', '--config', 'ava.moddable.config.js', ...process.argv.slice(2)];
  const child = spawn('npx', args, { stdio: 'inherit' });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
