// SPDX-License-Identifier: Apache-2.0

import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { DerError } from '../../src/bytes/der.ts';
import { decodeBase64, fromPem, pem, readCertificates, readFacts } from '../../src/enrolment/certificates.ts';
import { der } from '../../src/enrolment/der.ts';
import { makeKey } from '../../src/enrolment/key.ts';
import { softArithmetic } from '../../src/enrolment/p256.ts';
import { certificationRequest } from '../../src/enrolment/request.ts';
import { createAuthority, createDeviceCertificate } from '../../tools/platform/certificates.ts';
import fc from '../support/property.ts';
import { indefinite } from './ber.ts';

const authority = await createAuthority('t1000', { key: 'EC' });
const notAfter = new Date(Date.UTC(2051, 5, 4, 3, 2, 1));
const device = await createDeviceCertificate(authority, 'esp32-é,+"1', { key: 'EC', notAfter });
const rsa = await createDeviceCertificate(authority, 'esp32-2');
const raw = (text: string) => new Uint8Array(new X509Certificate(text).raw);
const pkcs7 = (...texts: string[]) =>
  new Uint8Array(new x509.X509Certificates(texts.map((each) => new x509.X509Certificate(each))).export('raw'));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const certificates = [device, authority].map(({ certificate }) => raw(certificate));
const good = pkcs7(device.certificate, authority.certificate);

test('a certificate request has the name and the key', async (t) => {
  for (const name of ['esp32-a0b1c2d3e4f5', 'Zähler 7', 'a=b,c+d"e']) {
    const key = makeKey((into) => void crypto.getRandomValues(into), softArithmetic);
    const bytes = certificationRequest(name, key, softArithmetic);
    const request = new x509.Pkcs10CertificateRequest(new Uint8Array(bytes));
    t.true(await request.verify());
    t.deepEqual(request.subjectName.toJSON(), [{ CN: [name] }]);
    t.is(request.attributes.length, 0);
    const point = new Uint8Array(request.publicKey.rawData).slice(-65);
    t.deepEqual(point, key.point);
  }
});

test('a name that no CA takes is refused', (t) => {
  const key = makeKey((into) => void crypto.getRandomValues(into), softArithmetic);
  t.notThrows(() => certificationRequest('x'.repeat(64), key, softArithmetic));
  t.throws(() => certificationRequest('x'.repeat(65), key, softArithmetic), { instanceOf: RangeError });
});

test('control: a request whose name was changed is refused', async (t) => {
  const key = makeKey((into) => void crypto.getRandomValues(into), softArithmetic);
  const bytes = certificationRequest('esp32-1', key, softArithmetic).slice();
  const at = Buffer.from(bytes).indexOf('esp32-1');
  bytes[at] = 0x66;
  t.false(await new x509.Pkcs10CertificateRequest(bytes).verify());
});

for (const [name, body] of [
  ['DER', good],
  ['BER of indefinite lengths', indefinite(good)],
  ['base64', ascii(base64(good))],
  ['base64 in lines, CR LF', ascii(base64(good).replace(/.{76}/g, '$&\r\n'))],
  ['base64 in lines, LF, and one at the end', ascii(`${base64(good).replace(/.{64}/g, '$&\n')}\n`)],
  ['base64 of BER', ascii(base64(indefinite(good)))],
] as const) {
  test(`an answer in ${name} holds the certificates, byte by byte`, (t) => {
    const found = readCertificates(body);
    t.is(found.length, 2);
    t.deepEqual(found.map(base64).sort(), certificates.map(base64).sort());
  });
}

test('facts of a certificate', (t) => {
  const facts = readFacts(raw(device.certificate));
  t.is(facts.name, 'esp32-é,+"1');
  t.is(facts.notAfterMs, notAfter.getTime());
  t.is(facts.notBeforeMs, Date.parse(new X509Certificate(device.certificate).validFrom));
  t.false(facts.isRoot);
  t.is(facts.key.length, 65);
  t.true(readFacts(raw(authority.certificate)).isRoot);
  t.is(readFacts(raw(rsa.certificate)).name, 'esp32-2');
});

const SIGNED = Buffer.from('06092a864886f70d010702', 'hex');
for (const [name, body, why] of [
  ['nothing', new Uint8Array(0), /tag -1/],
  ['a page', ascii('<html>Welcome</html>'), /neither BER nor base64/],
  ['JSON', ascii('{"error":"x"}'), /neither BER nor base64/],
  ['a certificate alone', raw(device.certificate), /tag 48 instead of 6/],
  ['another kind of content', good.map((byte, at) => (at === good.indexOf(0x02, 12) ? 9 : byte)), /./],
  ['something behind it', Uint8Array.from([...good, 0]), /bytes after the end/],
  ['cut off', good.slice(0, -1), /cut off/],
  ['no certificates', der(0x30, SIGNED, der(0xa0, der(0x30, der(2, ascii('\x01')), der(0x31), der(0x30)))), /no cert/],
  [
    'an empty list',
    der(0x30, SIGNED, der(0xa0, der(0x30, der(2, ascii('\x01')), der(0x31), der(0x30), der(0xa0)))),
    /no cert/,
  ],
  ['one without end', Uint8Array.from([0x30, 0x80, ...SIGNED]), /cut off/],
  [
    'a thousand in one another',
    new Uint8Array(2000).map((_, at) => (at % 2 === 0 ? 0x30 : 0x80)),
    /too many nested elements/,
  ],
  ['base64 with too much padding', ascii('MII==='), /neither BER nor base64/],
] as const) {
  test(`an answer with ${name} is refused`, (t) => {
    t.throws(() => readCertificates(body), { instanceOf: DerError, message: why });
  });
}

test('six certificates are too many', (t) => {
  const inner = Buffer.concat(Array.from({ length: 6 }, () => raw(device.certificate)));
  const body = der(0x30, SIGNED, der(0xa0, der(0x30, der(2, ascii('\x01')), der(0x31), der(0x30), der(0xa0, inner))));
  t.throws(() => readCertificates(body), { message: /more than 5/ });
});

test('property: whatever an answer is, it holds certificates or is refused, and nothing else', (t) => {
  const bodies = [good, indefinite(good), ascii(base64(good))];
  fc.assert(
    fc.property(
      fc.nat(2),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
      (which, changes, cut) => {
        const body = (bodies[which] as Uint8Array).slice(0, 1 + (cut % 4096));
        for (const [at, byte] of changes) body[at % body.length] = byte;
        try {
          return readCertificates(body).length > 0;
        } catch (error) {
          return error instanceof DerError;
        }
      },
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
      try {
        return readCertificates(body).length > 0;
      } catch (error) {
        return error instanceof DerError;
      }
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('property: base64 and PEM are read as they were written', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const text = ascii(`before\n${pem('THING', bytes)}after`);
      const read = fromPem(text, 'THING');
      return (
        base64(decodeBase64(ascii(base64(bytes)))) === base64(bytes) &&
        read !== undefined &&
        base64(read) === base64(bytes)
      );
    }),
  );
  t.is(fromPem(ascii('-----BEGIN THING-----\nAA'), 'THING'), undefined);
  t.is(fromPem(ascii('-----BEGIN THING-----\n!\n-----END THING-----'), 'THING'), undefined);
});
