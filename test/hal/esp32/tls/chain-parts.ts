// SPDX-License-Identifier: Apache-2.0
/** What certificates of `chains.ts` are made of. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { DerReader, Tag } from '../../../../src/bytes/der.ts';

export const bulk = () => new x509.Extension('1.3.6.1.4.1.99999.1', false, octets(2100));
export const strange = () => new x509.Extension('1.3.6.1.4.1.99999.2', true, octets(4));

function octets(length: number): Uint8Array<ArrayBuffer> {
  const head = length < 128 ? [0x04, length] : [0x04, 0x82, length >> 8, length & 0xff];
  return new Uint8Array([...head, ...new Uint8Array(length)]);
}

/** Both critical, as they have to be (RFC 5280 §4.2.1.14, §4.2.1.5). */
export const inhibitAnyPolicy = () => new x509.Extension('2.5.29.54', true, new Uint8Array([0x02, 1, 0]));
export const policyMappings = () =>
  new x509.Extension('2.5.29.33', true, new Uint8Array([0x30, 10, 0x30, 8, 6, 2, 0x2a, 3, 6, 2, 0x2a, 4]));

/** Permits only names below `elsewhere.localhost`: { permitted [0] { { dNSName [2] } } }. */
export function constrained(critical: boolean): x509.Extension {
  const name = Buffer.from('elsewhere.localhost');
  const subtree = [0x30, name.length + 2, 0x82, name.length, ...name];
  const bytes = [0x30, subtree.length + 2, 0xa0, subtree.length, ...subtree];
  return new x509.Extension('2.5.29.30', critical, new Uint8Array(bytes));
}

/** The same without version and extensions, as `openssl x509 -req -signkey` makes it; signed by RSA with SHA-256. */
export async function firstVersion(certificate: ArrayBuffer, signer: webcrypto.CryptoKey): Promise<ArrayBuffer> {
  const signed = new DerReader(new Uint8Array(certificate)).enter(Tag.Sequence).enter(Tag.Sequence);
  signed.skip(0xa0);
  const serial = signed.takeWhole(Tag.Integer);
  const algorithm = signed.takeWhole(Tag.Sequence);
  const rest = Array.from({ length: 4 }, () => signed.takeWhole(Tag.Sequence));
  const bytes = element(Tag.Sequence, serial, algorithm, ...rest);
  const signature = await webcrypto.subtle.sign('RSASSA-PKCS1-v1_5', signer, bytes);
  const bits = element(Tag.BitString, Uint8Array.of(0), new Uint8Array(signature));
  return element(Tag.Sequence, bytes, algorithm, bits).buffer;
}

/** Of 256 bytes and more. */
function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = Buffer.concat(parts);
  return new Uint8Array([tag, 0x82, content.length >> 8, content.length & 0xff, ...content]);
}
