// SPDX-License-Identifier: Apache-2.0
/** From a port of an operator's machine over the platform and the device to a server and back, on real sockets. */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Hal, LogLevel } from '../../../hal/hal.ts';
import { Flash } from '../../../hal/node/flash.ts';
import { findApp } from '../../../tools/author/app.ts';
import { buildAll } from '../../../tools/build.ts';
import { NodeProgram, type Program } from '../../../tools/device/programs.ts';
import { VirtualDevice } from '../../../tools/device/virtual-device.ts';
import { ROOT } from '../../../tools/places.ts';
import { findDevice } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { usedBytes, type XsFigures } from '../../../tools/xs/figures.ts';
import { XsMachine } from '../../../tools/xs/machine.ts';
import { DeviceProcess, FRACTUS } from '../../support/device-process.ts';
import { testWith } from '../../support/needs.ts';
import { until } from '../../support/until.ts';
import { app } from './remote-app.ts';

const PASSWORD = 'the-operator-password';
const BYTES = 1024 * 1024;
/** Memory in use by a session, with a connection of either kind, in bytes. */
const SESSION_MAX_BYTES = 12_000;

const { bundle, host } = await buildAll({
  app: await findApp(path.join(ROOT, 'test/capabilities/remote/remote-app.ts')),
});
const directory = mkdtempSync(path.join(tmpdir(), 'fractus-remote-'));
process.once('exit', () => rmSync(directory, { recursive: true }));

for (const [runtime, tls] of [
  ['node', false],
  ['xs', false],
  ['node', true],
  ['xs', true],
] as const) {
  const declare = testWith(runtime === 'xs' ? host.reason : undefined);
  declare(
    `${runtime}: a megabyte goes to a server behind the device and comes back${tls ? ', over TLS' : ''}`,
    async (t) => {
      t.timeout(240_000, 'a megabyte both ways');
      const echo = await startEcho(t);
      const { platform, server, program, device, lines, failures } = await startAll(t, runtime, tls, echo.port);
      const { core } = platform;
      const ca = path.join(directory, `${runtime}-${tls}.pem`);
      writeFileSync(ca, server.authority ?? '');
      const env = {
        NODE_EXTRA_CA_CERTS: tls ? ca : '',
        C8Y_BASEURL: server.url,
        C8Y_TENANT: core.tenant,
        C8Y_USER: 'admin',
        C8Y_PASSWORD: PASSWORD,
      };
      const remote = new DeviceProcess(t, {
        command: [...FRACTUS, 'remote'],
        args: ['board-1', `127.0.0.1:${echo.port}`],
        env,
      });
      const opened = /^127\.0\.0\.1:(\d+) leads to/m;
      await remote.saying(opened);
      const port = opened.exec(remote.output)?.[1];
      const before = await program.measure?.();
      const { sent, received, end } = await talk(Number(port));
      t.is(received, sent);
      const after = await program.measure?.();
      if (before !== undefined && after !== undefined) {
        t.log(`in use: ${usedBytes(before)} bytes before the session, ${usedBytes(after)} at its end`);
        t.true(usedBytes(after) - usedBytes(before) < SESSION_MAX_BYTES);
      }
      const operations = [...core.operations.values()];
      t.deepEqual(
        operations.map(({ status }) => status),
        ['SUCCESSFUL'],
      );
      end();
      await until(
        () => lines.some((line) => line.includes(`${BYTES} bytes from it, ${BYTES} to it`)),
        () => lines.join('\n'),
      );
      t.deepEqual(platform.breaches, []);
      t.false(remote.output.includes(PASSWORD));
      remote.child.kill('SIGINT');
      t.is(await remote.exit(), 0);
      t.is(core.remoteAccess.configurations.size, 0);
      await device.stop();
      t.deepEqual(failures, []);
    },
  );
}

/** The bundle on XS; it measures memory in use, without garbage. */
class MeasuredXs implements Program {
  readonly #bundle: string;
  readonly #config: Readonly<Record<string, string>>;
  readonly #onTrouble: (error: Error) => void;
  #machine: XsMachine | undefined;

  constructor(bundle: string, config: Readonly<Record<string, string>>, onTrouble: (error: Error) => void) {
    this.#bundle = bundle;
    this.#config = config;
    this.#onTrouble = onTrouble;
  }

  async boot(hal: Hal): Promise<void> {
    if (!host.available) throw new Error(host.reason);
    const onExit = this.#onTrouble;
    this.#machine ??= new XsMachine({ host, bundle: this.#bundle, config: this.#config, hal, onAbort: onExit, onExit });
    await this.#machine.boot(hal);
  }

  measure(): Promise<XsFigures> | undefined {
    return this.#machine?.measure({ collect: true });
  }

  async stop(timeoutMs: number): Promise<boolean> {
    return (await this.#machine?.stop(timeoutMs)) ?? true;
  }
}

async function startEcho(t: ExecutionContext) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port };
}

async function startAll(t: ExecutionContext, runtime: 'node' | 'xs', tls: boolean, port: number) {
  const platform = new Platform(machineOptions({ accept: true, operator: { user: 'admin', password: PASSWORD } }));
  const server = await startServer({ platform, tls });
  t.teardown(() => server.close());
  const failures: string[] = [];
  const lines: string[] = [];
  const config = {
    url: server.url,
    bootstrapPassword: platform.core.bootstrap.password ?? '',
    deviceId: 'board-1',
    acme_port: String(port),
    ...(tls ? { ca: 'ca.pem' } : {}),
  };
  const onTrouble = (error: Error) => void failures.push(error.message);
  const program: Program =
    runtime === 'node' ? new NodeProgram(config, app) : new MeasuredXs(bundle.path, config, onTrouble);
  const device = new VirtualDevice({
    flash: new Flash({ mac: '02aabbccddee' }),
    program,
    firmware: bundle.firmware,
    resources: tls ? { 'ca.pem': Buffer.from(server.authority ?? '') } : {},
    log: (level: LogLevel, line: string) => void lines.push(`${level} ${line}`),
  });
  device.failure.catch((error: Error) => failures.push(error.message));
  t.teardown(() => device.stop());
  device.start();
  await until(
    () => lines.some((line) => line.includes('listening for operations')),
    () => `${lines.join('\n')}\n${failures.join('\n')}`,
  );
  t.truthy(findDevice(platform, 'board-1'));
  return { platform, server, program, device, lines, failures };
}

/** Sends a megabyte and reads the echo; returns the digests of both. */
async function talk(port: number) {
  const bytes = randomBytes(BYTES);
  const back = createHash('sha256');
  let count = 0;
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('data', (piece) => {
    count += piece.length;
    back.update(piece);
  });
  socket.write(bytes);
  await until(
    () => count >= BYTES,
    () => `${count} of ${BYTES} bytes came back`,
    200_000,
  );
  return {
    sent: createHash('sha256').update(bytes).digest('hex'),
    received: back.digest('hex'),
    end: () => socket.destroy(),
  };
}
