// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run test:chip`: our image on an emulated chip, with what this machine has; says what is missing, each in one line.
 * `-- --figures`: what docs/memory.md says about the memory of a chip.
 */

import { spawn } from 'node:child_process';
import { missingIdf } from '../../tools/moddable/idf.ts';
import { findQemu } from '../../tools/moddable/qemu.ts';
import { findSdk } from '../../tools/moddable/sdk.ts';

const sdk = await findSdk();
const qemu = findQemu();
const missing = [sdk, missingIdf(), qemu].filter((each) => typeof each === 'string');
for (const each of missing) console.log(`test:chip: skipped: ${each}`);
if (typeof qemu !== 'string') {
  console.log(
    `test:chip: ${qemu.chip.name}: ${qemu.program} -M ${qemu.machine}, ${qemu.hasWifi ? 'with' : 'without'} Wi-Fi`,
  );
  if (!qemu.hasWifi) console.log('test:chip: skipped: all that needs a network; the QEMU of PICSimLab has one');
}
if (missing.length === 0) {
  const given = process.argv.slice(2);
  const figures = given.includes('--figures');
  const files = figures ? ['test/chip/memory.chip.ts'] : given;
  const env = { ...process.env, ...(figures && { FRACTUS_FIGURES: 'yes' }) };
  const child = spawn('npx', ['ava', '--config', 'ava.chip.config.js', ...files], { stdio: 'inherit', env });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
