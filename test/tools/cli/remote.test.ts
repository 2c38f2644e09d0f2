// SPDX-License-Identifier: Apache-2.0

import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createObject } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { DeviceProcess, FRACTUS } from '../../support/device-process.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'the-operator-password';

async function start(t: ExecutionContext) {
  const platform = new Platform(machineOptions({ accept: true, operator: { user: 'admin', password: PASSWORD } }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const { tenant } = platform.core;
  const env = { C8Y_BASEURL: server.url, C8Y_TENANT: tenant, C8Y_USER: 'admin', C8Y_PASSWORD: PASSWORD };
  const remote = (args: string[], changes: Record<string, string> = {}) =>
    new DeviceProcess(t, { command: [...FRACTUS, 'remote'], args, env: { ...env, ...changes } });
  return { platform, remote };
}

test('arguments that are wrong, and devices that are not there', async (t) => {
  const { platform, remote } = await start(t);
  const { id } = createObject(platform, { name: 'bare', c8y_IsDevice: {}, com_cumulocity_model_Agent: {} });
  for (const [args, code, said] of [
    [['--help'], 0, /usage: fractus remote/],
    [[], 2, /DEVICE: missing/],
    [['board-1'], 2, /HOST:PORT: missing/],
    [['board-1', 'plc'], 2, /HOST:PORT: missing/],
    [['board-1', 'plc:123456'], 2, /HOST:PORT: missing/],
    [['board-1', 'plc:22', '--listen', 'x'], 2, /--listen: "x" is not allowed/],
    [['board-1', 'plc:22', '--listen', '65536'], 2, /--listen: "65536" is not allowed/],
    [['nobody', 'plc:22'], 1, /there is no device "nobody"/],
    [[id, 'plc:22'], 1, /bare does not support c8y_RemoteAccessConnect/],
  ] as const) {
    const child = remote([...args]);
    t.is(await child.exit(), code, child.output);
    t.regex(child.output, said);
  }
  const wrong = remote([id, 'plc:22'], { C8Y_PASSWORD: 'wrong' });
  t.is(await wrong.exit(), 1);
  t.regex(wrong.output, /HTTP 401/);
  t.false(wrong.output.includes('wrong:'));
});

test('a device that refuses: the reason is printed, and the port stays', async (t) => {
  const { platform, remote } = await start(t);
  const { id } = createObject(platform, {
    name: 'PLC gateway',
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
  });
  const child = remote([id, '[2001:db8::1]:22']);
  const opened = /^127\.0\.0\.1:(\d+) leads to 2001:db8::1:22 behind PLC gateway/m;
  await child.saying(opened);
  const port = Number(opened.exec(child.output)?.[1]);
  for (let n = 1; n <= 2; n++) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    await child.saying(/^a connection begins/m, n);
    const operation = () => [...platform.core.operations.values()][n - 1];
    await until(() => operation() !== undefined, 'no operation');
    // As the device would.
    platform.core.remoteAccess.of(operation()?.id ?? '')?.end('2001:db8::1:22 is not on the list of this device');
    await child.saying(/the connection has ended \(1011\): 2001:db8::1:22 is not on the list of this device/, n);
    socket.destroy();
  }
  child.child.kill('SIGTERM');
  t.is(await child.exit(), 0);
  t.is(platform.core.remoteAccess.configurations.size, 0);
  t.false(child.output.includes(PASSWORD));
});
