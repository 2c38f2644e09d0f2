// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import {
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
} from '../../tools/platform/certificates.ts';
import { createOperation, findDevice, measurementsOf, trustAuthority } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, type RunningServer, type ServerOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, buildFirmware, Screen, writeData } from './bench.ts';

const DEVICE = 'simulated';
const PATIENCE_MS = 60_000;

const screen = await Screen.open();
const authority = await createAuthority('Platform');
const certificates = { authority: authority.certificate, server: await createServerCertificate(authority) };
const tenantRoot = await createAuthority('Tenant');
const intermediate = await createAuthority('Devices', { issuer: tenantRoot });
const device = await createDeviceCertificate(intermediate, DEVICE);
const stranger = await createAuthority('Stranger');
let library = '';

test.after.always(() => screen.close());

test.before(async () => {
  writeData('agent', {
    'ca.pem': authority.certificate,
    'stranger.pem': stranger.certificate,
    'device.pem': device.chain,
    'device-key.pem': device.privateKey,
  });
  // The package's own manifest, with nothing but these files added.
  library = await buildFirmware('agent', { project: fileURLToPath(new URL('agent', import.meta.url)) });
});

interface Scene {
  readonly platform: Platform;
  readonly server: RunningServer;
  readonly board: Board;
}

async function start(
  t: ExecutionContext,
  config: (server: RunningServer, platform: Platform) => Readonly<Record<string, string>>,
  options: ServerOptions = {},
): Promise<Scene> {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ ...options, platform });
  t.teardown(() => server.close());
  const common = { url: server.url, deviceId: DEVICE, measurementInterval: '2' };
  const board = new Board({ screen, library, config: { ...common, ...config(server, platform) } });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  return { platform, server, board };
}

async function succeeds(platform: Platform, fragments: Readonly<Record<string, Record<string, string>>>) {
  const id = findDevice(platform, DEVICE)?.id ?? '';
  const operation = createOperation(platform, id, fragments);
  await until(
    () => operation.status === 'SUCCESSFUL',
    () => JSON.stringify(operation.fragments),
    2 * PATIENCE_MS,
  );
}

/** What the platform sees of a device is the same on every rung. */
async function livesAsAlways(t: ExecutionContext, { platform, board }: Scene): Promise<void> {
  await board.line(/listening for operations/);
  const id = findDevice(platform, DEVICE)?.id ?? '';
  t.not(id, '');
  await until(() => measurementsOf(platform, id).length >= 3, 'no measurements', PATIENCE_MS);
  await succeeds(platform, { c8y_Command: { text: 'help' } });
  await succeeds(platform, { c8y_Restart: {} });
  t.is(board.simulator.restarts, 1);
  const count = measurementsOf(platform, id).length;
  await until(() => measurementsOf(platform, id).length >= count + 2, 'no measurements after it', PATIENCE_MS);
  t.deepEqual(platform.breaches, []);
}

test.serial('over HTTP: from credentials to measurements, operations and a restart', async (t) => {
  await livesAsAlways(t, await start(t, (_, platform) => bootstrapConfig(platform)));
});

test.serial('over TLS', async (t) => {
  const config = (_: RunningServer, platform: Platform) => ({ ...bootstrapConfig(platform), ca: 'ca.pem' });
  await livesAsAlways(t, await start(t, config, { tls: true, certificates }));
});

test.serial('with mutual TLS: a certificate in place of credentials', async (t) => {
  const config = ({ tokenUrl = '' }: RunningServer, platform: Platform) => {
    trustAuthority(platform, tenantRoot.certificate);
    return { auth: 'certificate', tokenUrl, ca: 'ca.pem', certificate: 'device.pem', privateKey: 'device-key.pem' };
  };
  await livesAsAlways(t, await start(t, config, { tls: true, certificates }));
});

test.serial('a server that is not trusted gets no word from the device', async (t) => {
  const config = (_: RunningServer, platform: Platform) => ({ ...bootstrapConfig(platform), ca: 'stranger.pem' });
  const { board, platform } = await start(t, config, { tls: true, certificates });
  await board.line(/not trusted/);
  t.is(findDevice(platform, DEVICE), undefined);
  t.is(board.simulator.restarts, 0);
});

for (const tls of [false, true]) {
  test.serial(`long polls that go wrong, over ${tls ? 'TLS' : 'HTTP'}: no operation is lost`, async (t) => {
    const config = (_: RunningServer, platform: Platform) => ({
      ...bootstrapConfig(platform),
      ...(tls ? { ca: 'ca.pem' } : {}),
    });
    const scene = await start(t, config, tls ? { tls, certificates } : {});
    const { platform, board } = scene;
    await board.line(/listening for operations/);
    const poll = { channel: '/meta/connect' };
    for (const act of [
      { kind: 'cut', ms: 300 },
      { kind: 'dropBefore' },
      { kind: 'dropAfter' },
      { kind: 'truncate', bytes: 20 },
      { kind: 'status', status: 503, html: true },
      { kind: 'trickle', ms: 2 },
      { kind: 'empty' },
    ] as const) {
      platform.order({ ...poll, ...act });
      await succeeds(platform, { c8y_Command: { text: 'help' } });
    }
    t.is(board.simulator.restarts, 0);
    t.deepEqual(platform.breaches, []);
  });
}
