// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { VERSION } from '../../../src/version.ts';
import {
  type Authority,
  createAuthority,
  createDeviceCertificate,
  type Identity,
} from '../../../tools/platform/certificates.ts';
import { createOperation, measurementsOf } from '../../../tools/platform/operator.ts';
import { type Runtime, TestDevice, testOnRuntimes } from '../../support/device.ts';
import { leaks } from '../../support/secrets.ts';
import { createAll, DEVICE, Tenant } from '../../support/tenant.ts';
import { until } from '../../support/until.ts';

const certificates = await createAll();

interface Setting {
  readonly runtime: Runtime;
  readonly trusted?: readonly Authority[];
  readonly identity?: Pick<Identity, 'chain' | 'privateKey'>;
  readonly config?: Readonly<Record<string, string>>;
}

/** A device and its tenant, after the device has begun to listen. */
async function connected(t: ExecutionContext, setting: Setting) {
  const { runtime, trusted = [certificates.root], identity = certificates.device } = setting;
  const tenant = await Tenant.start(t, certificates.server, trusted);
  const config = { ...tenant.config, ...setting.config };
  const device = new TestDevice(t, { runtime, config, resources: tenant.files(identity) });
  const object = await tenant.listening(device);
  t.deepEqual(tenant.platform.breaches, []);
  t.deepEqual(device.failures, []);
  return { tenant, device, object };
}

/** The chain that the platform was sent: the header of the only token request. */
function chainSent(t: ExecutionContext, tenant: Tenant): string | undefined {
  t.is(tenant.tokenRequests.length, 1);
  return tenant.tokenRequests[0]?.headers['x-ssl-cert-chain'];
}

/** The certificates of a PEM text, as lines without their ends. */
function blocks(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

for (const connections of ['1', '2']) {
  testOnRuntimes(`from the certificate to a finished operation, connections=${connections}`, async (t, runtime) => {
    const { tenant, device, object } = await connected(t, { runtime, config: { connections } });
    const { platform } = tenant;
    t.is(object.owner, `device_${DEVICE}`);
    t.deepEqual(
      [...platform.core.externalIds.values()].map(({ type, externalId }) => [type, externalId]),
      [['c8y_Serial', DEVICE]],
    );
    await until(() => measurementsOf(platform, object.id).length >= 3, 'no measurements');
    const operation = createOperation(platform, object.id, { c8y_Command: { text: 'status' } });
    await until(
      () => operation.status === 'SUCCESSFUL',
      () => device.lines.join('\n'),
    );
    t.is(tenant.tokenRequests.length, 1);
    t.is(tenant.tokens.length, 1);
    await device.stop();
    t.deepEqual(platform.breaches, []);
    t.deepEqual(leaks(device.lines, [...tenant.tokens, certificates.device.privateKey]), []);
  });
}

testOnRuntimes('the certificate is used at the token endpoint only, the token everywhere else', async (t, runtime) => {
  const { tenant } = await connected(t, { runtime });
  const [request] = tenant.tokenRequests;
  t.is(request?.port, 'token');
  t.deepEqual(request?.clientCertificate?.leaf, new X509Certificate(certificates.device.certificate).raw);
  const { hostname, port } = new URL(tenant.config.tokenUrl);
  t.deepEqual(request?.headers, {
    host: `${hostname}:${port}`,
    'user-agent': `fractus/${VERSION}`,
    accept: 'application/json',
    'x-ssl-cert-chain': request?.headers['x-ssl-cert-chain'],
    'content-length': '0',
  });
  t.is(request?.body.length, 0);
  const others = tenant.platform.seen.filter((each) => each !== request);
  t.true(others.length > 5);
  for (const { port: server, path, headers } of others) {
    t.is(server, 'api', path);
    t.is(headers['authorization'], `Bearer ${tenant.tokens[0]}`, path);
    t.is(headers['x-ssl-cert-chain'], undefined, path);
  }
});

testOnRuntimes('the chain header: leaf first, each line end a single space', async (t, runtime) => {
  const identity = { ...certificates.chained, chain: certificates.chained.chain + certificates.root.certificate };
  const { tenant } = await connected(t, { runtime, identity });
  const sent = chainSent(t, tenant) ?? '';
  const { chained, intermediate, root } = certificates;
  const expected = [chained.certificate, intermediate.certificate, root.certificate].map((pem) =>
    pem.trim().split('\n'),
  );
  t.is(sent, expected.flat().join(' '));
  t.false(/ {2}|\t/.test(sent));
});

testOnRuntimes('sendChain=no: a leaf of a trusted CA needs no chain', async (t, runtime) => {
  const { tenant } = await connected(t, { runtime, config: { sendChain: 'no' } });
  t.is(chainSent(t, tenant), undefined);
});

testOnRuntimes('a leaf whose immediate issuer is trusted needs no chain, even if it is no root', async (t, runtime) => {
  const { chained: identity, intermediate } = certificates;
  const { tenant } = await connected(t, { runtime, trusted: [intermediate], identity, config: { sendChain: 'no' } });
  t.is(chainSent(t, tenant), undefined);
});

testOnRuntimes('the chain leads to a trusted root above an intermediate', async (t, runtime) => {
  const { tenant } = await connected(t, { runtime, identity: certificates.chained });
  t.is(blocks(chainSent(t, tenant) ?? '').length, 2);
});

testOnRuntimes('a chain of the maximum length is accepted', async (t, runtime) => {
  let issuer = certificates.root;
  for (const name of ['Plant', 'Hall', 'Line']) issuer = await createAuthority(name, { issuer, modulusBits: 3072 });
  const identity = await createDeviceCertificate(issuer, DEVICE, { modulusBits: 3072 });
  const chain = identity.chain + certificates.root.certificate;
  const { tenant } = await connected(t, { runtime, identity: { ...identity, chain } });
  t.is(blocks(chainSent(t, tenant) ?? '').length, 5);
});

for (const key of ['RSA', 'EC'] as const) {
  testOnRuntimes(`a device with an ${key} key`, async (t, runtime) => {
    const identity = await createDeviceCertificate(certificates.root, DEVICE, { key });
    const { tenant } = await connected(t, { runtime, identity });
    t.deepEqual(tenant.tokenRequests[0]?.clientCertificate?.leaf, new X509Certificate(identity.certificate).raw);
  });
}

testOnRuntimes('only the certificates of the file are sent, whatever else it contains', async (t, runtime) => {
  const { certificate, privateKey } = certificates.device;
  const chain = `Bag Attributes\r\n    friendlyName: board\r\n${privateKey}\r\nsubject=/CN=${DEVICE}\n${certificate.replace(/\n/g, '\r\n')}\r\n\r\n`;
  const { tenant } = await connected(t, { runtime, identity: { chain, privateKey } });
  t.is(chainSent(t, tenant), certificate.trim().split('\n').join(' '));
});
