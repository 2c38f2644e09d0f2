// SPDX-License-Identifier: Apache-2.0
/** `fractus fleet`: many virtual devices for any platform, also as a part of a larger fleet. */

import { parseArgs } from 'node:util';
import { readDeviceArguments } from '../device/device-arguments.ts';
import type { Account } from '../platform/control/account.ts';
import { runCommand } from '../terminal/command.ts';
import { untilSignal } from '../terminal/signal.ts';
import { type FleetEmulator, startEmulator } from './emulator.ts';
import { Fleet } from './fleet.ts';

const USAGE = `usage: fractus fleet [--devices N] [--seed N] [--spread SECONDS] [--seconds S] [--index I --of N] [--emulator] key=value …

  --devices N        number of devices in all processes; default 100
  --seed N           another seed gives other devices; default 1
  --spread SECONDS   time from the first start to the last; default: a hundredth of a second per device
  --seconds S        ends after S seconds; default: at a signal
  --of N             number of processes that share the devices
  --index I          index of this process, from 0; default: JOB_COMPLETION_INDEX, which Kubernetes sets
  --emulator         starts its own emulator in a second process, and reports losses at the end
  key=value          a key of \`fractus device\`: url, bootstrapPassword, measurementInterval …

Exit code: 0, 1 when a device has crashed, data was lost, or no device listened at the end, 2 for bad arguments.`;

interface FleetArguments {
  readonly help: boolean;
  readonly devices: number;
  readonly seed: number;
  readonly spreadMs: number;
  readonly seconds: number | undefined;
  readonly index: number;
  readonly of: number;
  readonly emulator: boolean;
  readonly config: ReturnType<typeof readDeviceArguments>['config'];
}

/** Resolves with the exit code: 0 after an orderly end, 1 when a device has crashed or none listened at the end, 2 for bad arguments. */
export function fleetCommand(args: string[]): Promise<number> {
  return runCommand({ name: 'fleet', usage: USAGE, read: () => readFleetArguments(args), run: runWithEmulator });
}

async function runWithEmulator(options: FleetArguments): Promise<number> {
  const emulator = options.emulator ? await startEmulator() : undefined;
  try {
    return await run(options, emulator);
  } finally {
    emulator?.stop();
  }
}

async function run(options: FleetArguments, emulator: FleetEmulator | undefined): Promise<number> {
  const { devices, seed, spreadMs, seconds, index, of } = options;
  const { url, bootstrapPassword } = emulator ?? {};
  const config = emulator === undefined ? options.config : { ...options.config, url, bootstrapPassword };
  const numbers = Array.from({ length: devices }, (_, number) => number).filter((number) => number % of === index);
  const signal = untilSignal();
  const startedMs = performance.now();
  const before = process.memoryUsage().rss;
  const fleet = new Fleet({ numbers, seed, config, spreadMs });
  const elapsedS = () => Math.round((performance.now() - startedMs) / 1000);
  const say = () => {
    const { started, listening, waiting, restarts, panics } = fleet.counts;
    console.log(
      `${elapsedS()} s: ${started} of ${numbers.length} started, ${listening} listen, ${waiting} records wait, ` +
        `${restarts} restarts, ${panics} crashes, ${megabytes(process.memoryUsage().rss)} MB`,
    );
  };
  const timer = setInterval(say, 1000);
  const end = seconds === undefined ? signal : Promise.race([signal, timeout(seconds * 1000)]);
  await end;
  clearInterval(timer);
  say();
  const perThousand = ((process.memoryUsage().rss - before) / Math.max(1, numbers.length)) * 1000;
  const { user, system } = process.cpuUsage();
  const { listening } = fleet.counts;
  if (listening === 0 && emulator === undefined)
    console.error(`no device listens; "fractus connect --test url=… bootstrapPassword=…" finds the reason`);
  await fleet.stop();
  console.log(
    `ended in order after ${elapsedS()} s: ${megabytes(perThousand)} MB per thousand devices, ` +
      `${((user + system) / 1e6).toFixed(1)} s of CPU`,
  );
  const { panics, taken, waiting } = fleet.counts;
  const isWhole = emulator === undefined || tellAccount(await emulator.account(), taken, waiting);
  return panics === 0 && isWhole && listening > 0 ? 0 : 1;
}

/** Prints the account; returns whether all data arrived once, in order, and without a breach. */
function tellAccount(account: Account, taken: number, waiting: number): boolean {
  const { devices, measurements, twice, outOfOrder, requests, breaches, rules, rssBytes, cpuSeconds } = account;
  const lost = Math.max(0, taken - waiting - measurements);
  console.log(
    `the emulator: ${devices} devices, ${requests} requests, ${measurements} of ${taken} measurements, ${waiting} waited at the end, ` +
      `${lost} lost, ${twice} twice, ${outOfOrder} series out of order, ${breaches} breaches`,
  );
  for (const [rule, count] of Object.entries(rules)) console.log(`the emulator: ${count} breaches of ${rule}`);
  console.log(`the emulator: ${megabytes(rssBytes)} MB, ${cpuSeconds.toFixed(1)} s of CPU`);
  return lost + twice + outOfOrder + breaches === 0;
}

/** @throws Error that says what is wrong and what is allowed */
export function readFleetArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): FleetArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      devices: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      spread: { type: 'string' },
      seconds: { type: 'string' },
      index: { type: 'string' },
      of: { type: 'string', default: '1' },
      emulator: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const devices = number('devices', values.devices, 1, 1_000_000);
  const of = number('of', values.of, 1, 100_000);
  const index = values.index ?? (of === 1 ? '0' : environment['JOB_COMPLETION_INDEX']);
  if (index === undefined) throw new RangeError(`--of ${of}: --index is missing, and so is JOB_COMPLETION_INDEX`);
  // The emulator's values replace these; `--help` has none.
  const own = values.emulator || values.help ? ['url=http://127.0.0.1:1', 'bootstrapPassword=none'] : [];
  const { config, resources } = readDeviceArguments([...own, ...positionals]);
  if (config['bootstrapPassword'] === undefined)
    throw new RangeError('bootstrapPassword: missing; allowed: the password of bootstrapUser');
  if (config['deviceId'] !== undefined) throw new RangeError('deviceId: each device has its own; allowed: none');
  const [file] = Object.keys(resources);
  if (file !== undefined) throw new RangeError(`${file}: not for a fleet; allowed: passwords`);
  const spread = values.spread === undefined ? devices / of / 100 : number('spread', values.spread, 0, 86_400);
  return {
    help: values.help,
    devices,
    seed: number('seed', values.seed, 0, 65_535),
    spreadMs: spread * 1000,
    seconds: values.seconds === undefined ? undefined : number('seconds', values.seconds, 1, 10_000_000),
    index: number('index', index, 0, of - 1),
    of,
    emulator: values.emulator,
    config,
  };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new RangeError(`--${name} ${text}: a whole number from ${least} to ${most} expected`);
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
