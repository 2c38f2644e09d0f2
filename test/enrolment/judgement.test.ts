// SPDX-License-Identifier: Apache-2.0

import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { readFacts } from '../../src/enrolment/certificates.ts';
import type { Enquiry } from '../../src/enrolment/enquiry.ts';
import { certificateOf, dayOf, patienceMs } from '../../src/enrolment/judgement.ts';
import { createAuthority, createDeviceCertificate } from '../../tools/platform/certificates.ts';

const root = await createAuthority('Root', { key: 'EC' });
const middle = await createAuthority('Middle', { key: 'EC', issuer: root });
const life = { notBefore: new Date(Date.UTC(2026, 0, 10)), notAfter: new Date(Date.UTC(2026, 6, 1)) };
const device = await createDeviceCertificate(middle, 'esp32-1', { key: 'EC', ...life });
const other = await createDeviceCertificate(middle, 'esp32-2', { key: 'EC' });
const raw = (pem: string) => new Uint8Array(new X509Certificate(pem).raw);
const NOW = Date.UTC(2026, 2, 1);
const KEY = { scalar: 1n, point: readFacts(raw(device.certificate)).key };

function answer(...pems: string[]): Enquiry {
  const list = new x509.X509Certificates(pems.map((each) => new x509.X509Certificate(each)));
  return { body: new ByteWriter(64, 100_000).put(new Uint8Array(list.export('raw'))) } as unknown as Enquiry;
}

test('our own comes first, wherever it stands; a root is left out', (t) => {
  const all = answer(root.certificate, middle.certificate, device.certificate);
  t.deepEqual(certificateOf(all, KEY, 'esp32-1', NOW), [raw(device.certificate), raw(middle.certificate)]);
  t.deepEqual(certificateOf(answer(device.certificate), KEY, 'esp32-1', undefined), [raw(device.certificate)]);
});

for (const [name, found, why] of [
  [
    'for another key',
    certificateOf(answer(other.certificate), KEY, 'esp32-2', NOW),
    /no certificate for the key of this device/,
  ],
  ['for another id', certificateOf(answer(device.certificate), KEY, 'esp32-9', NOW), /for esp32-1, not for esp32-9/],
  ['that has ended', certificateOf(answer(device.certificate), KEY, 'esp32-1', Date.UTC(2026, 6, 1)), /ended already/],
  ['of next month', certificateOf(answer(device.certificate), KEY, 'esp32-1', Date.UTC(2025, 11, 1)), /not valid yet/],
] as const) {
  test(`a certificate ${name} is none`, (t) => t.regex(String(found), why));
}

test('a clock that is some hours behind is no reason for a refusal', (t) => {
  t.true(Array.isArray(certificateOf(answer(device.certificate), KEY, 'esp32-1', Date.UTC(2026, 0, 9, 12))));
});

test('a day is written as a date; the wait before the next try grows up to a bound, and later to a longer one', (t) => {
  t.is(dayOf(Date.UTC(2027, 0, 31, 23, 59)), '2027-01-31');
  t.is(patienceMs(0, 0), 2000);
  t.is(patienceMs(100, 1000), 10_000);
  t.is(patienceMs(100, 600_000), 60_000);
});
