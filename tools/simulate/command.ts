// SPDX-License-Identifier: Apache-2.0
/** `fractus simulate`: runs suites of faults, or repeats one life. */

import { findApp, loadApp } from '../author/app.ts';
import { readBehaviour } from '../device/project-keys.ts';
import { refusalOf } from '../terminal/command.ts';
import { readSimulateArguments, SIMULATE_USAGE, type SimulateArguments } from './arguments.ts';
import { Bench, type Failure } from './bench.ts';
import { formatFaults } from './faults/fault.ts';
import { type Cell, nameOf } from './lasting/cell.ts';
import { LastingLife } from './lasting/life.ts';
import { describeTroubles, type Lived, matrixOf } from './lasting/matrix.ts';
import { simulatedIdentity } from './machine/identity.ts';
import { describeOwnLife, simulateApp } from './own-app.ts';
import { runPlain } from './plain.ts';
import { writeReport } from './report.ts';
import { addResult, noResult, readResults, type SuiteResult, undoneOf } from './result.ts';
import { describeTrial, runTrial } from './trial.ts';

const HOUR_MS = 3_600_000;
const YEAR_HOURS = 24 * 365;

/** Resolves with the exit code. */
export async function simulateCommand(args: readonly string[]): Promise<number> {
  let options: SimulateArguments;
  try {
    options = readSimulateArguments(args);
  } catch (error) {
    console.error(`fractus simulate: ${refusalOf(error, SIMULATE_USAGE)}\n\n${SIMULATE_USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(SIMULATE_USAGE);
    return 0;
  }
  if (options.app !== undefined) return ownApp(options, options.app);
  if (options.cells !== undefined) return matrix(options, options.cells);
  if (options.scenario === 'plain') return plain(options);
  if (options.scenario !== undefined && options.showPort !== undefined)
    return (await import('./show.ts')).showLife(options, options.scenario, options.showPort);
  if (options.scenario !== undefined) return lives(options, options.scenario);
  return suites(options);
}

function plain({ firstSeed, lastSeed, devices, hours, json }: SimulateArguments): number {
  for (let seed = firstSeed; seed <= lastSeed; seed++) {
    const since = performance.now();
    try {
      const result = runPlain({ seed, devices, hours });
      const seconds = (performance.now() - since) / 1000;
      const perMinute = Math.round((result.deviceHours / seconds) * 60);
      if (json) console.log(JSON.stringify({ ...result, seconds, deviceHoursPerMinute: perMinute }));
      else {
        const { deviceHours, measurements, requests } = result;
        const what = `${deviceHours} device-hours, ${measurements} measurements, ${requests} requests`;
        console.log(`seed ${seed}: ${what} in ${seconds.toFixed(1)} s: ${perMinute} device-hours a minute`);
      }
    } catch (error) {
      console.error(
        `FAILED  --scenario plain --seed ${seed} --devices ${devices} --hours ${hours}\n${(error as Error).message}`,
      );
      return 1;
    }
  }
  return 0;
}

/** Runs lives of an author's app. */
async function ownApp(options: SimulateArguments, file: string): Promise<number> {
  const { json, manifest } = options;
  try {
    const { app } = await loadApp(await findApp(file));
    const { lives, failures } = simulateApp({
      ...options,
      app,
      config: readBehaviour(manifest, 1, app.settings),
      onLife(seed, faults, { trouble, requests }) {
        if (json) console.log(JSON.stringify({ seed, faults, trouble, requests }));
        else if (trouble !== undefined)
          console.log(`FAILED  ${describeOwnLife(file, seed, faults)}\n${indented(trouble)}`);
      },
    });
    console.log(json ? JSON.stringify({ lives, failures }) : `${lives} lives, ${failures} failed`);
    return failures > 0 ? 1 : 0;
  } catch (error) {
    console.error(`fractus simulate: ${(error as Error).message}`);
    return 2;
  }
}

/** Runs one life after the other, with the given faults. */
async function lives(
  { firstSeed, lastSeed, faults, json, trace }: SimulateArguments,
  scenario: string,
): Promise<number> {
  const identity = await simulatedIdentity();
  let failures = 0;
  for (let seed = firstSeed; seed <= lastSeed; seed++) {
    const trial = { scenario, seed, faults };
    const { story, ...verdict } = runTrial(trial, { identity, digest: true });
    if (verdict.trouble !== undefined) failures += 1;
    const missed = verdict.missed.length === 0 ? '' : ` (not applied: ${formatFaults(verdict.missed)})`;
    if (json) console.log(JSON.stringify({ ...trial, ...verdict, ...(trace && { story }) }));
    else {
      if (trace) console.log(story.join('\n'));
      const held = verdict.trouble === undefined ? 'ok    ' : 'FAILED';
      console.log(`${held}  ${describeTrial(trial)}`);
      console.log(
        `        ${verdict.requests} requests, ${verdict.applied.length} faults${missed}, digest ${verdict.digest}`,
      );
      if (verdict.trouble !== undefined) console.log(indented(verdict.trouble));
    }
  }
  return failures > 0 ? 1 : 0;
}

/** Runs cells of lasting faults: prints failures at once, and a table at the end. */
async function matrix({ firstSeed, hours, json, trace }: SimulateArguments, cells: readonly Cell[]): Promise<number> {
  const identity = await simulatedIdentity();
  const lived: Lived[] = [];
  for (const cell of cells) {
    const result = new LastingLife(cell, {
      identity,
      seed: firstSeed,
      hours,
      keepExchanges: trace ? 100_000 : 0,
    }).live();
    const { story, ...verdict } = result;
    lived.push({ cell, result });
    if (trace) console.log(story.join('\n'));
    if (json) {
      const troubles = Object.fromEntries(result.troubles);
      console.log(JSON.stringify({ cell: nameOf(cell), ...verdict, troubles }));
    } else if (result.troubles.size > 0) console.log(describeTroubles({ cell, result }));
  }
  if (!json) console.log(matrixOf(lived));
  return lived.some(({ result }) => result.troubles.size > 0) ? 1 : 0;
}

async function suites(options: SimulateArguments): Promise<number> {
  const results = options.merge === undefined ? await runSuites(options) : readResults(options.merge);
  const { json, report, first } = options;
  // A run that stops early, at its first failure or after its time, need not apply every kind of fault.
  const isWhole = !first && options.only === undefined && options.minutes === undefined && options.shards === 1;
  if (isWhole) for (const result of results) tellUndone(result, json);
  const failed = results.reduce((sum, { failures }) => sum + failures, 0);
  if (json) console.log(JSON.stringify({ suites: results, failed }));
  else console.log(table(results));
  if (report !== undefined) writeReport(report, results);
  return failed > 0 ? 1 : 0;
}

async function runSuites(options: SimulateArguments): Promise<SuiteResult[]> {
  const { firstSeed, lastSeed, shard, shards, minutes, json, stride, sample, first, only } = options;
  const identity = await simulatedIdentity();
  const results = new Map<string, SuiteResult>();
  const endMs = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000;
  let failed = 0;
  for (let seed = firstSeed + shard; seed <= lastSeed && performance.now() < endMs; seed += shards) {
    for (const [at, suite] of options.suites.entries()) {
      const since = performance.now();
      // The remaining time is shared among the remaining suites.
      const untilMs = since + (endMs - since) / (options.suites.length - at);
      const isOver = () => first && failed + bench.failures.length > 0;
      const goesOn = () => performance.now() < untilMs && !isOver();
      const bench: Bench = new Bench({
        identity,
        goesOn,
        stride,
        sample,
        only,
        onFailure: (failure) => tellFailure(suite.name, failure, json),
      });
      suite.run(bench, seed);
      failed += bench.failures.length;
      const result = results.get(suite.name) ?? noResult(suite.name, suite.kinds);
      results.set(suite.name, result);
      addResult(result, {
        ...bench.tally,
        ...{ kinds: Object.fromEntries(bench.kinds), failures: bench.failures.length },
        ...{ seeds: 1, firstSeed: seed, lastSeed: seed, seconds: (performance.now() - since) / 1000 },
      });
    }
  }
  return [...results.values()];
}

/** Reports faults that a suite has never applied: it has proven nothing about them. */
function tellUndone(result: SuiteResult, json: boolean): void {
  const undone = undoneOf(result);
  result.failures += undone.length;
  for (const kind of undone) {
    tellFailure(result.suite, { repeat: `--suite ${result.suite}`, trouble: `the fault ${kind} never happened` }, json);
  }
}

/** Prints a failure with the arguments that repeat it. */
function tellFailure(suite: string, { repeat, trouble }: Failure, json: boolean): void {
  if (json) console.log(JSON.stringify({ suite, repeat, trouble }));
  else console.log(`FAILED  ${suite}  ${repeat}\n${indented(trouble)}\n        again: npm run simulate -- ${repeat}`);
}

function indented(text: string): string {
  return text.replace(/^/gm, '        ');
}

function table(results: readonly SuiteResult[]): string {
  const total = noResult('all');
  for (const result of results) addResult(total, result);
  const lines = [...results, total].map((result) => {
    const { suite, lives: count, cuts, faults, missed, unfinished, requests, simulatedMs, failures, seconds } = result;
    const years = (simulatedMs / HOUR_MS / YEAR_HOURS).toFixed(2);
    const columns = [count, unfinished, cuts, faults, missed, requests, years, failures, seconds.toFixed(0)];
    return `${suite.padEnd(5)}${columns.map((column) => String(column).padStart(13)).join('')}`;
  });
  const names = ['lives', 'unfinished', 'power cuts', 'faults', 'not applied', 'requests', 'device-years', 'failures'];
  names.push('seconds');
  return `suite${names.map((name) => name.padStart(13)).join('')}\n${lines.join('\n')}`;
}
