// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import test from 'ava';
import { encodeKey } from '../../../../src/enrolment/key.ts';
import { registerEnrolment } from '../../../../tools/platform/operator.ts';
import { Desk } from '../desk.ts';
import { certificateIn, enrol, KEY, PASSWORD, reenrolPath, requestFor } from '../enrolling.ts';

function deskWith(id = 'd1'): Desk {
  const desk = new Desk();
  registerEnrolment(desk.platform, id, PASSWORD);
  return desk;
}

function tokenOf(desk: Desk, leaf: Uint8Array) {
  const extra = { port: 'token' as const, clientCertificate: { leaf } };
  return desk.send('POST', '/devicecontrol/deviceAccessToken', { as: 'none', extra });
}

test('a one-time password gives a certificate, and the certificate a token', (t) => {
  const desk = deskWith();
  const answer = enrol(desk, 'd1');
  t.is(answer.status, 200);
  t.is(answer.headers['Content-Type'], 'application/pkcs7-mime;smime-type=certs-only');
  t.is(answer.headers['Content-Transfer-Encoding'], 'base64');
  const certificate = new X509Certificate(certificateIn(answer));
  const [authority] = [...desk.platform.core.certificates.values()].map(({ pem }) => new X509Certificate(pem));
  t.true(authority !== undefined && certificate.verify(authority.publicKey) && certificate.checkIssued(authority));
  t.is(authority?.subject, 'CN=t1000\nO=Cumulocity\nC=United States');
  t.true(authority?.ca);
  t.false(certificate.ca);
  t.is(certificate.subject, 'CN=d1');
  t.true(
    certificate.checkPrivateKey(createPrivateKey({ key: Buffer.from(encodeKey(KEY)), format: 'der', type: 'pkcs8' })),
  );
  t.is(Date.parse(certificate.validTo) - desk.time.nowMs, 365 * 86_400_000);
  const token = tokenOf(desk, certificate.raw);
  t.is(token.status, 200);
  t.deepEqual(desk.broken, []);
  // RFC 7030 §4.2.2, with the token
  const again = enrol(desk, 'd1', {
    path: reenrolPath,
    headers: { authorization: `Bearer ${String(token.json['accessToken'])}` },
  });
  t.is(again.status, 200);
  t.not(new X509Certificate(certificateIn(again)).serialNumber, certificate.serialNumber);
  t.deepEqual(desk.broken, []);
  t.deepEqual(desk.defects, []);
});

test('the same chance gives the same certificate', (t) => {
  const [one, other] = [deskWith(), deskWith()].map((desk) => certificateIn(enrol(desk, 'd1')).toString('hex'));
  t.is(one, other);
});

for (const [name, options, id] of [
  ['another password', { password: 'wrong-password' }, 'd1'],
  ['no password', { headers: { authorization: undefined } }, 'd1'],
  ['another device', {}, 'd2'],
] as const) {
  test(`${name}: 401, and nothing is used up`, (t) => {
    const desk = deskWith();
    const answer = enrol(desk, id, options);
    t.is(answer.status, 401);
    t.is(answer.json['error'], 'security/Unauthorized');
    t.deepEqual(desk.broken, []);
    t.is(enrol(desk, 'd1').status, 200);
  });
}

test('a one-time password is good once; registered again, once more', (t) => {
  const desk = deskWith();
  t.is(enrol(desk, 'd1').status, 200);
  t.is(enrol(desk, 'd1').status, 401);
  registerEnrolment(desk.platform, 'd1', PASSWORD);
  t.is(enrol(desk, 'd1').status, 200);
});

test('a request that is refused leaves the password as it was', (t) => {
  const desk = deskWith();
  t.is(enrol(desk, 'd1', { body: requestFor('d2') }).status, 422);
  t.is(enrol(desk, 'd1').status, 200);
  t.deepEqual(desk.broken, ['enrolment']);
});

test('people make the CA once, and register devices by a table', (t) => {
  const desk = new Desk();
  t.is(desk.send('POST', '/certificate-authority').status, 201);
  t.is(desk.send('POST', '/certificate-authority').status, 409);
  const table = `ID;AUTH_TYPE;ENROLLMENT_OTP\nd1;CERTIFICATES;${PASSWORD}\nd2;CERTIFICATES;short\nd3;BASIC;${PASSWORD}\n`;
  const answer = desk.send('POST', '/devicecontrol/bulkNewDeviceRequests', {
    bytes: Buffer.from(
      `--x\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n${table}\r\n--x--\r\n`,
    ),
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  });
  t.is(answer.status, 201);
  t.like(answer.json, { numberOfAll: 3, numberOfCreated: 1, numberOfFailed: 2 });
  t.is(enrol(desk, 'd1').status, 200);
  t.is(enrol(desk, 'd2').status, 401);
});

test('a tenant without a CA says so', (t) => {
  const desk = new Desk();
  const user = desk.user('d1');
  t.is(enrol(desk, 'd1', { path: reenrolPath, as: user }).status, 500);
});

test('a request whose key was exchanged is refused', (t) => {
  const desk = deskWith();
  const bytes = Buffer.from(requestFor('d1'), 'base64');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = publicKey.export({ format: 'der', type: 'spki' }).subarray(-64);
  const at = bytes.indexOf(Buffer.from(KEY.point.subarray(1)));
  other.copy(bytes, at);
  const answer = enrol(desk, 'd1', { body: bytes.toString('base64') });
  t.is(answer.status, 422);
  t.regex(String(answer.json['message']), /not signed by its own key/);
});
