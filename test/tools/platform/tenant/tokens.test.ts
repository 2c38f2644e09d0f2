// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from 'node:crypto';
import test from 'ava';
import {
  type Authority,
  chainHeader,
  createAuthority,
  createDeviceCertificate,
  type Identity,
} from '../../../../tools/platform/certificates.ts';
import { setTenantOption, trustAuthority } from '../../../../tools/platform/operator.ts';
import { type Answer, Desk } from '../desk.ts';

interface Certificates {
  readonly root: Authority;
  readonly middle: Authority;
  readonly other: Authority;
  /** Issued by the root, by the intermediate, by a root that nobody trusts. */
  readonly direct: Identity;
  readonly below: Identity;
  readonly foreign: Identity;
  readonly expired: Identity;
  readonly weak: Identity;
  readonly elliptic: Identity;
}

/** Certificates are slow to make, so they are made once; their times fit the virtual time of the tests. */
const certificates: Promise<Certificates> = (async () => {
  const life = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') };
  const root = await createAuthority('Root', life);
  const middle = await createAuthority('Middle', { ...life, issuer: root, key: 'EC' });
  const other = await createAuthority('Other', { ...life, key: 'EC' });
  return {
    root,
    middle,
    other,
    direct: await createDeviceCertificate(root, 'd1', life),
    below: await createDeviceCertificate(middle, 'd1', life),
    foreign: await createDeviceCertificate(other, 'd1', { ...life, key: 'EC' }),
    expired: await createDeviceCertificate(root, 'd1', {
      notBefore: new Date('2025-01-01'),
      notAfter: new Date('2025-02-01'),
    }),
    weak: await createDeviceCertificate(root, 'd1', { ...life, modulusBits: 1024 }),
    elliptic: await createDeviceCertificate(root, 'd1', { ...life, key: 'EC' }),
  };
})();

function ask(desk: Desk, certificate: string | undefined, header?: string): Answer {
  const leaf = certificate === undefined ? undefined : new X509Certificate(certificate).raw;
  return desk.send('POST', '/devicecontrol/deviceAccessToken', {
    as: 'none',
    headers: header === undefined ? {} : { 'x-ssl-cert-chain': header },
    extra: { port: 'token', ...(leaf === undefined ? {} : { clientCertificate: { leaf } }) },
  });
}

const cases: readonly [string, number, 'root' | 'middle', (c: Certificates) => [string | undefined, string?]][] = [
  ['leaf alone, its issuer is trusted', 200, 'root', ({ direct }) => [direct.certificate]],
  ['leaf alone with an EC key', 200, 'root', ({ elliptic }) => [elliptic.certificate]],
  ['leaf alone, its intermediate is trusted', 200, 'middle', ({ below }) => [below.certificate]],
  ['leaf alone, only the root is trusted', 401, 'root', ({ below }) => [below.certificate]],
  ['with the chain up to the root', 200, 'root', ({ below }) => [below.certificate, chainHeader(below.chain)]],
  [
    'with the chain and the root itself',
    200,
    'root',
    ({ below, root }) => [below.certificate, chainHeader(below.chain + root.certificate)],
  ],
  [
    'a foreign issuer',
    401,
    'root',
    ({ foreign, other }) => [foreign.certificate, chainHeader(foreign.chain + other.certificate)],
  ],
  [
    'a chain in the wrong order',
    401,
    'root',
    ({ below, middle }) => [below.certificate, chainHeader(middle.certificate + below.certificate)],
  ],
  ['a chain of another device', 401, 'root', ({ below, direct }) => [below.certificate, chainHeader(direct.chain)]],
  [
    'a chain that cannot be read',
    400,
    'root',
    ({ direct }) => [direct.certificate, '-----BEGIN CERTIFICATE----- x -----END CERTIFICATE-----'],
  ],
  ['a chain that is none', 400, 'root', ({ direct }) => [direct.certificate, 'hello']],
  ['an expired certificate', 401, 'root', ({ expired }) => [expired.certificate]],
  ['an RSA key that is too short', 422, 'root', ({ weak }) => [weak.certificate]],
  ['a CA as a device', 422, 'root', ({ middle }) => [middle.certificate]],
  ['no certificate', 401, 'root', () => [undefined]],
];
for (const [name, status, trusted, choose] of cases) {
  test(`${status}: ${name}`, async (t) => {
    const all = await certificates;
    const desk = new Desk();
    trustAuthority(desk.platform, all[trusted].certificate);
    const answer = ask(desk, ...choose(all));
    t.is(answer.status, status, answer.text);
    t.is(desk.platform.core.findUser('t1000', 'device_d1') !== undefined, status === 200);
    t.deepEqual(desk.broken, []);
  });
}

test('without auto registration only known devices get a token', async (t) => {
  const { root, direct } = await certificates;
  const desk = new Desk();
  trustAuthority(desk.platform, root.certificate, { autoRegistration: false });
  t.is(ask(desk, direct.certificate).status, 422);
  desk.user('d1');
  t.is(ask(desk, direct.certificate).status, 200);
});

test('a token lives as long as the tenant option says, and until logout', async (t) => {
  const { root, direct } = await certificates;
  const desk = new Desk();
  trustAuthority(desk.platform, root.certificate);
  desk.platform.settings.shortTokens = true;
  setTenantOption(desk.platform, 'oauth.internal', 'device-token.lifespan.seconds', 10);
  const token = String(ask(desk, direct.certificate).json['accessToken']);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  t.like(claims, { sub: 'device_d1', ten: 't1000', exp: desk.time.nowMs / 1000 + 10 });
  const use = (bearer: string) =>
    desk.send('GET', '/user/currentUser', { as: 'none', headers: { authorization: `Bearer ${bearer}` } }).status;
  t.is(use(token), 200);
  t.is(use(`${token.slice(0, -1)}x`), 401);
  desk.time.advance(9999);
  t.is(use(token), 200);
  desk.time.advance(1);
  t.is(use(token), 401);
  t.deepEqual(desk.broken, [], 'expiry is no fault of the device');
  const next = String(ask(desk, direct.certificate).json['accessToken']);
  const headers = { authorization: `Bearer ${next}` };
  t.is(desk.send('POST', '/user/logout', { as: 'none', headers }).status, 200);
  t.is(use(next), 401);
  t.deepEqual(desk.broken, ['token-after-logout']);
});

test('a token is worth as much as the password: it owns what it creates', async (t) => {
  const { root, direct } = await certificates;
  const desk = new Desk();
  trustAuthority(desk.platform, root.certificate);
  const headers = { authorization: `Bearer ${ask(desk, direct.certificate).json['accessToken']}` };
  t.is(desk.send('POST', '/inventory/managedObjects', { as: 'none', headers, body: {} }).json['owner'], 'device_d1');
});

test('a disabled device gets no token', async (t) => {
  const { root, direct } = await certificates;
  const desk = new Desk();
  trustAuthority(desk.platform, root.certificate);
  ask(desk, direct.certificate);
  desk.send('PUT', '/user/t1000/users/device_d1', { body: { enabled: false } });
  t.is(ask(desk, direct.certificate).status, 401);
});

test('operators upload, change and remove trusted certificates', async (t) => {
  const { root, direct } = await certificates;
  const desk = new Desk();
  const path = '/tenant/tenants/t1000/trusted-certificates';
  const body = { name: 'Root', status: 'ENABLED', certInPemFormat: root.certificate, autoRegistrationEnabled: true };
  const created = desk.send('POST', path, { body });
  t.is(created.status, 201);
  t.like(created.json, { name: 'Root', subject: 'CN=Root', status: 'ENABLED', autoRegistrationEnabled: true });
  t.is(desk.send('POST', path, { body }).status, 409);
  t.is(desk.send('POST', path, { body: { ...body, certInPemFormat: 'x' } }).status, 422);
  t.is(desk.send('POST', path, { body: { ...body, certInPemFormat: direct.certificate } }).status, 422, 'no CA');
  t.is(desk.send('POST', path, { body: {} }).status, 422);
  const url = `${path}/${created.json['fingerprint']}`;
  t.is(ask(desk, direct.certificate).status, 200);
  desk.send('PUT', url, { body: { status: 'DISABLED' } });
  t.is(ask(desk, direct.certificate).status, 401);
  t.is((desk.send('GET', path).json['certificates'] as unknown[]).length, 1);
  t.is(desk.send('GET', url).json['status'], 'DISABLED');
  t.is(desk.send('DELETE', url).status, 204);
  t.is(desk.send('GET', url).status, 404);
});

test('tenant options are set, read, listed and removed', (t) => {
  const desk = new Desk();
  const path = '/tenant/options';
  const option = { category: 'a', key: 'b', value: '1' };
  t.is(desk.send('POST', path, { body: option }).status, 200);
  t.is(desk.send('PUT', `${path}/a/b`, { body: { value: 2 } }).json['value'], '2');
  t.like(desk.send('GET', `${path}/a/b`).json, { ...option, value: '2' });
  t.deepEqual(desk.send('GET', path).json['options'], [{ ...option, value: '2' }]);
  t.is(desk.send('POST', path, { body: { category: 'a' } }).status, 422);
  t.is(desk.send('PUT', `${path}/a/b`, { body: {} }).status, 422);
  t.is(desk.send('DELETE', `${path}/a/b`).status, 204);
  t.is(desk.send('DELETE', `${path}/a/b`).status, 404);
  t.is(desk.send('GET', `${path}/a/b`).status, 404);
});

test('the answer has the media type of the guide, whatever Accept says', async (t) => {
  const { root, direct } = await certificates;
  const desk = new Desk();
  trustAuthority(desk.platform, root.certificate);
  t.is(
    ask(desk, direct.certificate).headers['Content-Type'],
    'application/vnd.com.nsn.cumulocity.managedobject+json;charset=UTF-8;ver=0.9',
  );
  t.deepEqual(desk.broken, []);
});

test('a life below the platform’s least, or that is none, is refused unless a setting allows it', (t) => {
  const desk = new Desk();
  const category = 'oauth.internal';
  const key = 'device-token.lifespan.seconds';
  const url = `/tenant/options/${category}/${key}`;
  const put = (value: string) => desk.send('PUT', url, { body: { value } }).status;
  t.deepEqual(['299', '0', '-300', '3e2', '300.5', 'x', ''].map(put), [422, 422, 422, 422, 422, 422, 422]);
  t.is(desk.send('GET', url).status, 404, 'none was stored');
  t.is(desk.send('POST', '/tenant/options', { body: { category, key, value: '10' } }).status, 422);
  t.throws(() => setTenantOption(desk.platform, category, key, 10), { message: /from 300/ });
  t.is(put('300'), 200);
  desk.platform.settings.shortTokens = true;
  t.deepEqual(['10', '1', '0'].map(put), [200, 200, 422]);
});
