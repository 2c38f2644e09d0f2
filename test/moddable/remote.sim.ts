// SPDX-License-Identifier: Apache-2.0
/** Remote access and services over the sockets and the TLS of the SDK. */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket as NetSocket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createAuthority, createServerCertificate } from '../../tools/platform/certificates.ts';
import { openSession } from '../../tools/platform/operations/remote-access.ts';
import { createOperation, findDevice } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, Screen } from './bench.ts';
import { buildOwnFirmware } from './own-firmware.ts';

const BYTES = 256 * 1024;
const GREETING = 'SSH-2.0-host\r\n';
const PATIENCE_MS = 120_000;

const screen = await Screen.open();
const authority = await createAuthority('Platform');
const certificates = { authority: authority.certificate, server: await createServerCertificate(authority) };
/** Greets, and sends back what it gets. */
const hosted: NetSocket[] = [];
const host = createServer((socket) => {
  hosted.push(socket);
  socket.on('error', () => {});
  socket.write(GREETING);
  socket.pipe(socket);
});
let library = '';
let port = 0;

test.after.always(() => {
  host.close();
  for (const socket of hosted) socket.destroy();
  return screen.close();
});

test.before(async () => {
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  port = (host.address() as AddressInfo).port;
  const source = `
    import { startWith } from 'fractus/board';
    import { configuration, remoteAccess, services } from 'fractus/capabilities';
    import { PARTS } from 'fractus/parts';
    const allow = [{ host: '127.0.0.1', port: ${port} }];
    const commands = ['START', 'STOP'];
    const remote = remoteAccess({ allow });
    const app = (board) => services(board, [{ name: 'pump', type: 'driver', status: 'up', commands, onCommand(command, service) {
      service.status = command === 'START' ? 'up' : 'down';
    } }]);
    export default () => void startWith(app, { capabilities: [configuration, remote], parts: PARTS });`;
  library = await buildOwnFirmware('remote', source, authority.certificate);
});

async function start(t: ExecutionContext, tls: boolean) {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform, ...(tls ? { tls, certificates } : {}) });
  t.teardown(() => server.close());
  const config = {
    url: server.url,
    ...bootstrapConfig(platform),
    deviceId: 'remote',
    ...(tls ? { ca: 'ca.pem' } : {}),
  };
  const board = new Board({ screen, library, config });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  await board.line(/listening for operations/);
  return { platform, board, id: findDevice(platform, 'remote')?.id ?? '' };
}

/** An operator calls. */
function call({ platform, id }: { platform: Platform; id: string }) {
  const made = { received: Buffer.alloc(0), closed: '' };
  const target = { hostname: '127.0.0.1', port };
  const opened = openSession(platform.core, id, target, {
    send(bytes, onSent) {
      made.received = Buffer.concat([made.received, bytes]);
      onSent();
    },
    close(code, reason) {
      made.closed = `${code} ${reason}`.trim();
    },
  });
  return Object.assign(made, opened);
}

for (const tls of [false, true]) {
  test.serial(`bytes go to a host behind the board and come back, over ${tls ? 'TLS' : 'HTTP'}`, async (t) => {
    const scene = await start(t, tls);
    const { platform, board } = scene;
    const session = call(scene);
    const bytes = randomBytes(BYTES);
    for (let at = 0; at < BYTES; at += 32_768) session.listener.onMessage(bytes.subarray(at, at + 32_768), () => {});
    await until(
      () => session.received.length >= GREETING.length + BYTES,
      () => `${session.received.length} bytes; ${session.closed}\n${board.simulator.lines.slice(-8).join('\n')}`,
      PATIENCE_MS,
    );
    t.is(session.operation.status, 'SUCCESSFUL');
    t.is(session.received.subarray(0, GREETING.length).toString(), GREETING);
    const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
    t.is(digest(session.received.subarray(GREETING.length)), digest(bytes));
    // The host goes; in plain TCP a board cannot tell why, and all that was sent has arrived.
    hosted.at(-1)?.end('bye');
    await until(
      () => session.closed !== '',
      () => board.simulator.lines.slice(-8).join('\n'),
      PATIENCE_MS,
    );
    t.is(session.closed, '1000');
    t.true(session.received.toString('latin1').endsWith('bye'));
    // And another one, which the operator ends.
    const second = call(scene);
    await until(
      () => second.received.length >= GREETING.length,
      () => `${second.closed}\n${board.simulator.lines.slice(-8).join('\n')}`,
      PATIENCE_MS,
    );
    second.session.end();
    await board.line(/the session has ended: the platform has closed it/);
    t.is(board.simulator.restarts, 0);
    t.deepEqual(platform.breaches, []);
  });
}

test.serial('a service of the board is stopped by its operation', async (t) => {
  const { platform, board } = await start(t, false);
  const service = () => findDevice(platform, 'remote:service-pump');
  await until(() => service() !== undefined, 'no service');
  const operation = createOperation(platform, service()?.id ?? '', { c8y_ServiceCommand: { command: 'STOP' } });
  await until(
    () => operation.status === 'SUCCESSFUL',
    () => `${JSON.stringify(operation)}\n${board.simulator.lines.slice(-8).join('\n')}`,
    PATIENCE_MS,
  );
  t.is(service()?.fragments['status'], 'down');
  t.deepEqual(platform.breaches, []);
});
