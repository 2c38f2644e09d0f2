// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { buildAll } from '../../../tools/build.ts';
import { unlessEnded } from '../../../tools/terminal/signal.ts';
import { DeviceProcess, FRACTUS, FRACTUS_OF_USERS } from '../../support/device-process.ts';

const COMMAND = [...FRACTUS, 'start'];
const { host } = await buildAll();

test('it shows a device from its credentials to the end of its operations; SIGINT ends it with 0', async (t) => {
  const show = new DeviceProcess(t, { command: [...FRACTUS_OF_USERS, 'start'], args: [] });
  await show.saying(/device {4}asks for credentials as esp32-[0-9a-f]{12}$/);
  await show.saying(/device {4}creates managed object 10001,/);
  await show.saying(/device {4}subscribes to \/10001 and waits for operations$/);
  await show.saying(
    /device {4}measures Temperature T -?[\d.]+ °C, Humidity h [\d.]+ %RH, Pressure p \d+ Pa, SignalStrength rssi -\d+ dBm$/,
  );

  // One URL, and behind it all that a person or a program needs.
  const urls = [...new Set(show.output.match(/http:\/\/\S+/g))];
  t.is(urls.length, 1);
  const { status } = await fetch(...(await requestTo(urls[0] ?? '')));
  t.is(status, 201);
  await show.saying(/operator {2}sends operation \d+, c8y_Command: help$/);
  await show.saying(/device {4}operation \d+: SUCCESSFUL$/);
  await show.saying(/^ {20}status: state of the device$/);

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

test('what is quiet announces no requests', async (t) => {
  const show = new DeviceProcess(t, { command: COMMAND, args: ['--quiet', '--runtime', 'node'] });
  await show.saying(/^Ctrl-C ends it\.$/);
  t.regex(show.output, /See it, and break it: {2}http/);
  t.notRegex(show.output, /Below/);
  show.child.kill('SIGTERM');
  t.is(await show.exit(), 0);
});

test('bad arguments end it with 2 and a word about what is allowed', async (t) => {
  const wrong = new DeviceProcess(t, { command: COMMAND, args: ['--port', 'http'] });
  t.is(await wrong.exit(), 2);
  t.regex(wrong.output, /--port: "http" is not allowed; allowed: 0 to 65535/);
});

test('what it cannot show ends it in one line, and a compiler that a signal ends is no error', async (t) => {
  const none = new DeviceProcess(t, { command: COMMAND, args: ['--app', 'nowhere.ts'] });
  t.is(await none.exit(), 1);
  t.is(none.output, 'fractus start: nowhere.ts: there is no such file\n');

  const error = new Error('the service was stopped');
  const never = new Promise<void>(() => {});
  t.is(await unlessEnded(Promise.resolve())(error), undefined);
  t.is(await unlessEnded(new Promise((resolve) => setTimeout(resolve, 1)))(error), undefined);
  t.is(await t.throwsAsync(unlessEnded(never)(error)), error);
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

/** An operation as an operator sends it. */
async function requestTo(url: string): Promise<[string, RequestInit]> {
  const { tenant, user, password } = (await (await fetch(`${url}emulator/login`)).json()) as Record<string, string>;
  const Authorization = `Basic ${Buffer.from(`${tenant}/${user}:${password}`).toString('base64')}`;
  const headers = { Authorization, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ deviceId: '10001', c8y_Command: { text: 'help' } });
  return [`${url}devicecontrol/operations`, { method: 'POST', headers, body }];
}
