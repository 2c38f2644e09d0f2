// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Flash } from '../../hal/node/flash.ts';
import { createNodeHal, type NodeHal } from '../../hal/node/node.ts';
import { within } from '../support/until.ts';
import {
  checks,
  flashChecks,
  flashRebootChecks,
  nameChecks,
  panicChecks,
  rebootChecks,
  runCheck,
  Scene,
  signatureChecks,
  tlsChecks,
} from './contract.ts';
import { lookup, startServers } from './servers.ts';

const servers = await startServers();
const directory = mkdtempSync(join(tmpdir(), 'fractus-hal-'));
test.after.always(() => {
  servers.close();
  rmSync(directory, { recursive: true });
});

const { targets, resources } = servers;

for (const [index, check] of [...checks, ...flashChecks, ...signatureChecks, ...tlsChecks, ...nameChecks].entries()) {
  test(check.name, async (t) => {
    // Every other check on files; the rest in memory.
    const dataDir = index % 2 === 0 ? join(directory, `board-${index}`) : undefined;
    const hal = createNodeHal({ resources, dataDir, seed: index, lookup });
    t.teardown(() => hal.close());
    await t.notThrowsAsync(runCheck(check, hal, targets));
  });
}

for (const [index, check] of [...rebootChecks, ...panicChecks, ...flashRebootChecks].entries()) {
  test(check.name, async (t) => {
    const flash = new Flash({ dataDir: join(directory, `reboot-${index}`) });
    t.teardown(() => flash.close());
    const restarted = new Promise<Scene>((resolve, reject) => {
      const hal: NodeHal = createNodeHal({
        resources,
        flash,
        onRestart(reason) {
          t.is(reason, check.reason);
          resolve(scene);
        },
      });
      const scene = new Scene(hal, targets);
      check.before(scene).catch(reject);
    });
    const first = await within(restarted, 'it does not restart');
    const hal = createNodeHal({ resources, flash });
    t.teardown(() => hal.close());
    await t.notThrowsAsync(runCheck({ name: check.name, run: check.after }, hal, targets));
    t.deepEqual(first.breaches, []);
  });
}
