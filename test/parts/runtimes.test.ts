// SPDX-License-Identifier: Apache-2.0
/** Parts that ask the platform, and an example, where an author runs them: on Node and on XS, over sockets. */

import test from 'ava';
import { createOperation, eventsOf, findDevice, measurementsOf } from 'fractus/emulator';
import type { JsonObject } from '../../tools/platform/model.ts';
import { createBinary } from '../../tools/platform/operator.ts';
import { buildXsHost } from '../../tools/xs/build.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { begin } from './desk-scene.ts';

const { reason } = await buildXsHost();
// One after the other: each builds a bundle.
const testOnXs = testWith(reason, test.serial);

for (const runtime of ['node', 'xs']) {
  const declare = runtime === 'xs' ? testOnXs : testWith(undefined, test.serial);
  declare(`an event is updated with what was read, and another one has its attachment, on ${runtime}`, async (t) => {
    const { emulator, device, end } = await begin(t, 'app/asking', runtime);
    const events = () => eventsOf(emulator.platform, findDevice(emulator.platform, runtime)?.id ?? '');
    const find = (name: string, value: string) => events().find(({ fragments }) => fragments[name] === value);
    await until(
      () => find('text', 'closed') !== undefined && find('type', 'acme_Ended') !== undefined,
      () => device.output,
    );
    t.deepEqual(find('text', 'closed')?.fragments['acme_Door'], { type: 'c8y_ESP32' });
    const table = find('type', 'acme_Table');
    t.is(find('type', 'acme_Ended')?.fragments['text'], `sent ${table?.id}`);
    t.like(table?.binary, { name: 'table.bin', mediaType: 'application/octet-stream' });
    t.deepEqual(
      Uint8Array.from(table?.binary?.bytes ?? []),
      Uint8Array.from({ length: 20_000 }, (_, i) => i & 0xff),
    );
    t.is(events().length, 3);
    await end();
  });
}

for (const runtime of ['node', 'xs']) {
  const declare = runtime === 'xs' ? testOnXs : testWith(undefined, test.serial);
  declare(
    `another network is joined, proven and kept over a restart, or left when it refuses, on ${runtime}`,
    async (t) => {
      const { emulator, device, end } = await begin(t, 'app/networking', runtime);
      await until(
        () => device.output.includes('listening for operations'),
        () => device.output,
      );
      const object = () => findDevice(emulator.platform, runtime);
      const carryOut = async (fragments: JsonObject) => {
        const operation = createOperation(emulator.platform, object()?.id ?? '', fragments);
        await until(
          () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
          () => device.output,
        );
        return operation.failureReason;
      };
      const join = (name: string, password?: string) =>
        carryOut({ c8y_Network: { fractus_WiFi: { name, ...(password !== undefined && { password }) } } });
      const shown = () => (object()?.fragments['c8y_Network'] as JsonObject | undefined)?.['fractus_WiFi'];
      t.deepEqual(shown(), { name: 'House' });
      t.is(await join('Barn', 'hay-and-straw'), undefined);
      t.deepEqual(shown(), { name: 'Barn' });
      const refused =
        '"House" was not joined in 5 attempts: it is out of reach, or the password is wrong: back to "Barn"';
      t.is(await join('House', 'butter-and-bread'), refused);
      t.deepEqual(shown(), { name: 'Barn' });
      t.is(await carryOut({ c8y_Restart: {} }), undefined);
      t.deepEqual(shown(), { name: 'Barn' });
      t.is(await join('Barn', 'hay-and-straw'), undefined);
      t.is(await join('Yard'), undefined);
      t.deepEqual(shown(), { name: 'Yard' });
      t.false(device.output.includes('hay'));
      await end();
    },
  );
}

for (const runtime of ['node', 'xs']) {
  const declare = runtime === 'xs' ? testOnXs : testWith(undefined, test.serial);
  declare(`a child has all kinds of operations, and services of the agent restart, on ${runtime}`, async (t) => {
    const { emulator, device, end } = await begin(t, 'app/controlled', runtime);
    await until(
      () => device.output.includes('listening for operations'),
      () => device.output,
    );
    const child = () => findDevice(emulator.platform, `${runtime}:plc`);
    const carryOut = async (fragments: JsonObject, of = child) => {
      const operation = createOperation(emulator.platform, of()?.id ?? '', fragments);
      await until(
        () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
        () => device.output,
      );
      return operation.failureReason;
    };
    const url = `${emulator.url}/inventory/binaries/${createBinary(emulator.platform, Buffer.alloc(5000, 7)).id}`;
    // What it has is another version than was asked for: the truth counts.
    t.regex(
      (await carryOut({ c8y_SoftwareUpdate: [{ name: 'mix', version: '1', url, action: 'install' }] })) ?? '',
      /^mix: the child accepted it, but does not have it$/,
    );
    t.deepEqual(child()?.fragments['c8y_SoftwareList'], [{ name: 'mix', version: '1-5000', url: '' }]);
    t.is(await carryOut({ c8y_Firmware: { name: 'plc', version: '2', url } }), undefined);
    t.deepEqual(child()?.fragments['c8y_Firmware'], { name: 'plc', version: '2', url });
    const asked = { c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Plc: {}, acme_Plc: { speed: 5 } };
    t.is(await carryOut(asked), undefined);
    t.is(await carryOut({ c8y_UploadConfigFile: { type: 'recipe' } }), undefined);
    const types = eventsOf(emulator.platform, child()?.id ?? '').map(({ fragments }) => fragments['type']);
    t.deepEqual(types.sort(), ['c8y_ParameterUpdate', 'recipe']);
    t.deepEqual(child()?.fragments['acme_Plc'], { speed: 5 });
    t.is(await carryOut({ c8y_LogfileRequest: { logFile: 'plc', searchText: 'two', maximumLines: 5 } }), undefined);
    const logs = eventsOf(emulator.platform, child()?.id ?? '').flatMap(({ binary }) => String(binary?.bytes ?? ''));
    t.true(logs.some((each) => each.includes('two')));
    const c8y_DeviceProfile = { firmware: { name: 'plc', version: '3', url } };
    t.is(await carryOut({ profileName: 'summer', profileId: '8', c8y_DeviceProfile }), undefined);
    t.like(child()?.fragments['c8y_Profile'], { profileName: 'summer', profileExecuted: true });
    for (const name of ['operations', 'records']) {
      const service = () => findDevice(emulator.platform, `${runtime}:service-${name}`);
      t.is(await carryOut({ c8y_ServiceCommand: { serviceName: name, command: 'RESTART' } }, service), undefined);
      t.is(service()?.fragments['status'], 'up');
    }
    await end();
  });
}

testOnXs('two meters on a line of Modbus RTU are measured on XS', async (t) => {
  const { emulator, device, end } = await begin(t, '../../examples/modbus/desk', 'xs', 'measurementInterval=1');
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

testOnXs('a log is kept, and sent when it is asked for, on XS', async (t) => {
  const { emulator, device, end } = await begin(t, '../../examples/door/app', 'xs');
  await until(
    () => device.output.includes('listening for operations'),
    () => device.output,
  );
  const { id = '' } = findDevice(emulator.platform, 'xs') ?? {};
  const c8y_LogfileRequest = { logFile: 'agent', searchText: 'LISTENING', maximumLines: 5 };
  const operation = createOperation(emulator.platform, id, { c8y_LogfileRequest });
  await until(
    () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
    () => device.output,
  );
  t.is(operation.failureReason, undefined);
  const [event] = eventsOf(emulator.platform, id);
  t.regex(
    Buffer.from(event?.binary?.bytes ?? []).toString(),
    /^# agent: 1 lines\n\d{4}-\S+Z info {2}listening for operations\n$/,
  );
  await end();
});

testOnXs(
  'commands answer, set a value that the inventory has, and restart the board; parameters are changed, a profile is put in force; on XS',
  async (t) => {
    const { emulator, device, end } = await begin(t, 'app/managing', 'xs');
    await until(
      () => device.output.includes('listening for operations'),
      () => device.output,
    );
    const object = () => findDevice(emulator.platform, 'xs');
    const answer = async (text: string) => {
      const operation = createOperation(emulator.platform, object()?.id ?? '', { c8y_Command: { text } });
      await until(
        () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
        () => device.output,
      );
      const { result } = operation.fragments['c8y_Command'] as { result?: string };
      return result ?? operation.failureReason ?? '';
    };
    t.regex(await answer('help'), /^help: .*\nstatus: [\s\S]*\nrestart: .*\nvalve: says that it is open\n$/);
    t.is(await answer('config set measurementInterval 77'), 'measurementInterval=77\n');
    t.regex(JSON.stringify(object()?.fragments['c8y_Configuration']), /measurementInterval=77\\n/);
    t.regex(await answer('heap'), /^memory: \d+ bytes free/);
    t.regex(await answer('log 2 LISTENING'), /^# agent: 1 lines\n\S+Z info {2}listening for operations\n$/);
    t.regex(await answer('coffee'), /^unknown command "coffee"; there are help, .*, valve$/);
    t.is(await answer('restart'), 'start 2 (software)\n');
    const change = async (acme_Limits: { high: number }) => {
      const fragments = { c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Limits: {}, acme_Limits };
      const operation = createOperation(emulator.platform, object()?.id ?? '', fragments);
      await until(
        () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
        () => device.output,
      );
      return operation.failureReason;
    };
    t.is(await change({ high: 101 }), 'acme_Limits.high: 101 is not allowed; allowed: a number from 0 to 100');
    t.is(await change({ high: 12.5 }), undefined);
    t.deepEqual(object()?.fragments['acme_Limits'], { high: 12.5, mode: 'warm' });
    t.regex(device.output, /warm, up to 80\n[\s\S]*warm, up to 12\.5/);
    const { id: file } = createBinary(emulator.platform, Buffer.from('measurementInterval=78\n'));
    const configuration = [{ type: 'agent', url: `${emulator.url}/inventory/binaries/${file}` }];
    const profile = { profileName: 'winter', profileId: '7' };
    const fragments = { ...profile, c8y_DeviceProfile: { configuration } };
    const operation = createOperation(emulator.platform, object()?.id ?? '', fragments);
    await until(
      () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
      () => device.output,
    );
    t.is(operation.failureReason, undefined);
    t.deepEqual(object()?.fragments['c8y_Profile'], { ...profile, profileExecuted: true });
    t.is(await answer('config get measurementInterval'), 'measurementInterval=78\n');
    await end();
  },
);
