// SPDX-License-Identifier: Apache-2.0
/** `fractus deploy` with the SDK, ESP-IDF and esptool, onto a stand-in for the loader in a chip's ROM, at a serial port. */

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readFirmware } from '../../tools/image/flash-image.ts';
import { builtDirectory, IMAGE } from '../../tools/moddable/firmware/built.ts';
import { ROOT } from '../../tools/moddable/sdk.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { BOARD, directory } from './bench.ts';

const LOADER = process.env['FRACTUS_MOCK_BOOTLOADER'] || 'esp32-mock-bootloader';
const missing = spawnSync(LOADER, ['run', '--help']).status === 0 ? undefined : `${LOADER} (of PyPI) is not installed`;
const CHIP = BOARD.includes('c3') ? 'esp32c3' : 'esp32';
/** Of an image: its heads with the description (esp_app_desc_t), and checksum and SHA-256 at its end. */
const DESCRIBED_BYTES = 24 + 8 + 256;
const DIGEST_BYTES = 33;
/** It begins with a build. */
const PATIENCE_MS = 1_200_000;

/** Starts the stand-in; resolves with its port. */
async function startLoader(t: ExecutionContext): Promise<string> {
  const file = path.join(directory('loader'), 'port');
  rmSync(file, { force: true });
  const loader = spawn(LOADER, ['run', '--pty', '--chip', CHIP, '--port-file', file], { stdio: 'ignore' });
  t.teardown(() => loader.kill());
  const port = () => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      return '';
    }
  };
  await until(() => port() !== '', 'the loader names no port', PATIENCE_MS);
  return port();
}

testWith(missing, test.serial)(
  'deploy writes each part of the firmware to its address, or says that it has not',
  async (t) => {
    const port = await startLoader(t);
    const since = Date.now();
    const deploy = spawn(process.execPath, [path.join(ROOT, 'tools/fractus.js'), 'deploy', BOARD, '--port', port]);
    t.teardown(() => deploy.kill());
    let output = '';
    for (const stream of [deploy.stdout, deploy.stderr]) stream.on('data', (text) => (output += String(text)));
    // A board that is flashed has its console followed, which says nothing here.
    await until(() => deploy.exitCode !== null || /^flashed; /m.test(output), 'deploy does not end', PATIENCE_MS);
    t.regex(output, new RegExp(`^${port}: ESP32.*, 4 MB of flash$`, 'm'));
    if (CHIP === 'esp32c3') {
      // The stand-in is a C3 of revision 0.0, which ESP-IDF 6 does not take.
      t.is(deploy.exitCode, 1, output);
      t.regex(output, /requires chip revision/);
      t.regex(output, /mcconfig has failed at deploy/);
      return;
    }
    deploy.kill();
    const firmware = readFirmware(builtDirectory(path.join(ROOT, 'build/firmware'), since));
    for (const { name, offset, bytes } of firmware.parts) {
      const file = path.join(directory('loader'), name);
      const args = [
        '-m',
        'esptool',
        '--chip',
        CHIP,
        '--port',
        port,
        'read-flash',
        `${offset}`,
        `${bytes.length}`,
        file,
      ];
      const read = spawnSync('python3', args, { encoding: 'utf8' });
      t.is(read.status, 0, read.stdout + read.stderr);
      // esptool puts size and speed of the flash into the head of the boot loader. ESP-IDF links the app once more, with
      // another time in its description.
      if (name === 'bootloader.bin') continue;
      const [from, to] = name === IMAGE ? [DESCRIBED_BYTES, bytes.length - DIGEST_BYTES] : [0, bytes.length];
      t.true(readFileSync(file).subarray(from, to).equals(bytes.subarray(from, to)), name);
    }
  },
);
