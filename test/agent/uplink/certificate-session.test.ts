// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { createNodeHal } from '../../../hal/node/node.ts';
import { app } from '../../../src/app.ts';
import { ConfigError, createAgent, type RawConfig } from '../../../src/index.ts';
import { createOperation, setTenantOption } from '../../../tools/platform/operator.ts';
import { TestDevice, testOnRuntimes } from '../../support/device.ts';
import { leaks } from '../../support/secrets.ts';
import { createAll, Tenant } from '../../support/tenant.ts';
import { until } from '../../support/until.ts';

const certificates = await createAll();

/** The tenant's verdict on a token. */
function verdict(tenant: Tenant, token: string | undefined): string {
  return tenant.platform.core.tokens.verify(token ?? '').verdict;
}

for (const connections of ['1', '2']) {
  testOnRuntimes(`the shortest life: renewed in time, connections=${connections}`, async (t, runtime) => {
    const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
    tenant.platform.settings.shortTokens = true;
    setTenantOption(tenant.platform, 'oauth.internal', 'device-token.lifespan.seconds', 10);
    // The clock of the device is a month off.
    tenant.platform.settings.dateSkewMs = 30 * 86_400_000;
    const device = new TestDevice(t, {
      runtime,
      config: { ...tenant.config, connections, measurementInterval: '1' },
      resources: tenant.files(certificates.device),
    });
    await tenant.listening(device);
    // The first poll is a short one.
    const polls = tenant.sent('POST', '/notification/operations').length + 1;
    await until(
      () => tenant.tokens.length === 3,
      () => device.lines.join('\n'),
      40_000,
    );
    t.is(tenant.tokenRequests.length, 3);
    if (connections === '2')
      t.is(tenant.sent('POST', '/notification/operations').length, polls, 'the poll was disturbed');
    t.deepEqual(
      tenant.platform.requests.filter(({ status }) => status === 401),
      [],
    );
    await device.stop();
    t.deepEqual(tenant.platform.breaches, []);
    t.deepEqual(leaks(device.lines, [...tenant.tokens, certificates.device.privateKey]), []);
  });
}

testOnRuntimes('tokens that end early are renewed once, and the operation is executed', async (t, runtime) => {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const resources = tenant.files(certificates.device);
  const device = new TestDevice(t, { runtime, config: tenant.config, resources });
  const object = await tenant.listening(device);
  for (let round = 1; round <= 3; round++) {
    tenant.platform.expireTokens();
    const operation = createOperation(tenant.platform, object.id, { c8y_Command: { text: 'help' } });
    await until(
      () => operation.status === 'SUCCESSFUL' && tenant.polled,
      () => device.lines.join('\n'),
    );
    t.is(tenant.tokenRequests.length, 1 + round);
  }
  await device.stop();
  t.deepEqual(tenant.platform.breaches, []);
  t.deepEqual(leaks(device.lines, tenant.tokens), []);
});

testOnRuntimes('an orderly stop ends the token', async (t, runtime) => {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const resources = tenant.files(certificates.device);
  const device = new TestDevice(t, { runtime, config: tenant.config, resources });
  await tenant.listening(device);
  await device.stop();
  t.is(tenant.platform.seen.at(-1)?.path, '/user/logout');
  t.is(verdict(tenant, tenant.tokens[0]), 'loggedOut');
  t.deepEqual(tenant.platform.breaches, []);
});

testOnRuntimes('c8y_Restart: logged out before it, a new token after it', async (t, runtime) => {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const resources = tenant.files(certificates.device);
  const device = new TestDevice(t, { runtime, config: tenant.config, resources });
  const object = await tenant.listening(device);
  const operation = createOperation(tenant.platform, object.id, { c8y_Restart: {} });
  await until(
    () => operation.status === 'SUCCESSFUL' && tenant.polled,
    () => device.lines.join('\n'),
  );
  t.is(tenant.sent('POST', '/user/logout').length, 1);
  t.is(tenant.tokenRequests.length, 2);
  t.is(verdict(tenant, tenant.tokens[0]), 'loggedOut');
  t.is(verdict(tenant, tenant.tokens[1]), 'valid');
  await device.stop();
  t.is(verdict(tenant, tenant.tokens[1]), 'loggedOut');
  t.deepEqual(tenant.platform.breaches, []);
  t.deepEqual(device.failures, []);
});

const REFUSED: readonly [RawConfig, string, RegExp][] = [
  [{ url: 'http://example.cumulocity.com' }, 'url', /credentials would travel in the clear/],
  [{ url: 'https://t.example', tokenUrl: 'http://t.example:8443' }, 'tokenUrl', /allowed: https/],
  [{ url: 'https://t.example', tokenUrl: 'http://10.0.0.7:8443' }, 'tokenUrl', /allowed: https/],
  [{ url: 'https://t.example', tokenUrl: 'http://t.example:8443', allowPlain: 'yes' }, 'tokenUrl', /allowed: https/],
  [{ url: 'https://t.example', certificate: undefined }, 'certificate', /missing; it is needed for auth=certificate/],
  [{ url: 'https://t.example', privateKey: undefined }, 'privateKey', /missing; it is needed for auth=certificate/],
];

for (const [config, key, why] of REFUSED) {
  test(`refused before any request: ${JSON.stringify(config)}, ${key}`, (t) => {
    const hal = createNodeHal();
    t.teardown(() => hal.close());
    const files = { certificate: 'certificate', privateKey: 'privateKey' };
    const error = t.throws(() => createAgent({ hal, app, config: { auth: 'certificate', ...files, ...config } }), {
      instanceOf: ConfigError,
      message: why,
    });
    t.is(error?.key, key);
  });
}
