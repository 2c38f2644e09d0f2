// SPDX-License-Identifier: Apache-2.0
/** `fractus deploy` flashes a firmware onto a board. */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readFirmware } from '../../image/flash-image.ts';
import { buildForModdable, buildProject } from '../../moddable/bundle.ts';
import { builtDirectory, builtImage, forgetNames } from '../../moddable/firmware/built.ts';
import { imageFault } from '../../moddable/idf.ts';
import { findSdk, mcconfigArguments, ROOT, sdkEnvironment } from '../../moddable/sdk.ts';
import { type FirmwareArguments, readFirmwareArguments } from './firmware-arguments.ts';
import { showImage } from './fit.ts';
import { BAUD, follow, openPort } from './follow.ts';
import { type PluggedBoard, probeBoard, unfit } from './plugged.ts';
import { choosePort, portFault } from './ports.ts';
import { run } from './run.ts';

const DEPLOY_USAGE = `usage: fractus deploy BOARD [--project DIRECTORY] [--port PORT] [--debug] key=value …

  BOARD       for example esp32/nodemcu, esp32/esp32s3, esp32/esp32c3
  key=value   a key of docs/configuration.md, for the firmware; better set secrets at the console
  --project   your project, with manifest.json and main.ts; default: fractus itself`;

/** Longest time for which the console of a new board is shown. */
const FOLLOW_MS = 600_000;

const SILENT =
  'if the board does not answer: hold its button BOOT, press RESET and let both go, or try another cable; if its flash is too small for the image: docs/boards.md explains how to choose another partition table';

/** Resolves with the exit code: 0, 2 for bad arguments, 1 when something is missing or a command fails. */
export async function deployCommand(args: string[]): Promise<number> {
  const parsed = await readFirmwareArguments(args, { port: { type: 'string' } });
  if (typeof parsed === 'string') {
    console.error(`fractus deploy: ${parsed}\n\n${DEPLOY_USAGE}`);
    return 2;
  }
  if (parsed.help) {
    console.log(DEPLOY_USAGE);
    return 0;
  }
  try {
    await deploy(parsed);
    return 0;
  } catch (error) {
    console.error(`fractus deploy: ${(error as Error).message}`);
    return 1;
  }
}

async function deploy({ board, project, debug, config, values }: FirmwareArguments): Promise<void> {
  const sdk = await findSdk(board);
  if (typeof sdk === 'string') throw new Error(sdk);
  const missing = imageFault(sdk, board);
  if (missing !== undefined) throw new Error(missing);
  // Checked before a build that takes minutes.
  const port = choosePort((values['port'] as string | undefined) ?? process.env['UPLOAD_PORT']);
  const trouble = portFault(port);
  if (trouble !== undefined) throw new Error(trouble);
  const plugged = probe(port);
  await buildForModdable(project);
  if (path.resolve(project) !== path.resolve(ROOT)) await buildProject(project);
  const output = path.join(project, 'build', 'firmware');
  const options = { project, platform: board, output, config, build: debug ? 'debug' : 'release' } as const;
  const env = { ...sdkEnvironment(sdk), UPLOAD_PORT: port };
  await mkdir(output, { recursive: true });
  forgetNames(output);
  const since = Date.now();
  const tool = path.join(sdk.tools, 'mcconfig');
  const built = await run(tool, mcconfigArguments(options, 'build'), project, env);
  if (built !== 0) throw new Error(`mcconfig has failed at build (${built})`);
  showImage(builtImage(output, since));
  const wrong = plugged && unfit(plugged, readFirmware(builtDirectory(output, since)));
  if (wrong !== undefined) throw new Error(wrong);
  // For make, a folder `deploy` in the project would be the target, and up to date: nothing would be flashed.
  const flashed = await run(tool, mcconfigArguments(options, 'deploy'), project, { ...env, MAKEFLAGS: 'B' });
  if (flashed !== 0) throw new Error(`mcconfig has failed at deploy (${flashed}); ${SILENT}`);
  await showStart(port, debug);
}

function probe(port: string): PluggedBoard | undefined {
  try {
    const plugged = probeBoard(port);
    if (plugged !== undefined) console.log(`${port}: ${plugged.chip}, ${plugged.flashBytes >> 20} MB of flash`);
    return plugged;
  } catch (error) {
    throw new Error(`${(error as Error).message}; ${SILENT}`);
  }
}

/** Follows the console. A debug build has none, because it uses the port for the debugger. */
async function showStart(port: string, debug: boolean): Promise<void> {
  const board = debug ? undefined : tryOpen(port);
  if (board === undefined) {
    console.log('flashed; "fractus monitor" opens its console');
    return;
  }
  console.log(
    `flashed; its console follows, until it is connected to its platform, or for ${FOLLOW_MS / 60_000} minutes:`,
  );
  process.stdin.pipe(board.output);
  const works = await follow({ input: board.input, print: (line) => console.log(line), limitMs: FOLLOW_MS });
  process.stdin.unpipe().pause();
  board.output.destroy();
  console.log(
    works ? 'the board is connected to its platform' : 'the board is not connected yet; "fractus monitor" shows more',
  );
}

function tryOpen(port: string): ReturnType<typeof openPort> | undefined {
  try {
    return openPort(port, BAUD);
  } catch {
    return undefined;
  }
}
