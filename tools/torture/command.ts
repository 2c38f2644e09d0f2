// SPDX-License-Identifier: Apache-2.0
/** `fractus torture`: kills boards with `kill -9`. */

import { parseArgs } from 'node:util';
import { refusalOf } from '../terminal/command.ts';
import { tortureFirmware } from './firmware.ts';
import { torture } from './torture.ts';

const USAGE = `usage: fractus torture [--firmware] [--runtime node|xs] [--kills N] [--seed N]

Kills a virtual device with kill -9 at N random moments (200) on each runtime, against the emulated platform over
sockets, and checks that nothing is lost or done twice. With --firmware: kills a board during firmware updates (50), and
checks what runs and what is reported. Exit code: 0, or 1 when something is wrong.`;

interface Values {
  readonly firmware: boolean;
  readonly runtime?: string | undefined;
  readonly kills?: string | undefined;
  readonly seed: string;
  readonly help: boolean;
}

/** Resolves with the exit code. */
export async function tortureCommand(args: readonly string[]): Promise<number> {
  let values: Values;
  try {
    values = parseArgs({
      args: [...args],
      options: {
        runtime: { type: 'string' },
        firmware: { type: 'boolean', default: false },
        kills: { type: 'string' },
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
      const line = values.firmware ? await firmwareLine(each, values) : await lineOf(each, values);
      console.log(`${each}: ${line}, in ${((performance.now() - since) / 1000).toFixed(0)} s`);
    } catch (error) {
      console.error(`${each}: ${(error as Error).message}`);
      code = 1;
    }
  }
  return code;
}

async function lineOf(runtime: 'node' | 'xs', values: Values): Promise<string> {
  const result = await torture({ runtime, kills: Number(values.kills ?? 200), seed: Number(values.seed) });
  const { kills, samples, unfinished, repeated, operations, interrupted } = result;
  return (
    `${kills} kills, ${samples} samples of which ${unfinished} were not stored yet and ${repeated} came twice, ` +
    `${operations} operations of which ${interrupted} were interrupted: nothing lost or done twice`
  );
}

async function firmwareLine(runtime: 'node' | 'xs', values: Values): Promise<string> {
  const result = await tortureFirmware({ runtime, kills: Number(values.kills ?? 50), seed: Number(values.seed) });
  const { kills, updates, givenUp, starts } = result;
  return `${kills} kills, ${updates} updates of which ${givenUp} were given up because of them, ${starts} starts: always the right firmware`;
}

function check({ runtime, kills = '1', seed }: Values): void {
  if (runtime !== undefined && runtime !== 'node' && runtime !== 'xs') {
    throw new RangeError(`--runtime ${runtime}: node or xs expected`);
  }
  for (const [name, value] of Object.entries({ kills, seed })) {
    if (!/^[1-9]\d{0,5}$/.test(value)) throw new RangeError(`--${name} ${value}: a whole number from 1 expected`);
  }
}
