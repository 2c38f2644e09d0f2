// SPDX-License-Identifier: Apache-2.0

import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import test from 'ava';
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

test('each CA is one that a board can use, signed by itself, and found by the name of its key', async (t) => {
  const store = await trustStore();
  const list = Buffer.from(store.get('ca.ski') as Uint8Array);
  t.is(store.size, list.length / 20 + 1);
  t.is(store.size - 1, bundle.split('BEGIN CERTIFICATE').length - 1, 'none is in it twice');
  let bytes = 0;
  for (let index = 0; index < list.length / 20; index += 1) {
    const der = Buffer.from(store.get(`ca${index}.der`) as Uint8Array);
    const root = new X509Certificate(der);
    t.true(root.verify(root.publicKey), root.subject);
    t.true(parseCertificate(der).isCa);
    t.true(der.includes(list.subarray(20 * index, 20 * index + 20)), root.subject);
    bytes += der.length;
  }
  t.true(bytes < 40_000, `${bytes} bytes of flash`);
});

test('the comments say what is in it, and until when', (t) => {
  const lines = bundle.split('\n').filter((line) => line.startsWith('#'));
  const roots = bundle.match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g) ?? [];
  t.is(lines.length, roots.length);
  for (const [index, pem] of roots.entries()) {
    const [, name = '', year = ''] = /^# (.*), until (\d{4})$/.exec(lines[index] ?? '') ?? [];
    const root = new X509Certificate(pem);
    t.true(root.subject.includes(name) && root.validTo.includes(year), lines[index]);
  }
});

test('a project adds its own, and one that is there already stays one', async (t) => {
  const [first = ''] = bundle.match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g) ?? [];
  const ours = await trustStore();
  t.deepEqual(await trustStore(project(t, first)), ours);
  t.is((await trustStore(project(t, await authority()))).size, ours.size + 1);
});

test('what a board could not use is refused by name', async (t) => {
  const { certificate: nameless } = await createAuthority('Barn');
  const rules: readonly (readonly [pem: string, message: RegExp])[] = [
    ['-----BEGIN NOTHING-----', /^trust\.pem: there is no certificate in it/],
    [nameless, /^trust\.pem: CN=Barn does not name its key/],
    [await authority({ isCa: false }), /^trust\.pem: CN=Corporate is no CA$/],
    [await authority({ notAfter: new Date('2024-02-01') }), /^trust\.pem: CN=Corporate has ended on Feb {2}1 /],
    [await authority({ curve: 'P-521' }), /^trust\.pem: CN=Corporate has a key that a board cannot use/],
  ];
  for (const [pem, message] of rules) await t.throwsAsync(trustStore(project(t, pem)), { message });
});

async function authority({
  isCa = true,
  notAfter = new Date('2040-01-01'),
  curve = 'P-256',
}: {
  readonly isCa?: boolean;
  readonly notAfter?: Date;
  readonly curve?: string;
} = {}): Promise<string> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Corporate',
    notBefore: new Date('2020-01-01'),
    notAfter,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(isCa, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return certificate.toString('pem');
}
