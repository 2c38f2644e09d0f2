// SPDX-License-Identifier: Apache-2.0
/** `fractus image`: writes the whole flash of a board into one file, or one file for each board of a series. */

import path from 'node:path';
import { type FactoryBoard, type Firmware, readBoards } from '../../image/boards.ts';
import { mergeFlash, writeImages } from '../../image/flash-image.ts';
import { buildForModdable, buildProject } from '../../moddable/bundle.ts';
import { builtDirectory, builtImage, forgetNames } from '../../moddable/firmware/built.ts';
import { imageFault } from '../../moddable/idf.ts';
import { chooses, partsOf } from '../../moddable/project/composition.ts';
import { findSdk, mcconfig, ROOT } from '../../moddable/sdk.ts';
import { type FirmwareArguments, readFirmwareArguments } from './firmware-arguments.ts';
import { showImage } from './fit.ts';

const USAGE = `usage: fractus image BOARD [--project DIRECTORY] [--boards CSV] [--output DIRECTORY] key=value …

  BOARD       for example esp32/nodemcu, esp32/esp32s3, esp32/esp32c3
  key=value   a key of docs/configuration.md, for the firmware
  --boards    a table with a row for each board: makes a file for each row. The first row contains the names of keys, deviceId
              among them; columns user and password are the credentials of the device
  --output    folder of the files; default: build/images of the project
  --project   your project, with manifest.json and main.ts; default: fractus itself`;

/** Resolves with the exit code: 0, 2 for bad arguments, 1 when something is missing or wrong. */
export async function imageCommand(args: string[]): Promise<number> {
  const parsed = await readFirmwareArguments(args, { boards: { type: 'string' }, output: { type: 'string' } });
  if (typeof parsed === 'string') {
    console.error(`fractus image: ${parsed}\n\n${USAGE}`);
    return 2;
  }
  if (parsed.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    const table = parsed.values['boards'] as string | undefined;
    // The table is read before anything is built.
    const boards = table === undefined ? undefined : boardsOf(table, await firmwareOf(parsed.project));
    const flash = mergeFlash(await build(parsed));
    const output = path.resolve((parsed.values['output'] as string) ?? path.join(parsed.project, 'build', 'images'));
    const files = writeImages(flash, boards, output);
    console.log(
      `${files.length === 1 ? files[0] : `${files.length} files in ${output}`}: the whole flash, from address 0`,
    );
    return 0;
  } catch (error) {
    console.error(`fractus image: ${(error as Error).message}`);
    return 1;
  }
}

async function firmwareOf(project: string): Promise<Firmware> {
  return { hasEnrolment: await chooses(project, 'enrolment'), parts: await partsOf(project) };
}

function boardsOf(table: string, firmware: Firmware): FactoryBoard[] {
  try {
    return readBoards(table, firmware);
  } catch (error) {
    throw new Error(`${table}: ${(error as Error).message}`);
  }
}

/** Builds the firmware; resolves with the folder of bootloader, partition table and image. */
async function build({ project, board, config, debug }: FirmwareArguments): Promise<string> {
  const sdk = await findSdk(board);
  if (typeof sdk === 'string') throw new Error(sdk);
  const missing = imageFault(sdk, board);
  if (missing !== undefined) throw new Error(missing);
  await buildForModdable(project);
  if (path.resolve(project) !== path.resolve(ROOT)) await buildProject(project);
  const output = path.join(project, 'build', 'firmware');
  forgetNames(output);
  const since = Date.now();
  await mcconfig({ sdk, project, platform: board, output, config, build: debug ? 'debug' : 'release' });
  showImage(builtImage(output, since));
  return builtDirectory(output, since);
}
