// SPDX-License-Identifier: Apache-2.0
/** `fractus deploy` and `fractus monitor`: a firmware on a board, and its console. */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { builtImage, forgetNames } from '../moddable/built.ts';
import { buildForModdable, buildProject } from '../moddable/bundle.ts';
import { findSdk, mcconfigArguments, missingIdf, ROOT, sdkEnvironment } from '../moddable/sdk.ts';
import { parse, readFirmwareArguments } from './firmware-arguments.ts';
import { showImage } from './fit.ts';

const DEPLOY_USAGE = `usage: fractus deploy BOARD [--project DIRECTORY] [--port PORT] [--debug] key=value …

  BOARD       for example esp32/nodemcu, esp32/esp32s3, esp32/esp32c3
  key=value   into the firmware, as in docs/configuration.md; secrets are better set at the console
  --project   a project of one's own with manifest.json and main.ts; default: fractus itself`;

const MONITOR_USAGE = 'usage: fractus monitor [--port PORT]';

/** Of the console, as hal/esp32/chip/sdkconfig has it. */
const BAUD = 115_200;

/** Resolves with the exit code: 0, 2 for bad arguments, 1 when something is missing or a command fails. */
export async function deployCommand(args: string[]): Promise<number> {
  const parsed = readFirmwareArguments(args, { port: { type: 'string' } });
  if (typeof parsed === 'string') {
    console.error(`fractus deploy: ${parsed}\n${DEPLOY_USAGE}`);
    return 2;
  }
  if (parsed.help) {
    console.log(DEPLOY_USAGE);
    return 0;
  }
  const { board, project, debug, config } = parsed;
  const port = parsed.values['port'] as string | undefined;
  const sdk = await findSdk();
  const missing = typeof sdk === 'string' ? sdk : missingIdf();
  if (typeof sdk === 'string' || missing !== undefined) {
    console.error(`fractus deploy: ${missing}`);
    return 1;
  }
  const output = path.join(project, 'build', 'firmware');
  const options = { platform: board, output, config, build: debug ? 'debug' : 'release' } as const;
  try {
    await buildForModdable(project);
    if (path.resolve(project) !== path.resolve(ROOT)) await buildProject(project);
  } catch (error) {
    console.error(`fractus deploy: ${(error as Error).message}`);
    return 1;
  }
  const env = { ...sdkEnvironment(sdk), ...(port !== undefined && { UPLOAD_PORT: port }) };
  await mkdir(output, { recursive: true });
  forgetNames(output);
  const since = Date.now();
  for (const target of ['build', 'deploy']) {
    const code = await run(path.join(sdk.tools, 'mcconfig'), mcconfigArguments(options, target), project, env);
    try {
      if (code !== 0) throw new Error(`mcconfig has failed at ${target} (${code})`);
      if (target === 'build') showImage(builtImage(output, since));
    } catch (error) {
      console.error(`fractus deploy: ${(error as Error).message}`);
      return 1;
    }
  }
  console.log('flashed; "npm run monitor" is its console');
  return 0;
}

export async function monitorCommand(args: string[]): Promise<number> {
  const parsed = parse(args, { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (typeof parsed === 'string' || parsed.positionals.length > 0) {
    console.error(
      `fractus monitor: ${typeof parsed === 'string' ? parsed : 'there is nothing to add'}\n${MONITOR_USAGE}`,
    );
    return 2;
  }
  if (parsed.values['help'] === true) {
    console.log(MONITOR_USAGE);
    return 0;
  }
  const missing = missingIdf();
  const port = (parsed.values['port'] as string | undefined) ?? process.env['UPLOAD_PORT'] ?? findPort();
  if (missing !== undefined || port === undefined) {
    console.error(`fractus monitor: ${missing ?? 'there is no board at any port; --port says which'}`);
    return 1;
  }
  // ESP-IDF's own: it starts the board anew, so that nothing is missed.
  return run('python3', ['-m', 'esp_idf_monitor', '--port', port, '--baud', String(BAUD)], process.cwd(), process.env);
}

/** The first port that looks like a board. */
function findPort(): string | undefined {
  const names = existsSync('/dev') ? readdirSync('/dev') : [];
  const name = names.sort().find((each) => /^(ttyUSB|ttyACM|cu\.(usb|SLAB|wch))/.test(each));
  return name === undefined ? undefined : `/dev/${name}`;
}

function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}
