// SPDX-License-Identifier: Apache-2.0
/** Parts that ask the platform, and an example, where an author runs them: on Node and on XS, over sockets. */

import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { eventsOf, findDevice, measurementsOf, startEmulator } from 'fractus/emulator';
import type { EventRecord } from 'fractus/test';
import { buildXsHost } from '../../tools/xs/build.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { DeviceProcess, FRACTUS_OF_USERS } from '../tools/cli/device-process.ts';

const { reason } = await buildXsHost();

for (const runtime of ['node', 'xs']) {
  const testOn = testWith(runtime === 'xs' ? reason : undefined);

  testOn(`an event is updated with what was read, on ${runtime}`, async (t) => {
    const { events, end } = await live(t, 'asking', runtime, (fragments) => fragments['text'] === 'closed');
    t.deepEqual(
      events.map(({ fragments }) => fragments['acme_Door']),
      [{ type: 'c8y_ESP32' }],
    );
    await end();
  });

  testOn(`an event has its attachment, whole, on ${runtime}`, async (t) => {
    const { events, end } = await live(t, 'attaching', runtime, (fragments) => fragments['type'] === 'acme_Ended');
    const [table, ended] = events;
    t.is(ended?.fragments['text'], `sent ${table?.id}`);
    t.like(table?.binary, { name: 'table.bin', mediaType: 'application/octet-stream' });
    t.deepEqual(
      Uint8Array.from(table?.binary?.bytes ?? []),
      Uint8Array.from({ length: 20_000 }, (_, i) => i & 0xff),
    );
    await end();
  });

  testOn(`two meters on a line of Modbus RTU are measured, on ${runtime}`, async (t) => {
    const { emulator, device, end } = await begin(t, '../../examples/modbus/desk', runtime, ['measurementInterval=1']);
    const counts = () =>
      ['18490001', '18490002'].map((serialNumber) => {
        const meter = findDevice(emulator.platform, serialNumber, 'acme_Meter');
        return measurementsOf(emulator.platform, meter?.id ?? '').length;
      });
    await until(
      () => counts().every((count) => count > 0),
      () => device.output,
    );
    await end();
  });
}

/** Has an app of this folder run until one of its events is there. */
async function live(
  t: ExecutionContext,
  app: string,
  runtime: string,
  isLast: (fragments: EventRecord['fragments']) => boolean,
) {
  const { emulator, device, end } = await begin(t, `app/${app}`, runtime);
  const events = () => eventsOf(emulator.platform, findDevice(emulator.platform, runtime)?.id ?? '');
  await until(
    () => events().some(({ fragments }) => isLast(fragments)),
    () => device.output,
  );
  return { events: events(), end };
}

/** Has an app run as an author does. */
async function begin(t: ExecutionContext, app: string, runtime: string, more: readonly string[] = []) {
  const emulator = await startEmulator();
  t.teardown(() => emulator.close());
  const file = fileURLToPath(new URL(`${app}.ts`, import.meta.url));
  const keys = Object.entries(emulator.config).map(([key, value]) => `${key}=${value}`);
  const command = [...FRACTUS_OF_USERS, 'device'];
  const device = new DeviceProcess(t, {
    command,
    args: ['--app', file, '--runtime', runtime, ...keys, ...more, `deviceId=${runtime}`],
  });
  const end = async () => {
    device.child.kill('SIGTERM');
    t.is(await device.exit(), 0, device.output);
    t.deepEqual(emulator.platform.breaches, []);
  };
  return { emulator, device, end };
}
