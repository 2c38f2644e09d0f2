// SPDX-License-Identifier: Apache-2.0
/** What an author has listed, on an emulated chip: `c8y_Firmware` as the platform sends it, sleep, and an output. */

import test from 'ava';
import { firmwareFile } from '../../tools/moddable/firmware/firmware-file.ts';
import { OTHER_WIFI_NAME, WIFI_NAME } from '../../tools/moddable/qemu.ts';
import { createBinary, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { Board, buildImage, type Firmware, qemu, writeProject } from './bench.ts';
import { asSeen, DEVICE, PATIENCE_MS, type Scene, start, withWifi } from './scene.ts';
import { missingWake } from './wake.ts';

/** Of the folder, too, where what was compiled for others is. */
const NAME = 'deeds';
const NAP_MS = 5000;
/** Of another network: the shortest that is allowed. */
const TRIAL_S = 60;

const missing = qemu.hasWifi ? missingWake(qemu) : 'this QEMU has no Wi-Fi';
const withWake = testWith(missing, test.serial);

let first: Firmware;
let second: Firmware;

test.before(async () => {
  first = await buildImage(writeAuthors('1.0.0'));
  second = await buildImage(writeAuthors('2.0.0'));
});

/** The product of an author who updates firmware from the platform, with a command after which the board sleeps. */
function writeAuthors(version: string): string {
  return writeProject(
    NAME,
    version,
    `import { app as usual, startWith } from 'fractus/board';
     import { command, firmware, network, restart } from 'fractus/capabilities';
     import { PARTS } from 'fractus/parts';
     import { pwmOutput } from 'fractus/pins';
     import { sleep } from 'fractus/sleep';

     const CAPABILITIES = [restart, command, firmware, network({ trialS: ${TRIAL_S} })];
     const actuators = { fan: pwmOutput({ pin: 4 }) };

     const app = (board) => {
       usual(board);
       board.hal.actuators.fan.write(0.25);
       board.hal.log('info', 'the fan turns');
       board.command({
         name: 'nap',
         help: 'sleep',
         run() {
           sleep(board, ${NAP_MS});
           return 'good night';
         },
       });
     };

     export default () => startWith(app, { actuators, capabilities: CAPABILITIES, parts: PARTS });
    `,
  );
}

test.serial(
  'PWM: a pin can be opened and written to, whether or not the provider of the board has the class',
  async (t) => {
    const board = new Board(t, first, { url: 'http://192.168.4.2', deviceId: DEVICE });
    board.chip.powerOn();
    const at = await board.line(/^info: the fan turns/);
    t.deepEqual(
      board.chip.lines.slice(0, at).filter((line) => line.startsWith('error: ')),
      [],
    );
  },
);

/** The operation, for the bytes of a file of this version. */
async function update({ platform, server, ended }: Scene, version: string, file: Uint8Array) {
  const url = `${asSeen(server.url)}/inventory/binaries/${createBinary(platform, file).id}`;
  return await ended({ c8y_Firmware: { name: NAME, version, url } });
}

/** What the platform shows as the device's firmware. */
function inventory({ platform }: Scene) {
  return findDevice(platform, DEVICE)?.fragments['c8y_Firmware'];
}

withWifi('a new firmware, sent by the platform: checked, on trial, kept', async (t) => {
  const scene = await start(t, first);
  const { board, platform } = scene;
  await board.line(/listening for operations/);
  await board.ask('status', /^firmware +deeds 1\.0\.0/);
  const from = board.chip.lines.length;
  t.like(inventory(scene), { name: NAME, version: '1.0.0' });
  const operation = await update(scene, '2.0.0', firmwareFile(second.app, { name: NAME, version: '2.0.0' }));
  t.is(operation.status, 'SUCCESSFUL', JSON.stringify(operation));
  await board.line(/the new firmware is kept/, from);
  await board.ask('status', /^firmware +deeds 2\.0\.0/);
  t.like(inventory(scene), { name: NAME, version: '2.0.0' });
  t.deepEqual(platform.breaches, []);
});

withWifi('an image that is damaged behind its head is not started, whatever its file says', async (t) => {
  const scene = await start(t, first);
  const { board, platform } = scene;
  await board.line(/listening for operations/);
  // The digest of the file is right: only ESP-IDF's own check knows better.
  const image = Buffer.from(second.app);
  const middle = image.length >> 1;
  image[middle] = ~(image[middle] ?? 0) & 0xff;
  const operation = await update(scene, '2.0.0', firmwareFile(image, { name: NAME, version: '2.0.0' }));
  t.is(operation.status, 'FAILED');
  await board.ask('status', /^firmware +deeds 1\.0\.0/);
  t.like(inventory(scene), { name: NAME, version: '1.0.0' });
  t.deepEqual(platform.breaches, []);
});

/**
 * A link that is lost closes no connection, so the platform holds the connect of before until TCP gives up. The board
 * knows that it is lost.
 */
const HALF_OPEN = 'second-connect';

/** The network that the platform shows. */
function networkName({ platform }: Scene): unknown {
  const shown = findDevice(platform, DEVICE)?.fragments['c8y_Network'] as
    | { fractus_WiFi?: { name?: unknown } }
    | undefined;
  return shown?.fractus_WiFi?.name;
}

withWifi('another network: the link is lost, the other one is joined, and kept over a restart', async (t) => {
  const scene = await start(t, first);
  const { board, platform, id, ended } = scene;
  await board.line(/listening for operations/);
  const operation = await ended({ c8y_Network: { fractus_WiFi: { name: OTHER_WIFI_NAME } } });
  t.is(operation.status, 'SUCCESSFUL', JSON.stringify(operation));
  t.is(networkName(scene), OTHER_WIFI_NAME);
  const from = board.chip.lines.length;
  board.chip.type('restart');
  await board.line(/listening for operations/, from);
  await board.ask('show', new RegExp(`^wifiName=${OTHER_WIFI_NAME} \\(this board\\)`));
  const before = measurementsOf(platform, id()).length;
  await until(() => measurementsOf(platform, id()).length > before, 'no measurements', PATIENCE_MS);
  t.deepEqual(
    platform.breaches.filter(({ rule }) => rule !== HALF_OPEN),
    [],
  );
});

withWifi('a network that is not there: the link is back, and with it what was measured meanwhile', async (t) => {
  const scene = await start(t, first);
  const { board, platform, id, ended } = scene;
  await board.line(/listening for operations/);
  const operation = await ended({ c8y_Network: { fractus_WiFi: { name: 'Nowhere' } } });
  t.is(operation.status, 'FAILED', JSON.stringify(operation));
  t.is(networkName(scene), WIFI_NAME);
  const count = measurementsOf(platform, id()).length;
  await until(() => measurementsOf(platform, id()).length >= count + 5, 'no measurements', PATIENCE_MS);
  const times = measurementsOf(platform, id()).map(({ timeMs }) => timeMs);
  t.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  t.deepEqual(
    platform.breaches.filter(({ rule }) => rule !== HALF_OPEN),
    [],
  );
});

withWake(
  'deep sleep: all is sent before, and after it the board knows why it starts and what the time is',
  async (t) => {
    const { board, platform, id, ended } = await start(t, first);
    await board.line(/listening for operations/);
    const from = board.chip.lines.length;
    const operation = await ended({ c8y_Command: { text: 'nap' } });
    t.is(operation.status, 'SUCCESSFUL', JSON.stringify(operation));
    await board.line(/^info: fractus .*, start 2 \(deep-sleep\)/, from);
    await board.line(/listening for operations/, from);
    const before = measurementsOf(platform, id()).length;
    await until(() => measurementsOf(platform, id()).length > before + 1, 'no measurements', PATIENCE_MS);
    const times = measurementsOf(platform, id()).map(({ timeMs }) => timeMs);
    t.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    t.true(Math.max(...gaps) >= NAP_MS, String(gaps));
    t.deepEqual(platform.breaches, []);
  },
);
