// SPDX-License-Identifier: Apache-2.0
/** Firmware updates of virtual boards with the commands of a person: device, build, sign, operate. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventsOf, findDevice } from 'fractus/emulator';
import { Platform } from '../../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../../tools/platform/server.ts';
import { type Runtime, testOnRuntimes } from '../../../support/device.ts';
import { DeviceProcess, FRACTUS, FRACTUS_OF_USERS } from '../../../support/device-process.ts';
import { THOROUGH } from '../../../support/thorough.ts';
import { until } from '../../../support/until.ts';
import { createProject, TELLS } from './firmware-scene.ts';

const DEVICE = 'board-1';
const PASSWORD = 'the-operator-password';
const LATER = "board.hal.createTimer(() => { throw new Error('later'); }).start(1);";
const HELLO = /listening for operations/;

/** A tenant, a person at a shell, and the folder of the board's flash. */
async function createDesk(t: ExecutionContext, runtime: Runtime) {
  const platform = new Platform(machineOptions({ accept: true, operator: { user: 'admin', password: PASSWORD } }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  const env = { C8Y_BASEURL: server.url, C8Y_TENANT: platform.core.tenant, C8Y_USER: 'admin', C8Y_PASSWORD: PASSWORD };
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-desk-'));
  const config = [`url=${server.url}`, `bootstrapPassword=${platform.core.bootstrap.password}`, `deviceId=${DEVICE}`];
  const run = async (...args: string[]) => {
    const child = new DeviceProcess(t, { command: FRACTUS, args, env });
    return { code: await child.exit(), output: child.output };
  };
  return {
    folder,
    run,
    /** The board of this app, with the flash that it had. */
    start(app: string, more: readonly string[] = config) {
      const args = ['--app', app, '--runtime', runtime, '--data', path.join(folder, 'flash'), ...more];
      // An app that imports capabilities needs the loader of a clone.
      return new DeviceProcess(t, { command: [...FRACTUS_OF_USERS, 'device'], args });
    },
    /** The file of `fractus build --virtual`. */
    async build(app: string, ...more: string[]) {
      const { code, output } = await run('build', '--virtual', '--app', app, ...more);
      const [, file = ''] = /^to upload as a firmware: (.*)$/m.exec(output) ?? [];
      t.is(code, 0, output);
      return file;
    },
    operate: (file: string) => run('operate', DEVICE, 'firmware', `file=${file}`),
    get version() {
      const { c8y_Firmware: firmware } = findDevice(platform, DEVICE)?.fragments ?? {};
      return (firmware as { version: string }).version;
    },
    get told() {
      return eventsOf(platform, findDevice(platform, DEVICE)?.id ?? '').flatMap(({ fragments: { type, text } }) =>
        type === 'fractus_FirmwareReturn' ? [] : [text],
      );
    },
  };
}

const title = 'the board comes up with the new code; a bad one comes back, and says why';
const run = async (t: ExecutionContext, runtime: Runtime) => {
  t.timeout(300_000, 'ten commands');
  const desk = await createDesk(t, runtime);
  let capabilities = '[restart, firmware]';
  const sign: string[] = [];
  if (runtime === 'node') {
    const key = path.join(desk.folder, 'release.key');
    const { output } = await desk.run('sign', '--new-key', key);
    const [publicKey] = /\bB[\w-]{86}\b/.exec(output) ?? [];
    t.truthy(publicKey, output);
    capabilities = `[restart, signedFirmware('${publicKey}')]`;
    sign.push('--sign', key);
  }
  const one = createProject('1.0.0', TELLS('one'), capabilities);
  const device = desk.start(one);
  const two = await desk.build(createProject('2.0.0', TELLS('two'), capabilities), ...sign);
  const bad = await desk.build(createProject('3.0.0', LATER, capabilities), ...sign);
  await device.saying(HELLO);

  const good = await desk.operate(two);
  t.is(good.code, 0, `${good.output}\n${device.output}`);
  t.regex(good.output, /SUCCESSFUL/);
  t.is(desk.version, '2.0.0');
  t.deepEqual(desk.told, ['one', 'two']);

  const failed = await desk.operate(bad);
  t.is(failed.code, 1, `${failed.output}\n${device.output}`);
  t.regex(failed.output, /FAILED\n.*3\.0\.0 did not listen for operations \(panic\): 2\.0\.0 is back/);
  t.is(desk.version, '2.0.0');
  device.child.kill('SIGTERM');
  t.is(await device.exit(), 0);

  const again = desk.start(one);
  await again.saying(/the firmware greenhouse 2\.0\.0 starts, which was installed/);
  await again.saying(HELLO);
  await until(
    () => desk.told.length === 4,
    () => `${desk.told}\n${again.output}`,
  );
  t.deepEqual(desk.told, ['one', 'two', 'two', 'two']);
  again.child.kill('SIGTERM');
  t.is(await again.exit(), 0);
};
testOnRuntimes(title, run, undefined, THOROUGH ? ['node', 'xs'] : ['xs']);

test('a board of a tenant elsewhere has no slots without signatures, and says so', async (t) => {
  const desk = await createDesk(t, 'xs');
  const app = createProject('1.0.0', TELLS('one'), '[restart, firmware]');
  // Nobody answers there: RFC 5737.
  const device = desk.start(app, ['url=https://192.0.2.1', 'bootstrapPassword=any', `deviceId=${DEVICE}`]);
  await device.saying(/firmware cannot be installed: the platform is not on this machine/);
  t.notRegex(device.output, HELLO);
});
