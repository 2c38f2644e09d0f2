// SPDX-License-Identifier: Apache-2.0

import { plainLines } from './plain.ts';
import { suggested } from './suggested.ts';

/** A command of `fractus`, from its arguments to its exit code. */
export interface Command<Options> {
  readonly name: string;
  readonly usage: string;
  /** @throws Error that says what is wrong with the arguments */
  read(): Options;
  /** Resolves with the exit code. */
  run(options: Options): number | Promise<number>;
}

/** Resolves with the exit code: 2 for bad arguments, 1 when it throws. */
export async function runCommand<Options extends { readonly help: boolean }>(
  command: Command<Options>,
): Promise<number> {
  const { name, usage } = command;
  let options: Options;
  try {
    options = command.read();
  } catch (error) {
    console.error(`fractus ${name}: ${refusalOf(error, usage)}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  try {
    return await command.run(options);
  } catch (error) {
    console.error(`fractus ${name}: ${refusalOf(error)}`);
    return 1;
  }
}

/**
 * The message of an error for a person, which may contain what a platform or a file says: with the name that may have been meant, and without Node's hint about options, which does
 * not help after a typing error.
 * @param usage names the options of the command
 */
export function refusalOf(error: unknown, usage?: string): string {
  return suggested(plainLines((error as Error).message.replace(/\. To specify .*/s, '')), usage);
}
