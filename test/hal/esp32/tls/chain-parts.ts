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

/** A GeneralSubtree of name constraints (RFC 5280 §4.2.1.10): the name, and what is behind it. */
export const subtree = (tag: number, base: Uint8Array | string, ...rest: readonly number[]): Uint8Array =>
  encoded(0x30, encoded(tag, Buffer.from(base)), Uint8Array.from(rest));
export const dns = (base: string, ...rest: readonly number[]) => subtree(0x82, base, ...rest);
export const ip = (...bytes: readonly number[]) => subtree(0x87, Uint8Array.from(bytes));
export const directory = (name: string) => subtree(0xa4, new Uint8Array(new x509.Name(name).toArrayBuffer()));

/** What is in their sequence; a list that is undefined is not there. */
export const subtrees = (permitted?: readonly Uint8Array[], excluded?: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    ...(permitted === undefined ? [] : [encoded(0xa0, ...permitted)]),
    ...(excluded === undefined ? [] : [encoded(0xa1, ...excluded)]),
  ]);

export const constraints = (permitted?: readonly Uint8Array[], excluded?: readonly Uint8Array[], critical = true) =>
  new x509.Extension('2.5.29.30', critical, encoded(0x30, subtrees(permitted, excluded)));

/** Of less than 64 KB. */
function encoded(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const { length } = Buffer.concat(parts);
  if (length >= 256) return element(tag, ...parts);
  return new Uint8Array([tag, ...(length < 128 ? [] : [0x81]), length, ...Buffer.concat(parts)]);
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
