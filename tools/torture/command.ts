// SPDX-License-Identifier: Apache-2.0
/** `fractus torture`: kills boards with `kill -9`. */

import { parseArgs } from 'node:util';
import { refusalOf } from '../cli/command.ts';
import { torture } from './torture.ts';

const USAGE = `usage: fractus torture [--runtime node|xs] [--kills N] [--seed N]

Kills a virtual device with kill -9 at N random moments (200) on each runtime, against the emulated platform over
sockets, and checks that nothing is lost or done twice. Exit code: 0, or 1 when something was lost or done twice.`;

/** Resolves with the exit code. */
export async function tortureCommand(args: readonly string[]): Promise<number> {
  let values: { runtime?: string | undefined; kills: string; seed: string; help: boolean };
  try {
    values = parseArgs({
      args: [...args],
      options: {
        runtime: { type: 'string' },
        kills: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    }).values;
    check(values);
  } catch (error) {
    console.error(`fractus torture: ${refusalOf(error, USAGE)}\n\n${USAGE}`);
    return 2;
  }
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { runtime } = values;
  const runtimes = runtime === undefined ? (['node', 'xs'] as const) : [runtime as 'node' | 'xs'];
  let code = 0;
  for (const each of runtimes) {
    try {
      const since = performance.now();
      const result = await torture({ runtime: each, kills: Number(values.kills), seed: Number(values.seed) });
      const { kills, samples, unfinished, repeated, operations, interrupted } = result;
      const seconds = ((performance.now() - since) / 1000).toFixed(0);
      console.log(
        `${each}: ${kills} kills, ${samples} samples of which ${unfinished} were not stored yet and ${repeated} came twice, ` +
          `${operations} operations of which ${interrupted} were interrupted: nothing lost or done twice, in ${seconds} s`,
      );
    } catch (error) {
      console.error(`${each}: ${(error as Error).message}`);
      code = 1;
    }
  }
  return code;
}

function check({ runtime, kills, seed }: { runtime?: string | undefined; kills: string; seed: string }): void {
  if (runtime !== undefined && runtime !== 'node' && runtime !== 'xs') {
    throw new RangeError(`--runtime ${runtime}: node or xs expected`);
  }
  for (const [name, value] of Object.entries({ kills, seed })) {
    if (!/^[1-9]\d{0,5}$/.test(value)) throw new RangeError(`--${name} ${value}: a whole number from 1 expected`);
  }
}
