// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { ExecutionContext } from 'ava';
import {
  createAuthority,
  createDeviceCertificate,
  createServerCertificate,
  type Identity,
} from '../../../tools/platform/certificates.ts';
import { createDeviceUser, trustAuthority } from '../../../tools/platform/operator.ts';
import { startServer } from '../../../tools/platform/server.ts';
import { accessTokenPath } from '../../../tools/platform/tenant/tokens.ts';
import { TestDevice, testOnRuntimes } from '../../support/device.ts';
import { leaks } from '../../support/secrets.ts';
import { createAll, DEVICE, Tenant, valid } from '../../support/tenant.ts';

const certificates = await createAll();
const strangers = await createAuthority('Strangers');
const authority = await createAuthority('Other servers');
const past = valid(-2, -1);

interface Refusal {
  readonly title: string;
  readonly says: RegExp;
  readonly identity?: () => Promise<Identity>;
  readonly config?: Readonly<Record<string, string>>;
  /** Changes the tenant before the device connects. */
  readonly arrange?: (tenant: Tenant) => void;
}

const ERROR = '^error https://127\\.0\\.0\\.1:\\d+ gives no token for the certificate of board-7: ';
const NOT_ACCEPTED = new RegExp(`${ERROR}it is expired or revoked, or leads to no trusted CA .*$`);
const NOT_USABLE = new RegExp(`${ERROR}its chain cannot be read, or the device is not registered`);
const NOT_OFFERED = new RegExp(`${ERROR}there are no device access tokens`);

const REFUSALS: readonly Refusal[] = [
  {
    title: 'a certificate of a CA that the tenant does not trust',
    identity: () => createDeviceCertificate(strangers, DEVICE),
    says: NOT_ACCEPTED,
  },
  {
    title: 'an intermediate of a trusted root, but no chain',
    identity: async () => certificates.chained,
    config: { sendChain: 'no' },
    says: NOT_ACCEPTED,
  },
  {
    title: 'an expired certificate',
    identity: () => createDeviceCertificate(certificates.root, DEVICE, past),
    says: NOT_ACCEPTED,
  },
  {
    title: 'a certificate that is not valid yet',
    identity: () => createDeviceCertificate(certificates.root, DEVICE, valid(1, 2)),
    says: NOT_ACCEPTED,
  },
  {
    title: 'a revoked device',
    arrange: ({ platform }) => {
      const { tenantId, username } = createDeviceUser(platform, DEVICE);
      const user = platform.core.findUser(tenantId, username);
      if (user !== undefined) user.enabled = false;
    },
    says: NOT_ACCEPTED,
  },
  {
    title: 'a device that nobody has registered',
    arrange: ({ platform }) => {
      platform.core.certificates.clear();
      trustAuthority(platform, certificates.root.certificate, { autoRegistration: false });
    },
    says: NOT_USABLE,
  },
  {
    title: 'a tenant without device access tokens',
    arrange: ({ platform }) => void platform.order({ kind: 'status', path: accessTokenPath, status: 404 }),
    says: NOT_OFFERED,
  },
];

for (const { title, says, identity, config = {}, arrange = () => {} } of REFUSALS) {
  testOnRuntimes(`refused: ${title}`, async (t, runtime) => {
    const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
    arrange(tenant);
    const shown = (await identity?.()) ?? certificates.device;
    const device = new TestDevice(t, {
      runtime,
      config: { ...tenant.config, ...config },
      resources: tenant.files(shown),
    });
    await device.hears(says);
    // Only one next try is logged.
    await device.hears(/^warn token: .*; next try in ([6-8]\d|9[01]) s$/);
    await device.stop();
    t.is(device.lines.filter((line) => line.includes('next try in')).length, 1);
    t.deepEqual(
      tenant.platform.seen.map(({ path }) => path),
      [accessTokenPath],
    );
    t.deepEqual(tenant.platform.breaches, []);
    t.deepEqual(device.failures, []);
    t.deepEqual(leaks(device.lines, [shown.privateKey]), []);
  });
}

interface BadServer {
  readonly title: string;
  readonly says: RegExp;
  readonly identity: () => Promise<Identity>;
}

const BAD_SERVERS: readonly BadServer[] = [
  {
    title: 'of an unknown CA',
    identity: () => createServerCertificate(strangers),
    says: /the server certificate is not trusted/,
  },
  {
    title: 'for another name',
    identity: () => createServerCertificate(authority, { names: ['elsewhere.example'], addresses: [] }),
    says: /the server certificate is for another name/,
  },
  {
    title: 'that has expired',
    identity: () => createServerCertificate(authority, past),
    says: /the server certificate is not valid now/,
  },
];

for (const { title, says, identity } of BAD_SERVERS) {
  for (const where of ['token', 'requests'] as const) {
    testOnRuntimes(`${where}: no request to a server with a certificate ${title}`, async (t, runtime) => {
      const { tenant, device } = await badServer(t, runtime, where, await identity());
      // Logged once, however often it tries; the device is alive and stops in an orderly way.
      await device.hears(new RegExp(`^warn ${where}: .*${says.source}`));
      await device.stop();
      t.deepEqual(
        tenant.platform.seen.map(({ path }) => path),
        where === 'token' ? [] : [accessTokenPath],
      );
      t.deepEqual(device.failures, []);
    });
  }
}

/** A device whose token endpoint, or whose API, presents this certificate. */
async function badServer(t: ExecutionContext, runtime: 'node' | 'xs', where: 'token' | 'requests', server: Identity) {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const bad = await startServer({
    platform: tenant.platform,
    tls: true,
    certificates: { authority: authority.certificate, server },
  });
  t.teardown(() => bad.close());
  const resources = tenant.files(certificates.device);
  const address = where === 'token' ? { tokenUrl: bad.tokenUrl ?? '' } : { url: bad.url };
  const device = new TestDevice(t, {
    runtime,
    config: { ...tenant.config, ...address },
    resources: { ...resources, ca: resources['ca'] + authority.certificate },
  });
  return { tenant, device };
}

testOnRuntimes('a server whose TLS refuses the certificate is named in the log', async (t, runtime) => {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const device = new TestDevice(t, {
    runtime,
    config: { ...tenant.config, tokenUrl: await alertingServer(t) },
    resources: tenant.files(certificates.device),
  });
  await device.hears(/^warn token: get a token: the TLS handshake failed \(.*certificate expired.*\); next try in/);
  await device.stop();
  t.deepEqual(tenant.platform.seen, []);
  t.deepEqual(device.failures, []);
});

/** Answers the first bytes of a client with a fatal alert: certificate_expired (RFC 8446 §6.2). */
async function alertingServer(t: ExecutionContext): Promise<string> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 45])));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

testOnRuntimes('a private key of another certificate is refused', async (t, runtime) => {
  const tenant = await Tenant.start(t, certificates.server, [certificates.root]);
  const resources = { ...tenant.files(certificates.device), privateKey: certificates.chained.privateKey };
  const device = new TestDevice(t, { runtime, config: tenant.config, resources });
  await device.hears(/^warn token: get a token: the TLS handshake failed \(.*key values mismatch.*\); next try in/);
  await device.stop();
  t.deepEqual(tenant.platform.seen, []);
  t.deepEqual(leaks(device.lines, [certificates.chained.privateKey]), []);
});
