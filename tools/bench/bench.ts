// SPDX-License-Identifier: Apache-2.0
/** `fractus bench`: measures memory, bytes and times. */

import { parseArgs } from 'node:util';
import { type Bundle, buildAll } from '../build.ts';
import { refusalOf } from '../terminal/command.ts';
import { buildXsHost, type WordBits } from '../xs/build.ts';
import { measureShares } from './composition.ts';
import { FULL, measure, type Subject } from './measure.ts';
import type { Values } from './metrics.ts';
import { column, readRatchet, writeRatchet } from './ratchet.ts';
import { jsonLines, phasesTable, sharesTable, valuesTable, writePage } from './tables.ts';
import { measurePhases } from './xs-heap.ts';

const USAGE = `usage: fractus bench [--json | --profile | --ratchet]

  --json      prints one JSON object {"metric","value","unit"} per line
  --profile   shows the content of the heap, phase by phase
  --ratchet   writes bytes and counts into tools/bench/ratchet.json and docs/memory.md: tests fail when they get worse`;

/**
 * Resolves with the exit code: 0 when everything was measured, whether goals are met or missed; 1 on a failure; 2 for
 * bad arguments.
 */
export async function benchCommand(args: string[]): Promise<number> {
  const options = readArguments(args);
  if (typeof options === 'string') {
    console.error(`fractus bench: ${options}\n\n${USAGE}`);
    return 2;
  }
  try {
    if (options.help) console.log(USAGE);
    else if (options.ratchet) await keepRatchet();
    else await run(options);
    return 0;
  } catch (error) {
    console.error(`fractus bench: ${(error as Error).message}`);
    return 1;
  }
}

export interface BenchArguments {
  readonly json: boolean;
  readonly profile: boolean;
  readonly ratchet: boolean;
  readonly help: boolean;
}

/** Returns the arguments, or the text of an error. */
export function readArguments(args: string[]): BenchArguments | string {
  const option = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args,
      options: { json: option, profile: option, ratchet: option, help: { ...option, short: 'h' } },
    });
    const { json, profile, ratchet } = values;
    return [json, profile, ratchet].filter(Boolean).length > 1
      ? 'more than one of --json, --profile and --ratchet; allowed: one'
      : values;
  } catch (error) {
    return refusalOf(error, USAGE);
  }
}

/** Prints to standard error: standard output is for figures. */
function say(line: string): void {
  console.error(line);
}

async function run({ json, profile }: BenchArguments): Promise<void> {
  const subject = await buildAll({ report: say });
  describe(subject);
  if (profile) {
    if (subject.host.available) {
      console.log(phasesTable(await measurePhases({ host: subject.host, bundle: subject.bundle.path })));
    }
    return;
  }
  const values = await measure(subject, FULL, (what) => say(`measuring ${what} …`));
  if (json) console.log(jsonLines(values).join('\n'));
  else {
    console.log(`\n${valuesTable(values)}`);
    say('measuring the share of each capability in the bundle …');
    console.log(`\n${sharesTable(await measureShares())}`);
  }
}

function describe({ host }: Subject): void {
  if (!host.available) say(`${host.reason}; measurements on XS are left out`);
  else if (host.wordBits === 64)
    say('XS is 64-bit here: its chunks are larger than on an ESP32, and goals are for an ESP32');
}

/** Measures both word sizes, if there are compilers for them. */
async function keepRatchet(): Promise<void> {
  const { bundle } = await buildAll({ report: say });
  let ratchet = await readRatchet();
  for (const wordBits of [32, 64] as const) {
    const values = await measureColumn(bundle, wordBits);
    if (values) ratchet = { ...ratchet, [wordBits]: values };
  }
  await writeRatchet(ratchet);
  await writePage(ratchet);
}

/** Measures one word size; undefined when there is no XS of that size: its column stays unchanged. */
async function measureColumn(bundle: Bundle, wordBits: WordBits): Promise<Values | undefined> {
  const host = await buildXsHost({ wordBits, report: say });
  if (!host.available) {
    say(`${host.reason}; the ${wordBits}-bit column stays as it is`);
    return undefined;
  }
  const values = await measure({ host, bundle }, { ...FULL, timedOperations: 0 }, (what) =>
    say(`${wordBits}-bit: measuring ${what} …`),
  );
  return column(values);
}
