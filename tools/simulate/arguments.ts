// SPDX-License-Identifier: Apache-2.0
/** The command line of the simulator. */

import { parseArgs } from 'node:util';
import { type PlannedFault, parseFaults } from './faults/fault.ts';
import { type Cell, cellsOf, LEAST_HOURS } from './lasting/cell.ts';
import { SCENARIOS, scenarioOf } from './scenarios/scenario.ts';
import { SUITES, type Suite, suitesOf } from './suites/index.ts';

export interface SimulateArguments {
  readonly help: boolean;
  readonly json: boolean;
  readonly trace: boolean;
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** This run takes every `shards`-th seed, from the `shard`-th on. */
  readonly shard: number;
  readonly shards: number;
  /** Files with results of other runs, which are added up instead of a run. */
  readonly merge: readonly string[] | undefined;
  /** `plain`, or the name of a scenario. */
  readonly scenario: string | undefined;
  /** Limits suites to lives of these scenarios. */
  readonly only: readonly string[] | undefined;
  readonly faults: readonly PlannedFault[];
  readonly devices: number;
  readonly hours: number;
  readonly suites: readonly Suite[];
  /** Path of an author's app, and the folder of its manifest. */
  readonly app: string | undefined;
  readonly manifest: string | undefined;
  /** Cells of the matrix of lasting faults. */
  readonly cells: readonly Cell[] | undefined;
  readonly stride: number;
  readonly sample: number;
  /** Stops after the first failed life. */
  readonly first: boolean;
  readonly minutes: number | undefined;
  /** Markdown file whose generated part is updated. */
  readonly report: string | undefined;
  /** Port of a page that shows the life; 0: any free port. Undefined: not shown. */
  readonly showPort: number | undefined;
}

export const SIMULATE_USAGE = `usage: fractus simulate [options]

Simulates lives of devices in virtual time: the agent, its flash, the network and the platform. A seed decides everything.

  --suite NAMES      suites of faults, or all; default: all, with every tenth of the pairs (P2) and answers (N2)
  --only NAMES       only the lives of these scenarios
  --scenario NAME    one life; plain: calm days of a device with one sensor, sampled every 60 s
  --seed N           one seed; default 1
  --seeds A..B       several seeds, one after the other
  --of N             number of runs that share the seeds
  --index I          index of this run, from 0; default: JOB_COMPLETION_INDEX, which Kubernetes sets
  --merge FILES      adds up the results in these files: outputs of --json, separated by commas
  --faults "LIST"    the faults of the life, as the line of a failed life shows them
  --trace            shows every request and every line of the log of the life or the cell
  --show [--port N]  shows the life on a page in the browser, in virtual time: play it, step through it, go to any moment
  --cells PATTERN    runs cells of the matrix of lasting faults, and prints them as a table: ROUTE/FAULT/CONNECTIONS/KIN, with
                     lists separated by commas and * for all; events/403/1/alone is one cell, 'measurements,events/*/2' are
                     two rows, '*' is the whole matrix
  --devices N        devices of the plain scenario; default 1
  --hours H          hours of the plain scenario (default 100); hours for which a cell is broken (default ${LEAST_HOURS})
  --stride N         runs only every n-th of the lives that are nearly the same
  --sample N         runs only every n-th of all lives with a fault
  --first            ends after the first failed life
  --minutes M        begins no more lives after M minutes
  --app FILE         lives of your app: for each seed a calm life, then one life for each power cut and fault of the network;
                     default stride 20. With --faults "LIST": one life
  --manifest DIR     with --app: uses the keys of the manifest.json of this project
  --report FILE      writes the counts into the generated part of this Markdown file
  --json             prints JSON, for programs

suites:
${SUITES.map(({ name, meaning }) => `  ${name}  ${meaning}`).join('\n')}

scenarios:
  ${'plain'.padEnd(20)}calm days
${SCENARIOS.map(({ name, meaning }) => `  ${name.padEnd(20)}${meaning}`).join('\n')}

Exit code: 0 when no life failed, 1 when one failed, 2 for bad arguments.`;

/** @throws Error that says what is wrong and what is allowed */
export function readSimulateArguments(args: readonly string[]): SimulateArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      json: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      seed: { type: 'string' },
      seeds: { type: 'string' },
      of: { type: 'string', default: '1' },
      index: { type: 'string' },
      merge: { type: 'string' },
      scenario: { type: 'string' },
      only: { type: 'string' },
      faults: { type: 'string', default: '' },
      devices: { type: 'string', default: '1' },
      hours: { type: 'string' },
      cells: { type: 'string' },
      suite: { type: 'string' },
      stride: { type: 'string' },
      sample: { type: 'string', default: '1' },
      first: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      report: { type: 'string' },
      app: { type: 'string' },
      manifest: { type: 'string' },
      show: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
    },
  });
  const { scenario } = values;
  if (scenario !== undefined && values.suite !== undefined)
    throw new RangeError('--scenario: not allowed with --suite');
  if (scenario !== undefined && scenario !== 'plain') scenarioOf(scenario);
  const [firstSeed, lastSeed] = readSeeds(values.seed, values.seeds);
  const shards = number('of', values.of, 1, 100_000);
  const index = values.index ?? (shards === 1 ? '0' : process.env['JOB_COMPLETION_INDEX']);
  if (index === undefined) throw new RangeError(`--of ${shards}: --index is missing, and so is JOB_COMPLETION_INDEX`);
  const isOneLife = scenario !== undefined && scenario !== 'plain' && firstSeed === lastSeed;
  if (values.show && !isOneLife)
    throw new RangeError('--show: allowed only for one life: with --scenario NAME and one --seed');
  return {
    help: values.help,
    json: values.json,
    trace: values.trace,
    firstSeed,
    lastSeed,
    shard: number('index', index, 0, shards - 1),
    shards,
    merge: values.merge?.split(','),
    scenario,
    only: values.only?.split(',').map((name) => scenarioOf(name).name),
    faults: parseFaults(values.faults),
    devices: number('devices', values.devices, 1, 10_000),
    hours: number('hours', values.hours ?? String(values.cells === undefined ? 100 : LEAST_HOURS), 1, 1_000_000),
    cells: values.cells === undefined ? undefined : cellsOf(values.cells),
    suites: suitesOf(values.suite ?? 'all'),
    stride: number('stride', values.stride ?? strideOf(values), 1, 1_000_000),
    sample: number('sample', values.sample, 1, 1_000_000),
    app: values.app,
    manifest: values.manifest,
    first: values.first,
    minutes: values.minutes === undefined ? undefined : number('minutes', values.minutes, 1, 100_000),
    report: values.report,
    showPort: values.show ? number('port', values.port, 0, 65_535) : undefined,
  };
}

/** The default stride, for a run of acceptable length. */
function strideOf({ app, suite }: { readonly app?: string; readonly suite?: string }): string {
  if (app !== undefined) return '20';
  return suite === undefined ? '10' : '1';
}

function readSeeds(seed: string | undefined, seeds: string | undefined): [number, number] {
  if (seeds === undefined) {
    const only = number('seed', seed ?? '1', 1, 2 ** 31);
    return [only, only];
  }
  const [first, last, ...rest] = seeds.split('..');
  if (seed !== undefined || last === undefined || rest.length > 0) throw new RangeError('--seeds A..B expected');
  const from = number('seeds', first ?? '', 1, 2 ** 31);
  return [from, number('seeds', last, from, 2 ** 31)];
}

function number(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new RangeError(`--${name} ${text}: a whole number from ${least} to ${most} expected`);
}
