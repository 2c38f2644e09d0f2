// SPDX-License-Identifier: Apache-2.0

import { BasicAuth, Client, EventBinaryService, FetchClient } from '@c8y/client';
import test, { type ExecutionContext } from 'ava';
import { createDeviceUser } from '../../../../tools/platform/operator.ts';
import { Platform } from '../../../../tools/platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../../../../tools/platform/server.ts';

const login = { tenant: 't1000', user: 'admin', password: 'secret' };

/** The platform's official client, unchanged, logged in as the operator. */
async function logIn(t: ExecutionContext): Promise<{ client: Client; server: RunningServer }> {
  const platform = new Platform(machineOptions({ operator: login }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  return { client: await Client.authenticate(login, server.url), server };
}

const time = '2026-01-15T12:00:00.000Z';
const agent = { c8y_IsDevice: {}, com_cumulocity_model_Agent: {} };

test('the client logs in with the right password alone', async (t) => {
  const { client } = await logIn(t);
  t.is(client.core.tenant, 't1000');
  t.is((await client.user.current()).data.userName, 'admin');
  const { url } = (await logIn(t)).server;
  const error = await t.throwsAsync(
    Client.authenticate({ ...login, password: 'wrong' }, url).catch(({ res }) => {
      throw new Error(String(res.status));
    }),
  );
  t.is(error.message, '401');
});

test('inventory: create, list, query, update, children, delete', async (t) => {
  const { client } = await logIn(t);
  const { data: device } = await client.inventory.create({ name: 'd', type: 'c8y_ESP32', ...agent });
  const { data: child } = await client.inventory.create({ name: 'c', c8y_IsDevice: {} });
  for (const name of ['e', 'f', 'g', 'h', 'i']) await client.inventory.create({ name });
  const first = await client.inventory.list({ pageSize: 4, withTotalPages: true });
  t.is(first.paging?.totalPages, 2);
  t.is((await first.paging?.next())?.data.length, 3);
  const { data: devices } = await client.inventory.listQueryDevices({ type: 'c8y_ESP32' });
  t.deepEqual(
    devices.map(({ id }) => id),
    [device.id],
  );
  const { data: updated } = await client.inventory.update({ id: device.id, name: 'new', c8y_X: { a: 1 } });
  t.like(updated, { name: 'new', c8y_X: { a: 1 } });
  await client.inventory.childDevicesAdd(child.id, device.id);
  t.deepEqual(
    (await client.inventory.childDevicesList(device.id)).data.map(({ id }) => id),
    [child.id],
  );
  await client.inventory.delete(device.id);
  await t.throwsAsync(
    client.inventory.detail(device.id).catch(({ data }) => Promise.reject(new Error(data.error))),
    {
      message: 'inventory/Not Found',
    },
  );
});

test('operations: create, list, detail', async (t) => {
  const { client } = await logIn(t);
  const { data: device } = await client.inventory.create({ name: 'd', ...agent });
  const { data: operation } = await client.operation.create({ deviceId: device.id, c8y_Restart: {} });
  t.is(operation.status, 'PENDING' as never);
  const { data: list } = await client.operation.list({ deviceId: device.id, status: 'PENDING' as never });
  t.deepEqual(
    list.map(({ id }) => id),
    [operation.id],
  );
  await client.operation.update({ id: operation.id ?? '', status: 'EXECUTING' as never });
  t.is((await client.operation.detail(operation.id ?? '')).data.status, 'EXECUTING' as never);
});

test('measurements, events with attachments, alarms', async (t) => {
  const { client } = await logIn(t);
  const { data: source } = await client.inventory.create({ name: 'd', ...agent });
  await client.measurement.create({ source: { id: source.id }, time, type: 't', c8y_T: { T: { value: 1 } } } as never);
  const { data: measurements } = await client.measurement.list({ source: source.id, dateFrom: '2026-01-01' });
  t.is(measurements.length, 1);
  const { data: event } = await client.event.create({ source: { id: source.id }, time, type: 't', text: 'x' });
  const attachments = new EventBinaryService(client.core);
  await attachments.upload(Buffer.from('hello') as never, event.id ?? '');
  t.is(await (await attachments.download(event.id ?? '')).text(), 'hello');
  t.is((await client.event.list({ source: source.id })).data.length, 1);
  const alarm = { source: { id: source.id }, time, type: 't', text: 'x', severity: 'MAJOR' as never };
  const { data: raised } = await client.alarm.create(alarm);
  await client.alarm.update({ id: raised.id ?? '', status: 'CLEARED' as never });
  t.like((await client.alarm.list({ source: source.id })).data[0], { status: 'CLEARED', count: 1 });
});

test('the client uploads, lists and downloads a file', async (t) => {
  const { client } = await logIn(t);
  const { data: file } = await client.inventoryBinary.create(Buffer.from('hello') as never, { name: 'a.bin' });
  t.is(await (await client.inventoryBinary.download(file)).text(), 'hello');
  t.is((await client.inventoryBinary.list()).data.length, 1);
});

test('a device is registered, asks, is accepted and gets its credentials', async (t) => {
  const { client, server } = await logIn(t);
  const { bootstrap } = server.platform.core;
  await client.deviceRegistration.create({ id: 'd1' });
  const poll = () =>
    client.deviceRegistration.bootstrap('d1', {
      basicAuth: { user: `${bootstrap.tenant}/${bootstrap.name}`, pass: bootstrap.password ?? '' },
    });
  await t.throwsAsync(
    poll().catch(({ res }) => Promise.reject(new Error(String(res.status)))),
    { message: '404' },
  );
  t.is((await client.deviceRegistration.list()).data?.[0]?.status, 'PENDING_ACCEPTANCE' as never);
  await client.deviceRegistration.accept('d1');
  t.like((await poll()).data, { tenantId: 't1000', username: 'device_d1' });
  await client.deviceRegistration.create({ id: 'd2' });
  t.is((await client.deviceRegistration.acceptAll()).res.status, 200);
  await client.deviceRegistration.delete('d2');
  t.is((await client.deviceRegistration.limit()).data?.isReached, false);
});

test('external ids, tenant options and trusted certificates', async (t) => {
  const { client, server } = await logIn(t);
  const { data: device } = await client.inventory.create({ name: 'd', ...agent });
  const identity = { type: 'c8y_Serial', externalId: 'd 1', managedObject: { id: device.id } };
  await client.identity.create(identity);
  t.is((await client.identity.detail(identity)).data.managedObject?.id, device.id);
  t.is((await client.identity.list(device.id)).data.length, 1);
  const option = { category: 'oauth.internal', key: 'device-token.lifespan.seconds', value: '600' };
  await client.options.tenant.create(option);
  t.is((await client.options.tenant.detail(option)).data.value, '600');
  t.deepEqual((await client.core.fetch('/tenant/tenants/t1000/trusted-certificates')).status, 200);
  t.deepEqual(server.platform.breaches, []);
});

test('the client speaks as a device, too', async (t) => {
  const { server } = await logIn(t);
  const { username, password, tenantId } = createDeviceUser(server.platform, 'd1');
  const core = new FetchClient(new BasicAuth({ tenant: tenantId, user: username, password }), server.url);
  t.is((await core.fetch('/identity/externalIds/c8y_Serial/d1')).status, 404);
});
