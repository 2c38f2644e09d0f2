// SPDX-License-Identifier: Apache-2.0
/** Parts that ask the platform, where an author runs them: on Node and on XS, over sockets. */

import { fileURLToPath } from 'node:url';
import { eventsOf, findDevice, startEmulator } from 'fractus/emulator';
import { buildXsHost } from '../../tools/xs/build.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { DeviceProcess } from '../tools/cli/device-process.ts';

const APP = fileURLToPath(new URL('app/asking.ts', import.meta.url));
const { reason } = await buildXsHost();

for (const runtime of ['node', 'xs']) {
  testWith(runtime === 'xs' ? reason : undefined)(
    `an event is updated with what was read, on ${runtime}`,
    async (t) => {
      const emulator = await startEmulator();
      t.teardown(() => emulator.close());
      const keys = Object.entries(emulator.config).map(([key, value]) => `${key}=${value}`);
      const args = ['--app', APP, '--runtime', runtime, ...keys, `deviceId=${runtime}`];
      const device = new DeviceProcess(t, { args });
      const events = () => eventsOf(emulator.platform, findDevice(emulator.platform, runtime)?.id ?? '');
      await until(
        () => events().some(({ fragments }) => fragments['text'] === 'closed'),
        () => device.output,
      );
      t.deepEqual(
        events().map(({ fragments }) => fragments['acme_Door']),
        [{ type: 'c8y_ESP32' }],
      );
      device.child.kill('SIGTERM');
      t.is(await device.exit(), 0, device.output);
      t.deepEqual(emulator.platform.breaches, []);
    },
  );
}
