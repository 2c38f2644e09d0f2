// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { startEmulator } from 'fractus/emulator';
import { DeviceProcess, FRACTUS_OF_USERS } from '../support/device-process.ts';

/** Has an app run as an author does; `again` starts another process of it. */
export async function begin(t: ExecutionContext, app: string, runtime: string, ...more: readonly string[]) {
  const emulator = await startEmulator();
  t.teardown(() => emulator.close());
  const file = fileURLToPath(new URL(`${app}.ts`, import.meta.url));
  const keys = Object.entries(emulator.config).map(([key, value]) => `${key}=${value}`);
  const command = [...FRACTUS_OF_USERS, 'device'];
  const args = ['--app', file, '--runtime', runtime, ...keys, ...more, `deviceId=${runtime}`];
  const start = () => {
    const device = new DeviceProcess(t, { command, args });
    const end = async () => {
      device.child.kill('SIGTERM');
      t.is(await device.exit(), 0, device.output);
      t.deepEqual(emulator.platform.breaches, []);
    };
    return { device, end };
  };
  return { emulator, ...start(), again: start };
}
