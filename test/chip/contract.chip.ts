// SPDX-License-Identifier: Apache-2.0
/** The contract of hal/hal.ts on an emulated chip, by the checks that any HAL must pass. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HOST_ADDRESS, WIFI_NAME } from '../../tools/moddable/qemu.ts';
import { allChecks, allReboots, firmwareRebootChecks } from '../hal/contract.ts';
import { startServers } from '../hal/servers.ts';
import { testWith } from '../support/needs.ts';
import { Board, buildImage, directory, type Firmware, qemu, writeOwnProject } from './bench.ts';
import { missingNames, startNames } from './names.ts';

/** Of the folder, too, where what was compiled for others is. */
const NAME = 'deeds';
const PATIENCE_MS = 1_800_000;
const HOST = 'contract.test';
/** In the emulated network, where nobody is. */
const NOBODY = '192.168.4.77';
const NAMES = {
  [HOST]: [HOST_ADDRESS],
  'second.test': [NOBODY, HOST_ADDRESS],
  'neither.test': [NOBODY, HOST_ADDRESS],
};
/** The emulated network has one address with servers, and this needs two. */
const TWO_SERVERS = 'names: what TLS refuses at the first address is told, though the second would do';

const missing = qemu.hasWifi ? missingNames : 'this QEMU has no Wi-Fi';
const withNames = testWith(missing, test.serial);
const { targets, resources, close } = await startServers({ address: HOST_ADDRESS, name: HOST });
test.after.always(() => close());

/** How each has ended: what the console has said. */
const results = new Map<string, string>();
let firmware: Firmware;

async function play(t: ExecutionContext, config: Readonly<Record<string, string>> = {}): Promise<Board> {
  const shown = JSON.stringify({ ...targets, endsAlike: true });
  const runner = await startNames(t, NAMES);
  const settings = { wifiName: WIFI_NAME, targets: shown, nowMs: String(Date.now()), ...config };
  const board = new Board(t, firmware, settings, {}, runner);
  board.chip.powerOn();
  try {
    await board.line(/^checks: done/, 0, PATIENCE_MS);
  } finally {
    for (const line of board.chip.lines) {
      const [, name, result] = /^check: (.*) => (.*)$/.exec(line) ?? [];
      if (name !== undefined && result !== undefined) results.set(name, result);
    }
  }
  return board;
}

test.before(async () => {
  if (missing !== undefined) return;
  const data = directory('contract');
  rmSync(data, { recursive: true });
  mkdirSync(data);
  for (const [name, bytes] of Object.entries(resources)) writeFileSync(path.join(data, name), bytes);
  const manifest = { data: { '*': `${data}/*` } };
  firmware = await buildImage(await writeOwnProject(NAME, 'test/moddable/contract/main.ts', manifest));
});

withNames('all checks are played', async (t) => {
  t.timeout(PATIENCE_MS);
  const board = await play(t);
  // Nothing of it was said in another life.
  t.is(board.chip.lines.filter((line) => line.startsWith('checks: done')).length, 1);
});

for (const { name } of allChecks) {
  const withAll = name === TWO_SERVERS ? testWith('the emulated network has one address with servers') : withNames;
  withAll(name, (t) => void t.is(results.get(name), 'passed'));
}

for (const { name } of allReboots.filter((check) => !firmwareRebootChecks.includes(check))) {
  withNames(name, async (t) => {
    await play(t, { reboot: name });
    t.is(results.get(name), 'passed');
  });
}
