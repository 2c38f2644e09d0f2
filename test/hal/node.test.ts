// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Flash } from '../../hal/node/flash.ts';
import { createNodeHal, type NodeHal } from '../../hal/node/node.ts';
import { within } from '../support/until.ts';
import { allChecks, allReboots, runCheck, Scene } from './contract.ts';
import { lookup, startServers } from './servers.ts';

const servers = await startServers();
const directory = mkdtempSync(join(tmpdir(), 'fractus-hal-'));
test.after.always(() => {
  servers.close();
  rmSync(directory, { recursive: true });
});

const { targets, resources } = servers;

/** What the board was made with. */
const MADE = { name: 'contract', version: '1', buildTimeMs: 0 };

for (const [index, check] of allChecks.entries()) {
  test(check.name, async (t) => {
    // Every other check on files; the rest in memory.
    const dataDir = index % 2 === 0 ? join(directory, `board-${index}`) : undefined;
    const hal = createNodeHal({ resources, dataDir, seed: index, lookup, hasSlots: true });
    t.teardown(() => hal.close());
    await t.notThrowsAsync(runCheck(check, hal, targets));
  });
}

for (const [index, check] of allReboots.entries()) {
  test(check.name, async (t) => {
    const flash = new Flash({ dataDir: join(directory, `reboot-${index}`) });
    t.teardown(() => flash.close());
    flash.slots.boot(MADE);
    const restarted = new Promise<Scene>((resolve, reject) => {
      const hal: NodeHal = createNodeHal({
        resources,
        flash,
        hasSlots: true,
        onRestart(reason) {
          t.is(reason, check.reason);
          resolve(scene);
        },
      });
      const scene = new Scene(hal, targets);
      check.before(scene).catch(reject);
    });
    const first = await within(restarted, 'it does not restart');
    flash.slots.boot(MADE);
    const hal = createNodeHal({ resources, flash, hasSlots: true });
    t.teardown(() => hal.close());
    await t.notThrowsAsync(runCheck({ name: check.name, run: check.after }, hal, targets));
    t.deepEqual(first.breaches, []);
  });
}
