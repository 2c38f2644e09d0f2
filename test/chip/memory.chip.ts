// SPDX-License-Identifier: Apache-2.0
/** What the firmware takes of a chip's memory, phase by phase; with `--figures` docs/memory.md says so. */

import test, { type ExecutionContext } from 'ava';
import { firmwareFile } from '../../tools/moddable/firmware/firmware-file.ts';
import { HOST_ADDRESS } from '../../tools/moddable/qemu.ts';
import { ROOT } from '../../tools/moddable/sdk.ts';
import {
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
} from '../../tools/platform/certificates.ts';
import { createBinary, measurementsOf } from '../../tools/platform/operator.ts';
import { startServer } from '../../tools/platform/server.ts';
import { LARGE, SMALL } from '../moddable/memory/creation.ts';
import { until } from '../support/until.ts';
import { buildImage, type Firmware, qemu, writeProject } from './bench.ts';
import { blockFreeBytes, type Row, readTaken, type Taken, worst, writeTaken } from './memory/figures.ts';
import { asSeen, DEVICE, PATIENCE_MS, type SceneOptions, start, withWifi } from './scene.ts';

const OUTAGE_MS = 55_000;
const BATCH = 50;
const OPERATIONS = 4;
/** With what is around it, as much as fits into one record of TLS. */
const LARGE_BYTES = 15_000;
/** The memory of the engine: one block on a C3; on the others parts of their own, which do not grow. */
const CREATION = qemu.chip.name === 'ESP32-C3' ? SMALL : LARGE;
/** What sees a firmware's memory. */
const MODULES = `${ROOT}/test/chip/memory`;
/** Of each part of the engine's memory, in percent. */
const LEAST_FREE_PERCENT = 25;

/** Of a firmware that is no whole one, so that its device goes on without a restart. */
const DOWNLOAD_BYTES = 200_000;
/** Lines of the log that is sent, as many as it keeps. */
const LOG_LINES = 120;

let firmware: Firmware;
const lives: Row[][] = [];
const transfers: Row[] = [];

test.before(async () => {
  if (!qemu.hasWifi) return;
  const modules = { main: `${MODULES}/main`, watch: `${MODULES}/watch` };
  firmware = await buildImage(writeProject('deeds', '1.0.0', undefined, { modules, preload: ['main', 'watch'] }));
});

/** From the start to a batch after an outage, over TLS. */
async function live(t: ExecutionContext, options: SceneOptions): Promise<void> {
  const rows: Row[] = [];
  const { platform, board, server, id, ended } = await start(t, firmware, {
    ...options,
    config: { ...options.config, measurementInterval: '1' },
  });
  const passed = async (phase: string) => {
    rows.push({ phase, taken: await readTaken(board) });
  };
  await board.line(/^memory: /);
  await passed('`main` has returned');
  await board.line(/listening for operations/);
  const count = () => measurementsOf(platform, id()).length;
  const measured = async (more: number) => {
    const before = count();
    await until(() => count() >= before + more, 'no measurements', PATIENCE_MS);
  };
  await measured(2);
  await passed('TLS handshake, credentials, registration, first long poll');
  const succeeds = async (fragments: Readonly<Record<string, Record<string, string>>>) => {
    t.is((await ended(fragments)).status, 'SUCCESSFUL');
    await measured(2);
  };
  for (let i = 0; i < OPERATIONS; i++) await succeeds({ c8y_Command: { text: i % 2 === 0 ? 'help' : 'status' } });
  await passed('operations and measurements, poll held');
  await succeeds({ c8y_Command: { text: 'help' }, c8y_Large: { text: 'x'.repeat(LARGE_BYTES) } });
  await passed('an operation in a TLS record of 16 KB');
  const { port } = new URL(server.url);
  const tokenPort = server.tokenUrl === undefined ? undefined : Number(new URL(server.tokenUrl).port);
  await server.close();
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  await passed('a minute without the server');
  const again = await startServer({
    ...options.server,
    platform,
    port: Number(port),
    ...(tokenPort !== undefined && { tokenPort }),
  });
  t.teardown(() => again.close());
  await measured(BATCH);
  await succeeds({ c8y_Command: { text: 'help' } });
  await passed(`a batch of ${BATCH}, poll held`);
  t.deepEqual(platform.breaches, []);
  lives.push(rows);
  hasRoom(t, rows);
}

/** Whether a quarter of the engine's stack was always free, and of the block of a C3. */
function hasRoom(t: ExecutionContext, rows: readonly Row[]): void {
  const { taken = NOTHING } = rows.at(-1) ?? {};
  t.log(JSON.stringify(taken));
  t.true(taken.taskFreeBytes > 0 && taken.heapFreeBytes > 0, JSON.stringify(taken));
  const most = (all: number) => all * (1 - LEAST_FREE_PERCENT / 100);
  t.true(taken.stackSlots <= most(CREATION.stack), JSON.stringify(taken));
  if (CREATION.static > 0) {
    t.log(`${blockFreeBytes(taken)} bytes of ${CREATION.static} free`);
    t.true(CREATION.static - blockFreeBytes(taken) <= most(CREATION.static), JSON.stringify(taken));
  } else {
    // Garbage is collected when a part is full, so how much is live is seen in the simulator alone.
    t.true(taken.slots <= CREATION.heap.initial && taken.chunkBytes <= CREATION.chunk.initial, 'nothing grows');
  }
}

const NOTHING: Taken = { slots: 0, chunkBytes: 0, stackSlots: 0, taskFreeBytes: 0, heapFreeBytes: 0, heapBytes: 0 };

/** A platform that the board knows by a CA of its own. */
async function overTls(): Promise<SceneOptions> {
  const authority = await createAuthority('Platform');
  const server = await createServerCertificate(authority, { addresses: ['127.0.0.1', HOST_ADDRESS] });
  const certificates = { authority: authority.certificate, server };
  return { config: { ca: 'ca' }, files: { ca: authority.certificate }, server: { tls: true, certificates } };
}

withWifi('over TLS, with a password', async (t) => {
  await live(t, await overTls());
});

withWifi('with mutual TLS', async (t) => {
  const authority = await createAuthority('Platform');
  const tenantRoot = await createAuthority('Tenant');
  const identity = await createDeviceCertificate(tenantRoot, DEVICE);
  const server = await createServerCertificate(authority, { addresses: ['127.0.0.1', HOST_ADDRESS] });
  const certificates = { authority: authority.certificate, server };
  const files = { ca: authority.certificate, certificate: identity.certificate, privateKey: identity.privateKey };
  const config = { auth: 'certificate', ca: 'ca', certificate: 'certificate', privateKey: 'privateKey' };
  await live(t, { config, files, server: { tls: true, certificates }, trusted: tenantRoot.certificate });
});

/** The product of an author whose firmware comes from the platform, and whose log can be read there. */
function writeTransfers(): string {
  return writeProject(
    'deeds',
    '1.0.0',
    `import { app as usual, startWith } from 'fractus/board';
     import { command, firmware, logs, restart } from 'fractus/capabilities';
     import { PARTS } from 'fractus/parts';

     const CAPABILITIES = [restart, command, firmware, logs()];

     const app = (board) => {
       usual(board);
       for (let i = 0; i < ${LOG_LINES}; i++) board.hal.log('info', 'a line of eighty characters is what a person can read without a turn: ' + i);
     };

     export default () => startWith(app, { capabilities: CAPABILITIES, parts: PARTS });
    `,
    {
      modules: { main: `${MODULES}/author`, watch: `${MODULES}/watch`, author: './build/main' },
      preload: ['main', 'watch', 'author'],
    },
  );
}

withWifi('a download and an upload over TLS', async (t) => {
  const image = await buildImage(writeTransfers());
  const { platform, board, id, ended, server } = await start(t, image, await overTls());
  await board.line(/listening for operations/);
  const measured = async () => {
    const before = measurementsOf(platform, id()).length;
    await until(() => measurementsOf(platform, id()).length > before + 1, 'no measurements', PATIENCE_MS);
  };
  const passed = async (phase: string) => {
    await measured();
    transfers.push({ phase, taken: await readTaken(board) });
  };
  await passed('with `firmware` and `logs()`: first long poll');
  const file = firmwareFile(image.app.subarray(0, DOWNLOAD_BYTES), { name: 'deeds', version: '2.0.0' });
  const url = `${asSeen(server.url)}/inventory/binaries/${createBinary(platform, file).id}`;
  const refused = await ended({ c8y_Firmware: { name: 'deeds', version: '2.0.0', url } });
  t.is(refused.status, 'FAILED', JSON.stringify(refused));
  // All of it has come: what is refused is the image.
  t.notRegex(String(refused.fragments['failureReason']), /download|bytes of/, JSON.stringify(refused));
  await passed('a download of 200 KB');
  const sent = await ended({ c8y_LogfileRequest: { logFile: 'agent' } });
  t.is(sent.status, 'SUCCESSFUL', JSON.stringify(sent));
  await passed('an upload of a log');
  t.deepEqual(platform.breaches, []);
  hasRoom(t, transfers);
});

withWifi('what all of them take goes into the documentation, when it is asked for', async (t) => {
  t.is(lives.length, 2);
  const rows = (lives[0] ?? []).map(({ phase }, at) => ({
    phase,
    taken: worst(lives.map((life) => life[at]?.taken ?? NOTHING)),
  }));
  // They are those of a C3, which has the least.
  if (process.env['FRACTUS_FIGURES'] === 'yes' && CREATION.static > 0) t.log(await writeTaken([...rows, ...transfers]));
});
