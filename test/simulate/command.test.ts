// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { readSimulateArguments } from '../../tools/simulate/arguments.ts';
import { formatFaults, parseFaults } from '../../tools/simulate/fault.ts';
import { simulatedIdentity } from '../../tools/simulate/identity.ts';
import { runPlain } from '../../tools/simulate/plain.ts';
import { SCENARIOS } from '../../tools/simulate/scenario.ts';
import { troubledLife } from '../../tools/simulate/suites/network.ts';
import { runTrial } from '../../tools/simulate/trial.ts';

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

test('calm days', (t) => {
  const { measurements, requests } = runPlain({ seed: 1, devices: 3, hours: 5 });
  t.true(Math.abs(measurements - 900) <= 3, `${measurements} measurements`);
  t.true(requests < 1300, `${requests} requests`);
});

test('what the command takes', (t) => {
  t.like(readSimulateArguments(['--suite', 'P1,h1', '--seeds', '3..9']), { firstSeed: 3, lastSeed: 9, stride: 1 });
  t.like(readSimulateArguments(['--scenario', 'plain', '--devices', '10', '--hours', '2']), { devices: 10, hours: 2 });
  for (const args of [
    ['--suite', 'X9'],
    ['--scenario', 'none'],
    ['--seeds', '9..3'],
    ['--seed', '0'],
    ['--faults', 'write x half'],
    ['--scenario', 'cold', '--suite', 'P1'],
  ]) {
    t.throws(() => readSimulateArguments(args), undefined, args.join(' '));
  }
});
