// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { allChecks, allReboots } from '../hal/contract.ts';
import { hasTwoAddresses, startServers, TWO_ADDRESSES } from '../hal/servers.ts';
import { addressRecords, dnsAnswer, nameOf, RCODES, startNameServer } from '../support/name-server.ts';
import { Board, buildFirmware, buildTestModules, Screen, writeData } from './bench.ts';

const screen = await Screen.open();
const { targets, resources, close } = await startServers();
const nameServer = await startNameServer((request) => {
  const name = nameOf(request);
  if (hasTwoAddresses(name)) return [dnsAnswer(request, addressRecords(name, TWO_ADDRESSES))];
  return [dnsAnswer(request, [], { rcode: RCODES.nameError })];
});
test.after.always(() => {
  screen.close();
  nameServer.close();
  close();
});

const results = new Map<string, string>();
let library = '';

async function play(config: Readonly<Record<string, string>>): Promise<Board> {
  const board = new Board({
    screen,
    library,
    nameServers: [nameServer.addressAndPort],
    config: { ...config, targets: JSON.stringify({ ...targets, endsAlike: true }) },
  });
  board.simulator.start();
  try {
    await board.line(/^checks: done/, 300_000);
  } finally {
    await board.simulator.stop();
    for (const line of board.simulator.lines) {
      const [, name, result] = /^check: (.*) => (.*)$/.exec(line) ?? [];
      if (name !== undefined && result !== undefined) results.set(name, result);
    }
  }
  return board;
}

test.before(async () => {
  await buildTestModules({ 'contract-main': 'test/moddable/contract/main.ts' });
  writeData('contract', resources);
  const project = fileURLToPath(new URL('contract', import.meta.url));
  library = await buildFirmware('contract', { project });
  await play({});
});

for (const { name } of allChecks) {
  test(name, (t) => t.is(results.get(name), 'passed'));
}

for (const { name } of allReboots) {
  test.serial(name, async (t) => {
    const board = await play({ reboot: name });
    t.is(board.simulator.restarts, 1);
    t.is(results.get(name), 'passed');
  });
}
