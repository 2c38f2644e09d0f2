// SPDX-License-Identifier: Apache-2.0

import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { ANCHORS_FILE, anchorsNamed } from '../../../hal/esp32/tls/anchors.ts';
import { parseCertificate } from '../../../hal/esp32/tls/certificate.ts';
import { OWN_ROOTS, trustStore } from '../../../tools/moddable/trust.ts';
import { createAuthority } from '../../../tools/platform/certificates.ts';

function project(t: { teardown(fn: () => void): void }, pem: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-trust-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(path.join(directory, 'trust.pem'), pem);
  return directory;
}

const bundle = readFileSync(OWN_ROOTS, 'utf8');

const blocks = (pem: string) => pem.match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g) ?? [];

async function storeOf(directory?: string): Promise<Uint8Array> {
  return new Uint8Array((await trustStore(directory)).get(ANCHORS_FILE) ?? []);
}

test('each CA is signed by itself, and a board finds name, end and key of it, and no more', async (t) => {
  const store = await trustStore();
  t.deepEqual([...store.keys()], [ANCHORS_FILE]);
  const anchors = await storeOf();
  let bytes = 0;
  for (const pem of blocks(bundle)) {
    const root = new X509Certificate(pem);
    t.true(root.verify(root.publicKey), root.subject);
    const { subject, notAfterMs, key, isCa } = parseCertificate(new Uint8Array(root.raw));
    const found = anchorsNamed(subject, anchors);
    t.is(found.length, 1, `none is in it twice: ${root.subject}`);
    t.like(found[0], { subject, issuer: subject, notAfterMs, key, isCa, pathLength: undefined });
    bytes += root.raw.length;
  }
  t.true(anchors.length < 17_000, `${anchors.length} bytes of flash; as certificates ${bytes}`);
});

test('there is none of another name, nor of one that begins alike', async (t) => {
  const anchors = await storeOf();
  const [first = ''] = blocks(bundle);
  const { subject } = parseCertificate(new Uint8Array(new X509Certificate(first).raw));
  t.is(anchorsNamed(subject, anchors).length, 1);
  const other = subject.slice();
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  t.is(anchorsNamed(other, anchors).length, 0);
  t.is(anchorsNamed(subject, new Uint8Array()).length, 0);
  t.is(anchorsNamed(Uint8Array.of(0x30, 0), anchors).length, 0);
});

test('two that share a name are both found; a path length stays', async (t) => {
  const [one, other] = [await authority(), await authority({ pathLength: 1 })];
  const anchors = await storeOf(project(t, one + other));
  const { subject } = parseCertificate(new Uint8Array(new X509Certificate(one).raw));
  const found = anchorsNamed(subject, anchors);
  t.deepEqual(
    found.map(({ pathLength }) => pathLength),
    [undefined, 1],
  );
});

test('the comments say what is in it, and until when', (t) => {
  const lines = bundle.split('\n').filter((line) => line.startsWith('#'));
  const roots = blocks(bundle);
  t.is(lines.length, roots.length);
  for (const [index, pem] of roots.entries()) {
    const [, name = '', year = ''] = /^# (.*), until (\d{4})$/.exec(lines[index] ?? '') ?? [];
    const root = new X509Certificate(pem);
    t.true(root.subject.includes(name) && root.validTo.includes(year), lines[index]);
  }
});

test('a project adds its own, and one that is there already stays one', async (t) => {
  const [first = ''] = blocks(bundle);
  const ours = await storeOf();
  t.deepEqual(await storeOf(project(t, first)), ours);
  const own = new X509Certificate(await authority());
  const { subject } = parseCertificate(new Uint8Array(own.raw));
  t.is(anchorsNamed(subject, await storeOf(project(t, own.toString()))).length, 1);
});

test('one that does not name its key is found all the same', async (t) => {
  const { certificate } = await createAuthority('Barn');
  const { subject } = parseCertificate(new Uint8Array(new X509Certificate(certificate).raw));
  t.is(anchorsNamed(subject, await storeOf(project(t, certificate))).length, 1);
});

test('those that have ended are left out, and told; a file of nothing else is refused', async (t) => {
  const [one, other] = ['2024-02-01', '2025-02-01'].map((notAfter) => authority({ notAfter: new Date(notAfter) }));
  const ended = `${await one}${await other}`;
  const said: string[] = [];
  const report = (line: string) => said.push(line);
  const ours = await trustStore();
  t.deepEqual(await trustStore(project(t, ended + blocks(bundle)[0]), report), ours);
  t.deepEqual(
    said.map((line) => line.replace(/\d\d:.*GMT/, '…')),
    ['Thu, 01 Feb 2024 …', 'Sat, 01 Feb 2025 …'].map(
      (end) => `trust.pem: CN=Corporate has ended on ${end}: it is left out`,
    ),
  );
  await t.throwsAsync(trustStore(project(t, ended), report), { message: /^trust\.pem: CN=Corporate has ended on Thu/ });
  t.is(said.length, 2);
});

test('the whole store of Mozilla is a line away: a board takes all that have not ended', async (t) => {
  const anchors = await trustStore(project(t, rootCertificates.join('\n')), () => {});
  const bytes = anchors.get(ANCHORS_FILE)?.length ?? 0;
  t.true(bytes > 60_000 && bytes < 90_000, `${bytes} bytes`);
});

test('what a board could not use is refused by name', async (t) => {
  const good = await authority();
  const rules: readonly (readonly [pem: string, message: RegExp])[] = [
    ['-----BEGIN NOTHING-----', /^trust\.pem: it contains no certificate/],
    [good + good.replace(/^MII/m, 'MIJ'), /^trust\.pem: certificate 2 cannot be read: /],
    [await authority({ isCa: false }), /^trust\.pem: CN=Corporate is not a CA$/],
    [await authority({ issuer: 'CN=Other' }), /^trust\.pem: CN=Corporate is not a root: another CA has issued it/],
    [
      await authority({ usage: x509.KeyUsageFlags.digitalSignature }),
      /^trust\.pem: CN=Corporate must not sign certifi/,
    ],
    [await authority({ purpose: x509.ExtendedKeyUsage.clientAuth }), /^trust\.pem: CN=Corporate is not for servers/],
    [
      await authority({ isConstrained: true }),
      /^trust\.pem: CN=Corporate has name constraints, which a firmware cannot store; allowed: in `ca`$/,
    ],
    [await authority({ notAfter: new Date('2024-02-01') }), /^trust\.pem: CN=Corporate has ended on Thu, 01 Feb 2024/],
    [await authority({ notBefore: new Date('2039-02-01') }), /^trust\.pem: CN=Corporate begins on Tue, 01 Feb 2039/],
    [await authority({ keys: P521 }), /^trust\.pem: CN=Corporate has a key that a board cannot use/],
    [await authority({ keys: RSA_1024 }), /^trust\.pem: CN=Corporate has a key that a board cannot use/],
  ];
  for (const [pem, message] of rules) await t.throwsAsync(trustStore(project(t, pem)), { message });
});

const P521 = { name: 'ECDSA', namedCurve: 'P-521' };
const RSA_1024 = {
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ...{ modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1) },
};

interface Wish {
  readonly isCa?: boolean;
  readonly pathLength?: number;
  readonly issuer?: string;
  readonly usage?: number;
  readonly purpose?: string;
  readonly isConstrained?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly keys?: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams;
}

/** In PEM; unless wished otherwise, a root that a board takes. */
async function authority(wish: Wish = {}): Promise<string> {
  const { isCa = true, pathLength, issuer = 'CN=Corporate', usage, purpose, isConstrained = false } = wish;
  const algorithm = wish.keys ?? { name: 'ECDSA', namedCurve: 'P-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions: x509.Extension[] = [new x509.BasicConstraintsExtension(isCa, pathLength, true)];
  if (usage !== undefined) extensions.push(new x509.KeyUsagesExtension(usage, true));
  if (purpose !== undefined) extensions.push(new x509.ExtendedKeyUsageExtension([purpose]));
  // { permitted [0] { { dNSName [2] of no bytes } } }
  if (isConstrained) {
    const value = Uint8Array.of(0x30, 6, 0xa0, 4, 0x30, 2, 0x82, 0);
    extensions.push(new x509.Extension('2.5.29.30', false, value));
  }
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject: 'CN=Corporate', issuer },
    notBefore: wish.notBefore ?? new Date('2020-01-01'),
    notAfter: wish.notAfter ?? new Date('2040-01-01'),
    ...{ publicKey: keys.publicKey, signingKey: keys.privateKey, extensions },
    signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
  });
  return `${certificate.toString('pem')}\n`;
}
