// SPDX-License-Identifier: Apache-2.0
/** What an emulated chip does in a network: QEMU's, with this machine's loopback in it. */

import test, { type ExecutionContext } from 'ava';
import { HOST_ADDRESS, WIFI_NAME } from '../../tools/moddable/qemu.ts';
import {
  type Authority,
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
  type Identity,
} from '../../tools/platform/certificates.ts';
import { createOperation, findDevice, measurementsOf, trustAuthority } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import {
  machineOptions,
  type RunningServer,
  type ServerCertificates,
  type ServerOptions,
  startServer,
} from '../../tools/platform/server.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { Board, buildImage, type Firmware, qemu } from './bench.ts';

const DEVICE = 'emulated';
const PATIENCE_MS = 300_000;
const withWifi = testWith(qemu.hasWifi ? undefined : 'this QEMU has no Wi-Fi', test.serial);

let firmware: Firmware;

let authority: Authority;
let identity: Identity;
let tenantRoot: Authority;
let certificates: ServerCertificates;

test.before(async () => {
  if (!qemu.hasWifi) return;
  firmware = await buildImage();
  authority = await createAuthority('Platform');
  const server = await createServerCertificate(authority, { addresses: ['127.0.0.1', HOST_ADDRESS] });
  certificates = { authority: authority.certificate, server };
  tenantRoot = await createAuthority('Tenant');
  identity = await createDeviceCertificate(tenantRoot, DEVICE);
});

interface Scene {
  readonly platform: Platform;
  readonly board: Board;
  readonly server: RunningServer;
}

async function start(
  t: ExecutionContext,
  config: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  options: ServerOptions = {},
): Promise<Scene> {
  const platform = new Platform(machineOptions({ accept: true }));
  platform.settings.hosts = [HOST_ADDRESS];
  const running = await startServer({ ...options, platform });
  t.teardown(() => running.close());
  const { tenant, name, password = '' } = platform.core.bootstrap;
  const common = {
    url: asSeen(running.url),
    deviceId: DEVICE,
    wifiName: WIFI_NAME,
    measurementInterval: '2',
    bootstrapUser: `${tenant}/${name}`,
    bootstrapPassword: password,
  };
  const board = new Board(t, firmware, { ...common, ...config }, files);
  if (files['certificate'] !== undefined) {
    trustAuthority(platform, tenantRoot.certificate);
    board.set({ ...common, ...config, tokenUrl: asSeen(running.tokenUrl ?? '') }, files);
  }
  board.chip.powerOn();
  return { platform, server: running, board };
}

/** The loopback of this machine has another address there. */
function asSeen(url: string): string {
  return url.replace(/127\.0\.0\.1|localhost/, HOST_ADDRESS);
}

async function succeeds(
  platform: Platform,
  fragments: Readonly<Record<string, Record<string, string>>>,
): Promise<void> {
  const operation = createOperation(platform, findDevice(platform, DEVICE)?.id ?? '', fragments);
  await until(
    () => operation.status === 'SUCCESSFUL',
    () => JSON.stringify(operation),
    PATIENCE_MS,
  );
}

/** What the platform sees of a device is the same on every rung. */
async function livesAsAlways(t: ExecutionContext, { platform, board }: Scene): Promise<void> {
  await board.line(/listening for operations/);
  const id = findDevice(platform, DEVICE)?.id ?? '';
  t.not(id, '');
  await until(() => measurementsOf(platform, id).length >= 2, 'no measurements', PATIENCE_MS);
  await succeeds(platform, { c8y_Command: { text: 'help' } });
  const from = board.chip.lines.length;
  await succeeds(platform, { c8y_Restart: {} });
  await board.line(/^info: fractus .*, start 2 \(software\)/, from);
  await board.line(/listening for operations/, from);
  t.deepEqual(platform.breaches, []);
}

withWifi('over HTTP: from credentials to measurements, operations and a restart', async (t) => {
  await livesAsAlways(t, await start(t));
});

withWifi('over TLS, with a CA of the board itself', async (t) => {
  await livesAsAlways(t, await start(t, { ca: 'ca' }, { ca: authority.certificate }, { tls: true, certificates }));
});

withWifi('with mutual TLS: a certificate that a factory has given', async (t) => {
  const files = { ca: authority.certificate, certificate: identity.certificate, privateKey: identity.privateKey };
  const config = { auth: 'certificate', ca: 'ca', certificate: 'certificate', privateKey: 'privateKey' };
  await livesAsAlways(t, await start(t, config, files, { tls: true, certificates }));
});

withWifi('power cuts: what waits comes in order; what was under way may come again', async (t) => {
  const { platform, board } = await start(t);
  await board.line(/listening for operations/);
  const id = findDevice(platform, DEVICE)?.id ?? '';
  for (let cut = 0; cut < 2; cut++) {
    const count = measurementsOf(platform, id).length;
    await until(() => measurementsOf(platform, id).length >= count + 2, 'no measurements', PATIENCE_MS);
    await board.chip.powerOff();
    const from = board.chip.lines.length;
    board.chip.powerOn();
    await board.line(/listening for operations/, from);
  }
  const times = [...new Set(measurementsOf(platform, id).map(({ timeMs }) => timeMs))];
  t.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  t.deepEqual(platform.breaches, []);
});

withWifi('an outage: what was measured meanwhile comes afterwards', async (t) => {
  const { platform, board, server } = await start(t);
  await board.line(/listening for operations/);
  const id = findDevice(platform, DEVICE)?.id ?? '';
  await until(() => measurementsOf(platform, id).length >= 1, 'no measurements', PATIENCE_MS);
  const { port } = new URL(server.url);
  await server.close();
  await board.line(/next try|refused|unreachable|lost|not reached/);
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const again = await startServer({ platform, port: Number(port) });
  t.teardown(() => again.close());
  const count = measurementsOf(platform, id).length;
  await until(() => measurementsOf(platform, id).length >= count + 8, 'no measurements', PATIENCE_MS);
  const times = measurementsOf(platform, id).map(({ timeMs }) => timeMs);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  // The chip may be slower than its platform, and puts its clock right then.
  t.true(Math.max(...gaps) < 10_000, String(gaps));
});
