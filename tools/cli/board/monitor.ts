// SPDX-License-Identifier: Apache-2.0
/** `fractus monitor` shows the console of a board, and translates the addresses of its panics. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { missingIdf } from '../../moddable/idf.ts';
import { ROOT } from '../../moddable/sdk.ts';

import { type Parsed, parse } from './firmware-arguments.ts';
import { BAUD } from './follow.ts';
import { choosePort } from './ports.ts';
import { run } from './run.ts';
import { newestSymbols } from './symbols.ts';

const USAGE = `usage: fractus monitor [--project DIRECTORY] [--port PORT]

  --port     port of the board, for example /dev/ttyUSB1; default: the port with a board, if there is only one
  --project  the project whose firmware, as it was built last, translates the addresses of a panic; default: fractus itself

Needs ESP-IDF. Your input goes to the board; docs/flash.md lists the commands of the board.`;

/** Resolves with the exit code: 0, 2 for bad arguments, 1 when something is missing or the monitor fails. */
export async function monitorCommand(args: string[]): Promise<number> {
  const options = {
    port: { type: 'string' },
    project: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const parsed = parse(args, options);
  const refusal = typeof parsed === 'string' ? parsed : monitorRefusal(parsed);
  if (typeof parsed === 'string' || refusal !== undefined) {
    console.error(`fractus monitor: ${refusal}\n\n${USAGE}`);
    return 2;
  }
  if (parsed.values['help'] === true) {
    console.log(USAGE);
    return 0;
  }
  const missing = missingIdf();
  let port: string;
  try {
    if (missing !== undefined) throw new Error(missing);
    port = choosePort((parsed.values['port'] as string | undefined) ?? process.env['UPLOAD_PORT']);
  } catch (error) {
    console.error(`fractus monitor: ${(error as Error).message}`);
    return 1;
  }
  // The monitor of ESP-IDF restarts the board, so that no output is missed.
  const monitor = ['-m', 'esp_idf_monitor', '--port', port, '--baud', String(BAUD), ...translation(parsed)];
  return run('python3', monitor, process.cwd(), process.env);
}

function monitorRefusal({ values, positionals }: Parsed): string | undefined {
  if (positionals.length > 0) return 'arguments are not allowed';
  const project = projectOf(values);
  return existsSync(project) ? undefined : `there is no directory ${project}`;
}

function projectOf(values: Parsed['values']): string {
  return path.resolve((values['project'] as string | undefined) ?? ROOT);
}

/** Arguments by which the monitor translates the addresses of a panic. */
function translation({ values }: Parsed): string[] {
  const project = projectOf(values);
  const symbols = newestSymbols(path.join(project, 'build', 'firmware'));
  if (symbols === undefined) {
    console.log(`no firmware was built in ${project}: addresses in a backtrace are not translated`);
    return [];
  }
  const { elf, target, toolPrefix } = symbols;
  // Chips with RISC-V print their stack, which only GDB can read.
  const stack = toolPrefix.startsWith('riscv') ? ['--decode-panic', 'backtrace'] : [];
  return ['--target', target, '--toolchain-prefix', toolPrefix, ...stack, elf];
}
