// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readSimulateArguments } from '../../tools/simulate/arguments.ts';
import { formatFaults, parseFaults } from '../../tools/simulate/faults/fault.ts';
import { runSimulator } from '../../tools/simulate/launch.ts';
import { simulatedIdentity } from '../../tools/simulate/machine/identity.ts';
import { runPlain } from '../../tools/simulate/plain.ts';
import { readResults } from '../../tools/simulate/result.ts';
import { SCENARIOS } from '../../tools/simulate/scenarios/scenario.ts';
import { troubledLife } from '../../tools/simulate/suites/network.ts';
import { runTrial } from '../../tools/simulate/trial.ts';
import { simulate } from './suite.ts';

const identity = await simulatedIdentity();

for (const { name } of SCENARIOS) {
  test(`${name}: a life without faults holds`, (t) => {
    for (const seed of [1, 3, 4, 7])
      t.is(runTrial({ scenario: name, seed, faults: [] }, { identity }).trouble, undefined);
  });
}

test('a seed replays to the byte, and another one does not', (t) => {
  const live = (seed: number) => runTrial(troubledLife(seed), { identity, digest: true });
  t.is(live(12).digest, live(12).digest);
  t.not(live(12).digest, live(13).digest);
});

test('faults read as they are written', (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const { faults } = troubledLife(seed);
    t.deepEqual(parseFaults(formatFaults(faults)), faults);
  }
});

test('without faults no measurement is missing, and few requests are made', (t) => {
  const { measurements, requests } = runPlain({ seed: 1, devices: 3, hours: 5 });
  t.true(Math.abs(measurements - 900) <= 3, `${measurements} measurements`);
  t.true(requests < 1300, `${requests} requests`);
});

test('runs that share the seeds have the same results as one run, and are added up', async (t) => {
  const shared = ['--suite', 'P2', '--seeds', '3..4', '--stride', '64', '--sample', '40'];
  const paths: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'fractus-shards-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const index of ['0', '1']) {
    const { output } = await runSimulator([...shared, '--of', '2', '--index', index, '--json']);
    paths.push(join(folder, index));
    writeFileSync(paths.at(-1) ?? '', output);
  }
  const [added] = readResults(paths);
  const [whole] = (await simulate(...shared)).suites;
  t.deepEqual({ ...added, seconds: 0 }, { ...whole, seconds: 0 });
  t.true((added?.lives ?? 0) > 100);
  t.like(added, { seeds: 2, firstSeed: 3, lastSeed: 4 });
  t.throws(() => readResults(['package.json']), { message: /^package.json: its last line is not a result/ });
});

test.serial('the index of a run is that of its job', (t) => {
  process.env['JOB_COMPLETION_INDEX'] = '4';
  t.teardown(() => delete process.env['JOB_COMPLETION_INDEX']);
  t.like(readSimulateArguments(['--of', '5']), { shard: 4, shards: 5 });
  t.like(readSimulateArguments(['--of', '5', '--index', '2']), { shard: 2, shards: 5 });
  t.like(readSimulateArguments([]), { shard: 0, shards: 1 });
});

test('the arguments of the command', (t) => {
  t.like(readSimulateArguments(['--suite', 'P1,h1', '--seeds', '3..9']), { firstSeed: 3, lastSeed: 9, stride: 1 });
  t.like(readSimulateArguments(['--scenario', 'plain', '--devices', '10', '--hours', '2']), { devices: 10, hours: 2 });
  for (const args of [
    ['--suite', 'X9'],
    ['--scenario', 'none'],
    ['--seeds', '9..3'],
    ['--seed', '0'],
    ['--faults', 'write x half'],
    ['--scenario', 'cold', '--suite', 'P1'],
    ['--of', '3', '--index', '3'],
    ['--of', '3'],
    ['--of', '0'],
  ]) {
    t.throws(() => readSimulateArguments(args), undefined, args.join(' '));
  }
});
