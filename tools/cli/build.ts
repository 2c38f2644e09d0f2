// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll } from '../build.ts';
import { buildForModdable, buildProject, isMod } from '../moddable/bundle.ts';
import { builtDirectory, builtImage, forgetNames, IMAGE } from '../moddable/firmware/built.ts';
import { writeFirmwareFile } from '../moddable/firmware/firmware-file.ts';
import { readSigningKey, trustNote } from '../moddable/firmware/firmware-signature.ts';
import { estimate } from '../moddable/firmware/size-model.ts';
import { imageFault, missingIdf } from '../moddable/idf.ts';
import { linkForChip } from '../moddable/link.ts';
import { partsOf } from '../moddable/project/composition.ts';
import { checkProjectConfig } from '../moddable/project/project-config.ts';
import { findSdk, mcconfig, ROOT } from '../moddable/sdk.ts';
import { INSTALLED } from '../places.ts';
import { productOf } from '../product.ts';
import { refusalOf } from '../terminal/command.ts';
import { buildXsHost } from '../xs/build.ts';
import { showImage } from './board/fit.ts';
import { buildVirtual } from './build-virtual.ts';

const USAGE = `usage: fractus build [DIRECTORY] [--board BOARD [--sign KEY]…]
       fractus build --virtual [--app FILE] [--sign KEY]…
       fractus build [--all]

  DIRECTORY   your project: checks it and makes its modules for the Moddable SDK. Without DIRECTORY and --board: builds the
              bundle and the XS host for virtual devices
  --board     for example esp32/esp32c3: builds an image, lists the sizes of its parts and checks that it fits; without
              ESP-IDF, estimates the size
  --sign      a private key of "fractus sign": signs the firmware file for uploads; may be given several times
  --virtual   builds a firmware file for the virtual boards of "fractus start" and "fractus device", with the app in FILE
  --all       also builds the XS host for the other word size, for tests and the ratchet
  --manifest  the same as DIRECTORY`;

/**
 * `fractus build`: builds the bundle for XS, the XS host and the modules of manifest.json, all cached in the checkout.
 * Without a C compiler, the host is left out.
 * `--all` also builds the host for the other word size, which tests and the ratchet use. With a directory, an author's
 * project is prepared for mcconfig; with a board, its image is built.
 */
export async function buildCommand(args: string[]): Promise<number> {
  const options = read(args);
  if (typeof options === 'string') {
    console.error(`fractus build: ${options}\n\n${USAGE}`);
    return 2;
  }
  const { help, all, board, project, isVirtual, app, sign } = options;
  if (help) {
    console.log(USAGE);
    return 0;
  }
  try {
    if (isVirtual) await buildVirtual(app, sign);
    else if (project === undefined && board === undefined) await buildOwn(all);
    else await buildFor(project ?? ROOT, board, sign);
    return 0;
  } catch (error) {
    console.error(`fractus build: ${(error as Error).message}`);
    return 1;
  }
}

interface BuildOptions {
  readonly help: boolean;
  readonly all: boolean;
  readonly board: string | undefined;
  readonly project: string | undefined;
  readonly isVirtual: boolean;
  /** A module, for a virtual board. */
  readonly app: string | undefined;
  /** Files of private keys. */
  readonly sign: readonly string[];
}

/** The arguments, or what is wrong with them. */
function read(args: string[]): BuildOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: {
        all: { type: 'boolean' },
        board: { type: 'string' },
        sign: { type: 'string', multiple: true },
        manifest: { type: 'string' },
        virtual: { type: 'boolean' },
        app: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
    const { all = false, board, manifest, virtual: isVirtual = false, app, sign = [], help = false } = values;
    const [project, ...others] = manifest === undefined ? positionals : [manifest, ...positionals];
    if (others.length > 0) return 'more than one directory; allowed: one';
    if (all && (project ?? board) !== undefined) return '--all: not allowed with a directory or with --board';
    if (board !== undefined && !/^esp32(\/\w+)?$/.test(board))
      return `--board: "${board.slice(0, 40)}" is not allowed; allowed: esp32/…, for example esp32/nodemcu`;
    if (isVirtual && (all || (project ?? board) !== undefined))
      return '--virtual: not allowed with a directory, --board or --all; --app names the app';
    if (app !== undefined && !isVirtual) return '--app: allowed only with --virtual';
    if (sign.length > 0 && board === undefined && !isVirtual) return '--sign: allowed only with --board or --virtual';
    return { help, all, board, project, isVirtual, app, sign };
  } catch (error) {
    return refusalOf(error, USAGE);
  }
}

async function buildOwn(all: boolean): Promise<void> {
  const report = (line: string) => console.log(line);
  const { bundle, host } = await buildAll({ report });
  if (all && host.available && host.wordBits === 32) await buildXsHost({ wordBits: 64, report });
  console.log(`bundle: ${bundle.sizeBytes} bytes, ${bundle.path}`);
  console.log(host.available ? `XS host: ${host.wordBits}-bit, ${host.path}` : `XS host: ${host.reason}`);
  if (existsSync('manifest.json') && path.resolve() !== path.resolve(ROOT)) {
    console.log('this is for virtual devices; "fractus build ." builds the project in this folder');
  }
  // An installed package contains its modules.
  if (INSTALLED) return;
  const { sizeBytes, directory } = await buildForModdable();
  console.log(`modules for Moddable: ${sizeBytes} bytes, ${directory}`);
}

async function buildFor(directory: string, board: string | undefined, sign: readonly string[]): Promise<void> {
  const project = path.resolve(directory);
  // Keys are read before anything is built.
  const keys = sign.map(readSigningKey);
  if (existsSync(path.join(project, 'manifest.json'))) checkProjectConfig(project, undefined, await partsOf(project));
  await buildForModdable(project);
  if (project !== path.resolve(ROOT)) console.log(`module: ${await buildProject(directory)}`);
  if (board === undefined) return;
  if (isMod(project) && project !== path.resolve(ROOT)) throw new Error(`${directory} is a mod, not a firmware`);
  const sdk = await findSdk(board);
  if (typeof sdk === 'string') throw new Error(sdk);
  const output = path.join(project, 'build', 'firmware');
  const missing = missingIdf();
  if (missing === undefined) {
    const trouble = imageFault(sdk, board);
    if (trouble !== undefined) throw new Error(trouble);
    forgetNames(output);
    const since = Date.now();
    await mcconfig({ sdk, project, platform: board, output });
    showImage(builtImage(output, since));
    const image = readFileSync(path.join(builtDirectory(output, since), IMAGE));
    const file = writeFirmwareFile(path.join(project, 'build'), image, productOf(project).firmware, keys);
    console.log(`firmware file for uploads: ${file}`);
    const note = trustNote(path.join(project, 'build', 'main.js'), keys);
    if (note !== undefined) console.log(note);
    return;
  }
  const { code, partitions, chip } = await linkForChip({ sdk, project, platform: board, output: `${output}-linked` });
  console.log(`an estimate, because ${missing}`);
  showImage(estimate(code, partitions, chip));
}
