// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { parseFaults } from '../../tools/simulate/faults/fault.ts';
import { simulatedIdentity } from '../../tools/simulate/machine/identity.ts';
import { runTrial } from '../../tools/simulate/trial.ts';
import { REGRESSIONS } from './regressions.ts';

for (const { scenario, seed, faults, was } of REGRESSIONS) {
  test(`--scenario ${scenario} --seed ${seed} --faults "${faults}": ${was}`, async (t) => {
    const verdict = runTrial({ scenario, seed, faults: parseFaults(faults) }, { identity: await simulatedIdentity() });
    t.is(verdict.trouble, undefined);
  });
}
