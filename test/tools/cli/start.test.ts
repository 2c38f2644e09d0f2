// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildAll } from '../../../tools/build.ts';
import { DeviceProcess } from './device-process.ts';

const COMMAND = [fileURLToPath(new URL('../../../tools/fractus.js', import.meta.url)), 'start'];
const { host } = await buildAll();

test('it shows a device from its credentials to the end of its operations; SIGINT ends it with 0', async (t) => {
  const show = new DeviceProcess(t, { command: COMMAND, args: [] });
  await show.saying(/device {4}asks for credentials as esp32-[0-9a-f]{12}$/);
  await show.saying(/device {4}creates managed object 10002,/);
  await show.saying(/device {4}subscribes to \/10002 and waits for operations$/);
  await show.saying(
    /device {4}measures Temperature T -?[\d.]+ °C, Humidity h [\d.]+ %RH, Pressure p \d+ Pa, SignalStrength rssi -\d+ dBm$/,
  );

  // The line at the top is one that can be copied.
  const { status } = await fetch(...requestOf(show.output));
  t.is(status, 201);
  await show.saying(/operator {2}sends operation \d+, c8y_Command: help$/);
  await show.saying(/device {4}operation \d+: SUCCESSFUL$/);
  await show.saying(/^ {20}status: how the device is$/);

  // And the show has operations of its own.
  await show.saying(/operator {2}sends operation \d+, c8y_Command: status$/);
  await show.saying(/device {4}operation \d+: SUCCESSFUL$/, 2);
  show.child.kill('SIGINT');
  t.is(await show.exit(), 0);
  const summary = /^\d+ s: measurements [1-9]\d*, operations successful 2, failed 0, .* breaches of protocol 0\n$/m;
  t.regex(show.output, summary);
  t.is(show.output.includes('(XS'), host.available);
  t.false(show.output.includes('\u001b'), 'no colours in a pipe');
});

test('without a C compiler it goes on with Node, in one clear line', async (t) => {
  const show = new DeviceProcess(t, { command: COMMAND, args: [], env: { CC: 'no-such-compiler' } });
  await show.saying(/device {4}measures /);
  t.is(show.output.match(/no C compiler/g)?.length, 1);
  t.regex(show.output, /a virtual ESP32 \(Node /);
  show.child.kill('SIGTERM');
  t.is(await show.exit(), 0);
});

test('bad arguments end it with 2 and a word about what is allowed', async (t) => {
  const wrong = new DeviceProcess(t, { command: COMMAND, args: ['--port', 'http'] });
  t.is(await wrong.exit(), 2);
  t.regex(wrong.output, /--port: "http" is not allowed; allowed: 0 to 65535/);
});

test('it ends with the npm that runs it, which says nothing when it is killed', async (t) => {
  const run = "require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' })";
  const npm = new DeviceProcess(t, {
    command: ['-e', run, ...COMMAND],
    args: ['--runtime', 'node'],
    env: { npm_lifecycle_event: 'start' },
  });
  await npm.saying(/device {4}measures /);
  npm.child.kill('SIGKILL');
  // Once nobody has its output any more.
  t.is(await npm.exit(), -1);
  t.regex(npm.output, /breaches of protocol 0\n$/);
});

/** What curl would send. */
function requestOf(output: string): [string, RequestInit] {
  const match = /curl -u (\S+) -H '([^:]+): ([^']+)' \\\n +-d '([^']+)' (\S+)$/m.exec(output);
  const [, login = '', header = '', value = '', body = '', url = ''] = match ?? [];
  const Authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  return [url, { method: 'POST', headers: { Authorization, [header]: value }, body }];
}
