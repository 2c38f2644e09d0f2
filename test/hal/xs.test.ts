// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import test from 'ava';
import { FakeMachine } from '../../hal/fake/machine.ts';
import type { Hal, LogLevel } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import { createNodeHal } from '../../hal/node/node.ts';
import { buildBundle } from '../../tools/build.ts';
import type { WordBits } from '../../tools/xs/build.ts';
import type { XsMachine } from '../../tools/xs/machine.ts';
import { createMachine, once, testOnXs, wordSizes, type XsHost } from '../support/xs/harness.ts';
import { PeerServer } from './contract/peer.ts';
import { ascii } from './contract/scene.ts';
import {
  allChecks,
  allReboots,
  checks,
  firmwareChecks,
  flashChecks,
  panicChecks,
  RESOURCE,
  signatureChecks,
  type Targets,
} from './contract.ts';
import { type ContractServers, lookup, startServers } from './servers.ts';
import { RESULT } from './xs-contract.ts';

const bundle = await buildBundle({ entry: 'test/hal/xs-contract.ts', outfile: 'build/test/hal-contract.xs.js' });
// The peers know connections by name: what runs at the same time needs peers of its own.
const servers = new Map<WordBits, ContractServers>();
for (const wordBits of wordSizes) servers.set(wordBits, await startServers());
test.after.always(() => {
  for (const server of servers.values()) server.close();
});

function serversOf({ wordBits }: XsHost): ContractServers {
  const found = servers.get(wordBits);
  if (!found) throw new Error(`no servers for ${wordBits} bits`);
  return found;
}

/** What the board was made with. */
const MADE = { name: 'contract', version: '1', buildTimeMs: 0 };

/** The suite makes garbage and keys that an agent must not. */
const limits = { slots: 600_000, chunkBytes: 40_000_000, keys: 1000, byteCodesPerEvent: 1_000_000_000 };

/** Resolves with what the check has to say: nothing when it has passed. */
function listen(): { log: (level: LogLevel, line: string) => void; result: Promise<string> } {
  const { promise, resolve } = once<string>();
  const log = (_: LogLevel, line: string) => {
    if (line.startsWith(RESULT)) resolve(line.slice(RESULT.length));
  };
  return { log, result: promise };
}

interface Play {
  host: XsHost;
  hal: Hal;
  name: string;
  targets: Targets;
  virtualTime?: boolean;
}

function play(t: ExecutionContext, { host, hal, name, targets, virtualTime }: Play) {
  const config = { check: name, targets: JSON.stringify(targets) };
  // As a line, so that it ends the check.
  const onAbort = (error: Error) => hal.log('error', `${RESULT}${error.message}`);
  return createMachine(t, { host, bundle: bundle.path, hal, config, limits, virtualTime, onAbort }).machine;
}

for (const { name } of allChecks) {
  testOnXs(`over sockets: ${name}`, async (t, host) => {
    const { targets, resources } = serversOf(host);
    const { log, result } = listen();
    const hal = createNodeHal({ resources, log, lookup, hasSlots: true });
    t.teardown(() => hal.close());
    await play(t, { host, hal, name, targets }).boot();
    t.is(await result, '');
  });
}

const fakeTargets: Targets = {
  peer: { host: 'peer.test', port: 7000 },
  refusing: { host: 'peer.test', port: 7001 },
  unknown: { host: 'nowhere.test', port: 7000 },
};

/** A machine whose network gives bytes in odd pieces, slowly, and through small windows. */
function createFake(onBoot?: (hal: Hal) => void): FakeMachine {
  const resources = { [RESOURCE.name]: ascii(RESOURCE.text) };
  const machine = new FakeMachine({ resources, nor: {}, firmwareBytes: 1_000_000, watchdogMs: 3_600_000, onBoot });
  machine.network.split = (length) => Math.min(length, 1 + (length % 613));
  machine.network.latencyMs = 7;
  machine.network.windowBytes = 2000;
  const peers = new PeerServer();
  machine.network.listen(fakeTargets.peer.host, fakeTargets.peer.port, (peer) => peers.accept(peer));
  return machine;
}

// A fake machine has neither TLS nor names with two addresses.
for (const { name } of [...checks, ...flashChecks, ...firmwareChecks, ...signatureChecks]) {
  testOnXs(`in virtual time: ${name}`, async (t, host) => {
    const fake = createFake();
    const machine = play(t, { host, hal: fake.boot(), name, targets: fakeTargets, virtualTime: true });
    await machine.boot();
    t.is(await runToResult(fake, machine), RESULT);
  });
}

/** Lets virtual time pass, and XS take its part in each event. */
async function runToResult(fake: FakeMachine, machine: XsMachine): Promise<string | undefined> {
  const result = () => fake.lines.find(({ line }) => line.startsWith(RESULT))?.line;
  while (result() === undefined && fake.time.runNext()) await machine.settle();
  return result();
}

// A machine of the host's does not end with a panic.
const reboots = allReboots.filter((check) => !panicChecks.includes(check));
for (const { name, reason } of reboots) {
  testOnXs(`in virtual time: ${name}`, async (t, host) => {
    const fake = createFake((hal) => void machine?.boot(hal));
    let machine: XsMachine | undefined;
    machine = play(t, { host, hal: fake.boot(), name, targets: fakeTargets, virtualTime: true });
    await machine.boot();
    t.is(await runToResult(fake, machine), RESULT);
    t.deepEqual(fake.restarts, [reason]);
  });
}

for (const { name, reason } of reboots) {
  testOnXs(`over sockets: ${name}`, async (t, host) => {
    const { targets, resources } = serversOf(host);
    const flash = new Flash({});
    t.teardown(() => flash.close());
    const restarted = once<string>();
    const { log, result } = listen();
    flash.slots.boot(MADE);
    const first = createNodeHal({ resources, flash, hasSlots: true, log, onRestart: restarted.resolve });
    const machine = play(t, { host, hal: first, name, targets });
    await machine.boot();
    t.is(await Promise.race([restarted.promise, result]), reason);
    flash.slots.boot(MADE);
    const second = createNodeHal({ resources, flash, hasSlots: true, log });
    t.teardown(() => second.close());
    await machine.boot(second);
    t.is(await result, '');
  });
}
