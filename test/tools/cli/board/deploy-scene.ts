// SPDX-License-Identifier: Apache-2.0
/** A stand-in for the SDK and ESP-IDF, and the command `fractus` beside it. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { DeviceProcess, FRACTUS } from '../../../support/device-process.ts';
import { firmwareFiles } from '../../../support/firmware-files.ts';

export const TOOLS = process.platform === 'darwin' ? 'mac' : 'lin';

/** A directory with programs that write down how they were called; at `build`, mcconfig makes an image of so many bytes. */
export function createSdk(exitCode = 0, imageBytes = 1000) {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-sdk-'));
  const calls = path.join(directory, 'calls');
  // One slot of 1 MB.
  const table = "printf '\\252\\120\\000\\020\\000\\000\\001\\000\\000\\000\\020\\000'; head -c 116 /dev/zero";
  const image = `head -c ${imageBytes} /dev/zero > $bin/xs_esp32.bin; (${table}) > $bin/partition-table.bin`;
  // With mcconfig's `-o` and `-t`.
  const make = [
    'while [ $# -gt 1 ]; do case $1 in -o) output=$2;; -t) target=$2;; esac; shift; done',
    `if [ "$target" = build ]; then bin=$output/bin/esp32/x/release/y; mkdir -p $bin; ${image}; fi`,
  ].join('\n');
  const program = (file: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    const line = `printf '%s\\n' "$(basename "$0") $* cwd=$PWD MODDABLE=$MODDABLE UPLOAD_PORT=$UPLOAD_PORT MAKEFLAGS=$MAKEFLAGS" >> ${calls}`;
    writeFileSync(file, `#!/bin/sh\n${line}\n${make}\nexit ${exitCode}\n`);
    chmodSync(file, 0o755);
  };
  for (const tool of ['mcconfig', 'xsc', 'xsl']) program(path.join(directory, 'build/bin', TOOLS, 'release', tool));
  program(path.join(directory, 'bin/python3'));
  const env = {
    MODDABLE: directory,
    IDF_PATH: directory,
    // One that can be opened, and is no console.
    UPLOAD_PORT: '/dev/null',
    PATH: `${path.join(directory, 'bin')}${path.delimiter}${process.env['PATH']}`,
  };
  const read = () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
  // A board is asked what it is, and nothing depends on that here.
  return { directory, env, calls: () => read().filter((line) => !line.startsWith('python3 -m esptool')) };
}

/** Runs the command to its end. */
export async function fractus(t: ExecutionContext, env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = new DeviceProcess(t, { command: FRACTUS, args, env });
  return { code: await child.exit(), output: child.output };
}

/** Has the mcconfig of such a directory make an image for a chip, by esp_chip_id_t, in place of zeros. */
export function makesImagesFor(directory: string, chip: number): void {
  const built = path.join(directory, 'built');
  mkdirSync(built);
  for (const [name, content] of Object.entries(firmwareFiles(chip))) writeFileSync(path.join(built, name), content);
  const mcconfig = path.join(directory, 'build/bin', TOOLS, 'release/mcconfig');
  writeFileSync(mcconfig, readFileSync(mcconfig, 'utf8').replace(/exit 0\s*$/, `cp ${built}/* $bin/\n`));
}

/** A project of an author, whose app does nothing. */
export function createProject(t: ExecutionContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-project-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(path.join(directory, 'manifest.json'), '{}');
  writeFileSync(path.join(directory, 'main.ts'), 'export default () => {};\n');
  return directory;
}
