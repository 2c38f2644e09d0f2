// SPDX-License-Identifier: Apache-2.0
/** Names of CAs (RFC 5280 §7.1), held against OpenSSL. */

import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { isNameAt, isSameName } from '../../../../hal/esp32/tls/names.ts';

x509.cryptoProvider.set(webcrypto);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

type Parts = Exclude<ConstructorParameters<typeof x509.Name>[0], string | ArrayBuffer | ArrayBufferView>;

const nameOf = (parts: Parts) => new x509.Name(parts);
const derOf = (name: x509.Name) => new Uint8Array(name.toArrayBuffer());

async function certificate(subject: x509.Name, issuer: x509.Name): Promise<X509Certificate> {
  const made = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: '01', subject: subject.toArrayBuffer(), issuer: issuer.toArrayBuffer() },
    ...{ publicKey: keys.publicKey, signingKey: keys.privateKey, signingAlgorithm: algorithm },
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  } as unknown as x509.X509CertificateCreateParams);
  return new X509Certificate(made.toString('pem'));
}

/** Whether OpenSSL takes both names for the same. */
async function isSameForReferee(name: x509.Name, other: x509.Name): Promise<boolean> {
  return (await certificate(nameOf([{ CN: ['leaf'] }]), name)).checkIssued(await certificate(other, other));
}

const CASES: readonly (readonly [what: string, name: Parts, other: Parts, isSame: boolean, referee?: boolean])[] = [
  ['the same', [{ O: ['Works'] }, { CN: ['Root'] }], [{ O: ['Works'] }, { CN: ['Root'] }], true],
  ['capitals', [{ O: ['WORKS'] }, { CN: ['root'] }], [{ O: ['Works'] }, { CN: ['Root'] }], true],
  ['PrintableString and UTF8String', [{ CN: [{ printableString: 'Root' }] }], [{ CN: [{ utf8String: 'ROOT' }] }], true],
  ['parts in another order', [{ O: ['Works'] }, { CN: ['Root'] }], [{ CN: ['Root'] }, { O: ['Works'] }], false],
  ['values of the parts exchanged', [{ O: ['Root'] }, { CN: ['Works'] }], [{ O: ['Works'] }, { CN: ['Root'] }], false],
  ['one part fewer', [{ CN: ['Root'] }], [{ O: ['Works'] }, { CN: ['Root'] }], false],
  ['two values in one part', [{ O: ['Works'], CN: ['Root'] }], [{ O: ['Works'] }, { CN: ['Root'] }], false],
  ['BMPString twice', [{ CN: [{ bmpString: 'Root' }] }], [{ CN: [{ bmpString: 'Root' }] }], true],
  ['BMPString, capitals', [{ CN: [{ bmpString: 'ROOT' }] }], [{ CN: [{ bmpString: 'Root' }] }], true],
  ['BMPString, other letters', [{ CN: [{ bmpString: 'Loot' }] }], [{ CN: [{ bmpString: 'Root' }] }], false],
  // RFC 5280 §7.1 demands the comparison of PrintableString and UTF8String only; OpenSSL converts this one, too.
  ['BMPString and UTF8String', [{ CN: [{ bmpString: 'Root' }] }], [{ CN: [{ utf8String: 'Root' }] }], false, true],
];

for (const [what, name, other, isSame, referee = isSame] of CASES) {
  test(`names: ${what}`, async (t) => {
    const [first, second] = [nameOf(name), nameOf(other)];
    t.is(isSameName(derOf(first), derOf(second)), isSame);
    t.is(isSameName(derOf(second), derOf(first)), isSame);
    t.is(await isSameForReferee(first, second), referee, 'OpenSSL');
    const within = Buffer.concat([Buffer.alloc(7, 0x30), derOf(first), Buffer.alloc(40)]);
    t.is(isNameAt(within, 7, derOf(second)), isSame);
  });
}
