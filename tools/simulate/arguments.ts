// SPDX-License-Identifier: Apache-2.0
/** The command line of the simulator. */

import { parseArgs } from 'node:util';
import { type PlannedFault, parseFaults } from './fault.ts';
import { type Cell, cellsOf, LEAST_HOURS } from './lasting/cell.ts';
import { SCENARIOS, scenarioOf } from './scenario.ts';
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

Lives of devices in virtual time, everything from one seed: the agent, its flash, the network and the platform.

  --suite NAMES      fault suites, or all; default: all, of the many pairs and answers every tenth
  --only NAMES       of these suites, lives of these scenarios
  --scenario NAME    one life; plain: calm days of one sensor, 60 s
  --seed N           default 1
  --seeds A..B       one after the other
  --of N             one of N runs that share the seeds
  --index I          which of them, from 0; default: JOB_COMPLETION_INDEX, as Kubernetes has it
  --merge FILES      adds up what the --json of other runs has left in these files, separated by commas
  --faults "LIST"    what goes wrong in that life, as a failure prints it
  --trace            every request and line of the log of that life, or of that cell
  --show [--port N]  that life on a page in the browser, on virtual time: play it, step through it, go to any moment
  --cells PATTERN    the matrix of what stays broken, as a table: ROUTE/FAULT/CONNECTIONS/KIN, lists by commas, * for all;
                     events/403/1/alone is one cell, 'measurements,events/*/2' two rows, '*' everything
  --devices N        of the plain scenario; default 1
  --hours H          of the plain scenario (default 100); for how long a cell is broken (default ${LEAST_HOURS})
  --stride N         of the lives that are much alike only every n-th
  --sample N         of all lives with a fault only every n-th
  --first            no more lives after one that has ended badly
  --minutes M        no more after so long
  --app FILE         lives of your app: with each seed a calm one, then one for each power cut and fault of the network; default
                     stride 20. --faults "LIST" is one life again
  --manifest DIR     with --app: the keys of that project's manifest.json
  --report FILE      writes the counts into the generated part of this Markdown file
  --json             for programs

suites:
${SUITES.map(({ name, meaning }) => `  ${name}  ${meaning}`).join('\n')}

scenarios:
  ${'plain'.padEnd(20)}calm days
${SCENARIOS.map(({ name, meaning }) => `  ${name.padEnd(20)}${meaning}`).join('\n')}

Exit code: 0 when everything held, 1 when something did not, 2 for bad arguments.`;

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
  if (scenario !== undefined && values.suite !== undefined) throw new RangeError('--scenario or --suite, not both');
  if (scenario !== undefined && scenario !== 'plain') scenarioOf(scenario);
  const [firstSeed, lastSeed] = readSeeds(values.seed, values.seeds);
  const shards = number('of', values.of, 1, 100_000);
  const index = values.index ?? (shards === 1 ? '0' : process.env['JOB_COMPLETION_INDEX']);
  if (index === undefined) throw new RangeError(`--of ${shards}: --index or JOB_COMPLETION_INDEX says which of them`);
  const isOneLife = scenario !== undefined && scenario !== 'plain' && firstSeed === lastSeed;
  if (values.show && !isOneLife) throw new RangeError('--show: one life; allowed: with --scenario NAME and one --seed');
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
