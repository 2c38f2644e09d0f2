// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findDevice } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { DeviceProcess, FRACTUS } from '../../support/device-process.ts';
import { createAll, DEVICE, Tenant } from '../../support/tenant.ts';
import { until } from '../../support/until.ts';

/** Runs `fractus connect` to its end. */
async function connect(t: ExecutionContext, ...args: string[]) {
  const child = new DeviceProcess(t, { command: [...FRACTUS, 'connect'], args });
  return { code: await child.exit(), output: child.output };
}

async function start(t: ExecutionContext) {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  return { platform, server, password: platform.core.bootstrap.password ?? '' };
}

test('a new device, a wrong password, and nobody there', async (t) => {
  const { server, password } = await start(t);
  const good = await connect(t, '--test', `url=${server.url}`, `bootstrapPassword=${password}`, 'deviceId=new');
  t.is(good.code, 0, good.output);
  t.regex(good.output, /^registration +pending +accept new on the platform/m);
  const wrong = await connect(t, '--test', `url=${server.url}`, 'bootstrapPassword=hunter2');
  t.is(wrong.code, 1);
  t.regex(wrong.output, /^credentials +failed +the platform refuses/m);
  t.false(wrong.output.includes('hunter2'));
  const refused = await connect(t, '--test', 'url=http://127.0.0.1:1', 'bootstrapPassword=hunter2');
  t.is(refused.code, 1);
  t.regex(refused.output, /^TCP +failed +port 1: the connection was refused/m);
});

test('who waits for an answer is told so', async (t) => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `url=http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = new DeviceProcess(t, {
    command: [...FRACTUS, 'connect'],
    args: ['--test', url, 'bootstrapPassword=x'],
  });
  await child.saying(/^TCP +ok/);
  await child.saying(/^waiting for an answer …$/);
  t.is(child.output.match(/waiting/g)?.length, 1);
});

test('a registered device, tested with the credentials in its directory', async (t) => {
  const { platform, server, password } = await start(t);
  const data = mkdtempSync(path.join(tmpdir(), 'fractus-connect-'));
  const args = ['--runtime', 'node', '--data', data, `url=${server.url}`, `bootstrapPassword=${password}`];
  const device = new DeviceProcess(t, { args: [...args, 'deviceId=known'] });
  await until(() => findDevice(platform, 'known') !== undefined, 'it is not registered');
  await device.saying(/listening for operations/);
  device.child.kill('SIGINT');
  await device.exit();
  const { code, output } = await connect(t, '--test', '--data', data, `url=${server.url}`, 'deviceId=known');
  t.is(code, 0, output);
  t.regex(output, /^credentials +ok +\w+\/device_known$/m);
  t.regex(output, /^registration +ok +known is registered$/m);
  t.deepEqual(platform.breaches, []);
});

test('a certificate: over TLS, and with one that nobody trusts', async (t) => {
  const certificates = await createAll();
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-connect-'));
  const write = (files: Readonly<Record<string, string>>) =>
    Object.entries(files).map(([name, content]) => {
      writeFileSync(path.join(directory, name), content);
      return `${name}=${path.join(directory, name)}`;
    });
  const { url, tokenUrl } = tenant.config;
  const keys = ['--test', `url=${url}`, `tokenUrl=${tokenUrl}`, 'auth=certificate', `deviceId=${DEVICE}`];
  const good = await connect(t, ...keys, ...write(tenant.files(certificates.device)));
  t.is(good.code, 0, good.output);
  t.regex(good.output, /^TLS +ok /m);
  t.regex(good.output, /^credentials +ok +the certificate$/m);
  t.regex(good.output, /^registration +pending /m);
  const stranger = await createAll();
  const bad = await connect(t, ...keys, ...write({ ...tenant.files(stranger.device) }));
  t.is(bad.code, 1);
  t.regex(bad.output, /^credentials +failed /m);
  const noCa = await connect(
    t,
    ...keys,
    ...write({ ...tenant.files(certificates.device), ca: stranger.server.authority }),
  );
  t.is(noCa.code, 1);
  t.regex(noCa.output, /^TLS +failed +the server certificate is not trusted/m);
});

test('bad arguments end it with 2 and the usage', async (t) => {
  for (const args of [[], ['--test', '--nothing'], ['--test', 'nokey=1', 'url=http://127.0.0.1']]) {
    const { code, output } = await connect(t, ...args);
    t.is(code, 2, output);
    t.regex(output, /usage: fractus connect --test/);
  }
});
