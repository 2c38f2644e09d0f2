// SPDX-License-Identifier: Apache-2.0

import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CONFIG_KEYS } from '../../../../src/config.ts';
import { createOperation, findDevice } from '../../../../tools/platform/operator.ts';
import { Platform } from '../../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../../tools/platform/server.ts';
import { testOnRuntimes } from '../../../support/device.ts';
import { DeviceProcess } from '../../../support/device-process.ts';
import { until } from '../../../support/until.ts';

const PASSWORD = 'a-secret-of-the-desk';
const LISTENING = /listening for operations/;

const bootstrap = { tenant: 'management', user: 'devicebootstrap', password: PASSWORD };
const platform = new Platform(machineOptions({ accept: true, bootstrap }));
const server = await startServer({ platform });
const directory = mkdtempSync(join(tmpdir(), 'fractus-device-'));
test.after.always(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

let devices = 0;

/** A device that gets its credentials and listens. */
function createDevice(
  t: ExecutionContext,
  runtime: string,
  more: { args?: string[]; group?: boolean; stdout?: number } = {},
) {
  const deviceId = `device-${++devices}`;
  const args = ['--runtime', runtime, `url=${server.url}`, `bootstrapPassword=${PASSWORD}`];
  const device = new DeviceProcess(t, {
    args: [...args, `deviceId=${deviceId}`, ...(more.args ?? [])],
    group: more.group,
    stdout: more.stdout,
  });
  return { device, deviceId };
}

testOnRuntimes('SIGTERM ends it in order', async (t, runtime) => {
  const { device } = createDevice(t, runtime);
  await device.saying(LISTENING);
  device.child.kill('SIGTERM');
  t.is(await device.exit(), 0);
  t.false(device.output.includes(PASSWORD), device.output);
  for (const line of device.output.trim().split('\n')) t.regex(line, /^\d\d:\d\d:\d\d (info |warn |error) \S/);
});

testOnRuntimes('signals to the whole process group, more than one, end it in order', async (t, runtime) => {
  const { device } = createDevice(t, runtime, { group: true });
  await device.saying(LISTENING);
  const engines = enginesOf(device.pid);
  process.kill(-device.pid, 'SIGINT');
  process.kill(-device.pid, 'SIGTERM');
  process.kill(-device.pid, 'SIGINT');
  t.is(await device.exit(), 0);
  t.is(engines.length, runtime === 'xs' ? 1 : 0);
  for (const engine of engines) t.throws(() => process.kill(engine, 0), { code: 'ESRCH' });
});

test('a full disk under its log does not end it, a reader that has gone does', async (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const { device, deviceId } = createDevice(t, 'node', { stdout: full });
  await device.saying(/^the log cannot be written: ENOSPC/);
  await until(() => findDevice(platform, deviceId) !== undefined, 'it does not come up');
  device.child.kill('SIGTERM');
  t.is(await device.exit(), 0);

  const { device: unread } = createDevice(t, 'node');
  unread.child.stdout?.destroy();
  t.is(await unread.exit(), 0);
});

testOnRuntimes('a restart by operation makes a new machine in the same process', async (t, runtime) => {
  const { device, deviceId } = createDevice(t, runtime);
  await device.saying(LISTENING);
  const engines = enginesOf(device.pid);
  const operation = createOperation(platform, findDevice(platform, deviceId)?.id ?? '', { c8y_Restart: {} });
  await device.saying(/start 2 \(software\)/);
  await device.saying(LISTENING, 2);
  t.is(operation.status, 'SUCCESSFUL');
  t.deepEqual(enginesOf(device.pid), engines);
  device.child.kill('SIGINT');
  t.is(await device.exit(), 0);
});

testOnRuntimes('its flash survives kill -9, belongs to one device, and is free at once', async (t, runtime) => {
  const dataDir = join(directory, runtime);
  const args = ['--runtime', runtime, '--data', dataDir, `url=${server.url}`];
  const first = new DeviceProcess(t, { args: [...args, `bootstrapPassword=${PASSWORD}`] });
  await first.saying(LISTENING);

  const second = new DeviceProcess(t, { args: [...args, `bootstrapPassword=${PASSWORD}`] });
  t.is(await second.exit(), 1);
  t.regex(second.output, /another device is using the directory/);

  first.child.kill('SIGKILL');
  t.is(await first.exit(), -1);
  // No password: it has its credentials.
  const third = new DeviceProcess(t, { args });
  await third.saying(LISTENING);
  t.regex(third.output, /start 2 \(power-on\)/);
  const name = /esp32-[0-9a-f]{12}/.exec(first.output)?.[0] ?? 'unknown';
  t.truthy(findDevice(platform, name), 'registered under its MAC');
  third.child.kill('SIGTERM');
  t.is(await third.exit(), 0);
});

test('a signal before it has started ends it, too', async (t) => {
  const { device } = createDevice(t, 'node', { args: ['pollTimeout=10'] });
  await device.saying(/a virtual ESP32/);
  device.child.kill('SIGINT');
  t.is(await device.exit(), 0);
});

test('without a C compiler it runs on Node, in one clear line; XS by name is an error', async (t) => {
  const args = [`url=${server.url}`, `bootstrapPassword=${PASSWORD}`, 'deviceId=no-compiler'];
  const env = { CC: join(directory, 'no-such-compiler') };
  const fallback = new DeviceProcess(t, { args, env });
  await fallback.saying(LISTENING);
  t.is(fallback.output.match(/no C compiler/g)?.length, 1);
  t.regex(fallback.output, /warn {2}no C compiler found .*; the device runs on Node instead/);
  fallback.child.kill('SIGTERM');
  t.is(await fallback.exit(), 0);

  const refused = new DeviceProcess(t, { args: ['--runtime', 'xs', ...args], env });
  t.is(await refused.exit(), 1);
  t.regex(refused.output, /^fractus device: no C compiler found/);
});

test('bad arguments end it with 2 and a word about what is allowed', async (t) => {
  const wrong = new DeviceProcess(t, { args: [`url=${server.url}`, 'connections=3'] });
  t.is(await wrong.exit(), 2);
  t.regex(wrong.output, /connections: "3" is not allowed; allowed: 1 or 2/);
  const poor = new DeviceProcess(t, { args: ['--runtime', 'node', `url=${server.url}`] });
  t.is(await poor.exit(), 2);
  t.regex(poor.output, /bootstrapPassword: missing/);
  const help = new DeviceProcess(t, { args: ['--help'] });
  t.is(await help.exit(), 0);
  t.regex(help.output, /^usage: fractus device/);
  for (const { name } of CONFIG_KEYS) t.regex(help.output, new RegExp(`^  ${name} +\\S`, 'm'));
});

/** Ids of the XS processes that `pid` has started and that live. */
function enginesOf(pid: number): number[] {
  const engines: number[] = [];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const ids = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ');
    for (const id of ids) {
      if (id !== '' && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('/build/xs/')) engines.push(Number(id));
    }
  }
  return engines;
}
