// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FakeMachine } from '../../hal/fake/machine.ts';
import type { FakeMachineOptions } from '../../hal/fake/options.ts';
import { PeerServer } from './contract/peer.ts';
import { ascii } from './contract/scene.ts';
import {
  checks,
  firmwareChecks,
  firmwareRebootChecks,
  flashChecks,
  flashRebootChecks,
  panicChecks,
  RESOURCE,
  rebootChecks,
  runCheck,
  Scene,
  signatureChecks,
  type Targets,
} from './contract.ts';

const targets: Targets = {
  peer: { host: 'peer.test', port: 7000 },
  refusing: { host: 'peer.test', port: 7001 },
  unknown: { host: 'nowhere.test', port: 7000 },
};

function createMachine(options: FakeMachineOptions = {}): FakeMachine {
  const machine = new FakeMachine({
    watchdogMs: 3_600_000,
    nor: {},
    firmwareBytes: 1_000_000,
    ...options,
    resources: { [RESOURCE.name]: ascii(RESOURCE.text) },
  });
  const peers = new PeerServer();
  machine.network.listen(targets.peer.host, targets.peer.port, (peer) => peers.accept(peer));
  return machine;
}

/** Lets virtual time run for as long as `work` needs it. */
async function run(machine: FakeMachine, work: Promise<void>): Promise<void> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  finished.catch(() => {});
  while (!done) {
    // Promises settle between two events, as they do on a real machine.
    await new Promise(setImmediate);
    machine.time.runNext();
  }
  await finished;
}

/** The same rules must hold however the network cuts and delays. */
const worlds: Record<string, (machine: FakeMachine) => void> = {
  'as it comes': () => {},
  'in odd pieces, slowly': ({ network }) => {
    network.split = (length) => Math.min(length, 1 + (length % 613));
    network.latencyMs = 7;
  },
  'through tiny windows': ({ network }) => {
    network.windowBytes = 509;
    network.latencyMs = 0;
  },
};

for (const [world, prepare] of Object.entries(worlds)) {
  for (const check of [...checks, ...flashChecks, ...firmwareChecks, ...signatureChecks]) {
    test(`${world}: ${check.name}`, async (t) => {
      const machine = createMachine();
      prepare(machine);
      await run(machine, runCheck(check, machine.boot(), targets));
      t.pass();
    });
  }
}

for (const check of [...rebootChecks, ...panicChecks, ...flashRebootChecks, ...firmwareRebootChecks]) {
  test(check.name, async (t) => {
    const machine = createMachine();
    const scene = new Scene(machine.boot(), targets);
    await run(machine, check.before(scene));
    machine.time.runUntil(() => machine.restarts.length > 0, 1000);
    t.deepEqual(machine.restarts, [check.reason]);
    t.true(machine.time.runUntil(() => machine.hal !== undefined, 1000));
    const { hal } = machine;
    if (hal) await run(machine, runCheck({ name: check.name, run: check.after }, hal, targets));
    t.deepEqual(scene.breaches, []);
  });
}
