// SPDX-License-Identifier: Apache-2.0
/** `npm run test:chip`: our image on an emulated ESP32-C3, with what this machine has; says what is missing, each in one line. */

import { spawn } from 'node:child_process';
import { missingIdf } from '../../tools/moddable/idf.ts';
import { findQemu } from '../../tools/moddable/qemu.ts';
import { findSdk } from '../../tools/moddable/sdk.ts';

const sdk = await findSdk();
const qemu = findQemu();
const missing = [sdk, missingIdf(), qemu].filter((each) => typeof each === 'string');
for (const each of missing) console.log(`test:chip: skipped: ${each}`);
if (typeof qemu !== 'string') {
  console.log(`test:chip: ${qemu.program} -M ${qemu.machine}, ${qemu.hasWifi ? 'with' : 'without'} Wi-Fi`);
  if (!qemu.hasWifi) console.log('test:chip: skipped: all that needs a network; the QEMU of PICSimLab has one');
}
if (missing.length === 0) {
  const args = ['ava', '--config', 'ava.chip.config.js', ...process.argv.slice(2)];
  const child = spawn('npx', args, { stdio: 'inherit' });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
