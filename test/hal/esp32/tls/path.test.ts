// SPDX-License-Identifier: Apache-2.0

import { createHash, X509Certificate } from 'node:crypto';
import test from 'ava';
import { ANCHORS_FILE, anchorsNamed } from '../../../../hal/esp32/tls/anchors.ts';
import { type Certificate, parseCertificate } from '../../../../hal/esp32/tls/certificate.ts';
import { isRefusal, type KnownTime, validatePath } from '../../../../hal/esp32/tls/path.ts';
import { readPem } from '../../../../hal/esp32/tls/pem.ts';
import { Trust } from '../../../../hal/esp32/tls/session/certificates.ts';
import { isSignedBy as isSignedByBoard } from '../../../../hal/esp32/tls/signature.ts';
import { anchorsOf } from '../../../../tools/moddable/trust.ts';
import { type Chain, certificateFor, makeChains, type Verdict } from './chains.ts';
import { portOf, refereeVerdict, serve } from './referee.ts';
import { files } from './sdk/resource.ts';

const chains = await makeChains();

/** With Node's arithmetic in place of the board's; what the board does not do, this does not either. */
function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (certificate.algorithm === undefined) return false;
  try {
    return new X509Certificate(certificate.bytes).verify(new X509Certificate(issuer.bytes).publicKey);
  } catch {
    return false;
  }
}

function judge({ chain, ca, host }: Chain, time: KnownTime = { ms: Date.now(), exact: true }): Verdict {
  const anchors = readPem(Buffer.from(ca), '').map(({ bytes }) => parseCertificate(bytes));
  const result = validatePath({
    chain: readPem(Buffer.from(chain), '').map(({ bytes }) => bytes),
    anchorsFor: () => anchors,
    host,
    time,
    isSignedBy,
  });
  return isRefusal(result) ? result.kind : 'good';
}

/** A Buffer would not do: a slice of it is no copy. */
function firmwareOf(ca: string): Uint8Array {
  return new Uint8Array(Buffer.concat(anchorsOf(ca, 'ca', () => {})));
}

/** With the CAs as a firmware has them; undefined when the build refuses one. */
function judgeByFirmware({ chain, ca, host }: Chain): Verdict | undefined {
  let anchors: Uint8Array;
  try {
    anchors = firmwareOf(ca);
  } catch {
    return undefined;
  }
  const result = validatePath({
    chain: readPem(Buffer.from(chain), '').map(({ bytes }) => bytes),
    anchorsFor: ({ issuer }) => anchorsNamed(issuer, anchors),
    host,
    time: { ms: Date.now(), exact: true },
    isSignedBy: isSignedByBoard,
  });
  return isRefusal(result) ? result.kind : 'good';
}

for (const chain of chains) {
  test(`${chain.verdict}: ${chain.name}`, async (t) => {
    t.is(judge(chain), chain.verdict);
    t.true([chain.verdict, undefined].includes(judgeByFirmware(chain)), 'by a CA of the firmware');
    const server = await serve(chain);
    const verdict = await refereeVerdict(chain, portOf(server));
    server.close();
    t.is(verdict, chain.stricter === undefined ? chain.verdict : 'good', 'what OpenSSL says');
  });
}

function chainCalled(name: string): Chain {
  const found = chains.find((chain) => chain.name === name);
  if (found === undefined) throw new Error(`there is no chain "${name}"`);
  return found;
}

test('the build refuses what a board would not believe as a CA of its firmware', (t) => {
  const refused = chains.filter((chain) => judgeByFirmware(chain) === undefined);
  t.deepEqual(
    refused.map(({ name }) => name),
    [
      'no intermediate, which is trusted beside its root',
      'only the intermediate is trusted',
      'a root that has expired',
    ],
    'a root that has ended is left out beside a new one',
  );
});

test("without a CA that is configured, the firmware's own count, which stay where they are", (t) => {
  const { chain, ca, host } = chainCalled('one intermediate');
  const presented = readPem(Buffer.from(chain), '').map(({ bytes }) => bytes);
  const options = { host, time: { ms: Date.now(), exact: true } };
  const trust = new Trust({ ...options, ca: undefined, certificate: undefined, privateKey: undefined });
  t.throws(() => trust.verify(presented), { message: /leads to no trusted CA/ });
  files.set(ANCHORS_FILE, firmwareOf(ca));
  t.notThrows(() => trust.verify(presented));
  files.set(ANCHORS_FILE, firmwareOf(chainCalled('P-256 throughout').ca));
  t.throws(() => trust.verify(presented), { message: /leads to no trusted CA/ });
  // Cut off: none of it is believed.
  files.set(ANCHORS_FILE, firmwareOf(ca).subarray(0, -1));
  t.throws(() => trust.verify(presented), { message: /cannot be read|leads to no CA/ });
  files.clear();
});

test('the large chain has more than 6 KB', (t) => {
  const bytes = readPem(Buffer.from(chainCalled('more than 6 KB').chain), '').map((block) => block.bytes.length);
  t.true(bytes.reduce((sum, each) => sum + each, 0) > 6144, bytes.join());
});

test('while the time is not known, what is not valid yet may be, and what has expired cannot', (t) => {
  const build: KnownTime = { ms: Date.now(), exact: false };
  t.is(judge(chainCalled('not valid yet'), build), 'good');
  t.is(judge(chainCalled('expired'), build), 'tls-date');
  t.is(judge(chainCalled('one intermediate'), { ms: 0, exact: false }), 'good');
});

test('a certificate with any byte changed is never taken, nor does it throw', (t) => {
  const chain = chainCalled('issued by the configured CA itself');
  const bytes = readPem(Buffer.from(chain.chain), '')[0]?.bytes ?? new Uint8Array();
  for (let at = 0; at < bytes.length; at++) {
    const wrong = bytes.slice();
    wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8));
    t.not(judge({ ...chain, chain: pem(wrong) }), 'good', `byte ${at}`);
  }
});

test('a certificate that is cut off is never taken', (t) => {
  const chain = chainCalled('issued by the configured CA itself');
  const bytes = readPem(Buffer.from(chain.chain), '')[0]?.bytes ?? new Uint8Array();
  for (let length = 1; length < bytes.length; length++) {
    t.is(judge({ ...chain, chain: pem(bytes.slice(0, length)) }), 'tls-untrusted', `${length} bytes`);
  }
});

test('a chain that goes round in circles ends', (t) => {
  const chain = chainCalled('in disorder, with one that does not belong');
  let signatures = 0;
  const all = readPem(Buffer.from(chain.chain), '').map(({ bytes }) => bytes);
  const result = validatePath({
    chain: [...all, ...all].slice(0, 8),
    anchorsFor: () => [],
    host: chain.host,
    time: { ms: Date.now(), exact: true },
    isSignedBy: () => {
      signatures += 1;
      return true;
    },
  });
  t.true(isRefusal(result));
  t.is(signatures, 8);
});

const F4 = new Uint8Array([1, 0, 1]);

for (const { name, bytes, exponent } of [
  { name: 'of 8,192 bits', bytes: 1024, exponent: F4 },
  { name: 'of 2,040 bits', bytes: 255, exponent: F4 },
  { name: 'with an exponent of five bytes', bytes: 256, exponent: new Uint8Array([1, 0, 0, 0, 1]) },
  { name: 'with an exponent of 2,048 bits', bytes: 256, exponent: new Uint8Array(256).fill(0xff) },
  { name: 'with an even exponent', bytes: 256, exponent: new Uint8Array([1, 0, 0]) },
  { name: 'with the exponent 1', bytes: 256, exponent: new Uint8Array([1]) },
]) {
  test(`an RSA key ${name} is refused before there is any arithmetic, as the server's and as a CA's`, async (t) => {
    const certificate = await certificateFor(bytes, exponent);
    const trusted = parseCertificate(certificate);
    const leaf = readPem(Buffer.from(chainCalled('one intermediate').chain), '')[0]?.bytes ?? new Uint8Array();
    const { issuer } = parseCertificate(leaf);
    for (const chain of [[certificate], [leaf]]) {
      const result = validatePath({
        chain,
        anchorsFor: () => [{ ...trusted, subject: issuer, issuer }],
        host: 'device.example.localhost',
        time: { ms: Date.now(), exact: true },
        isSignedBy() {
          throw new Error('a signature was checked');
        },
      });
      t.regex(isRefusal(result) ? result.detail : '', /^(a key of \d+ bits|an RSA key with an unusual exponent)$/);
    }
  });
}

function pem(bytes: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`;
}

test('PEM is read as it is written, with white space and text around it', (t) => {
  const bytes = createHash('sha512').update('any').digest();
  const text = `what it is\r\n${pem(bytes).replaceAll('\n', '\r\n')} and more`;
  t.deepEqual(readPem(Buffer.from(text), '')[0], { label: 'CERTIFICATE', bytes: new Uint8Array(bytes) });
  // As `openssl s_client -showcerts` numbers them.
  t.deepEqual(readPem(Buffer.from(`0 s:CN = any\n${pem(bytes)}`), '')[0]?.bytes, new Uint8Array(bytes));
  t.throws(() => readPem(Buffer.from('nothing'), ''));
  t.throws(() => readPem(Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB'), ''));
  t.throws(() => readPem(Buffer.from('-----BEGIN X-----\nM?IB\n-----END X-----'), ''));
});
