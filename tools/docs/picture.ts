// SPDX-License-Identifier: Apache-2.0
/** Records a picture of `npm start` from its real output. */

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderTerminal } from './terminal.ts';

const PICTURE = 'docs/start.svg';
const ROOT = new URL('../../', import.meta.url);
/** The end of the recording: the board has restarted on an operator's request, and measures again. */
const END = /2nd time.*measures.*measures[^\n]*\n/s;
const DEADLINE_MS = 120_000;

/** Runs the command until the end of the recording; resolves with the path of the picture. */
export async function recordPicture(): Promise<string> {
  await writeFile(new URL(PICTURE, ROOT), renderTerminal(await record(), { title: 'npm start' }));
  return PICTURE;
}

function record(): Promise<string> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('tools/fractus.js', ROOT)), 'start'], {
    env: { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const deadline = setTimeout(() => child.kill('SIGINT'), DEADLINE_MS);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes;
    if (END.test(output)) child.kill('SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(deadline);
      if (code === 0 && END.test(output)) resolve(output);
      else reject(new Error(`npm start did not show all of it (exit code ${code}):\n${output}`));
    });
  });
}
