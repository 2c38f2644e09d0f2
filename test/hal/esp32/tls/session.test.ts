// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import test from 'ava';
import { Resumption } from '../../../../hal/esp32/tls/session/resumption.ts';
import { createAuthority, createDeviceCertificate } from '../../../../tools/platform/certificates.ts';
import { type Chain, makeChains } from './chains.ts';
import { type ClientOptions, converse, type Outcome } from './client.ts';
import { portOf } from './referee.ts';
import { meter } from './sdk/meter.ts';

const chains = await makeChains();
const EC_ROOT = await createAuthority('Devices', { key: 'EC' });
const EC_DEVICE = await createDeviceCertificate(EC_ROOT, 'esp32-1', { key: 'EC' });

function chainCalled(name: string): Chain {
  const found = chains.find((chain) => chain.name === name);
  if (found === undefined) throw new Error(`there is no chain "${name}"`);
  return found;
}

const RSA = chainCalled('one intermediate');
const EC = chainCalled('P-256 throughout');
const LARGE = chainCalled('more than 6 KB');
const TEXT = 'x'.repeat(40_000);

interface Meeting {
  readonly outcome: Outcome;
  /** What the server has heard. */
  readonly heard: string;
  readonly alerts: readonly string[];
  readonly resumed: boolean;
  /** The server has seen a certificate that it believes. */
  readonly authorized: boolean;
}

/** OpenSSL on the other side: it says `TEXT` to whoever says something, and no more. */
async function meet(
  chain: Chain,
  { server: options = {}, ...client }: Partial<ClientOptions> & { server?: TlsOptions },
): Promise<Meeting> {
  const server = serverOf(chain, options);
  const alerts: string[] = [];
  let heard = '';
  let resumed = false;
  let authorized = false;
  server.on('tlsClientError', (error) => alerts.push(error.message));
  server.on('secureConnection', (socket) => {
    resumed = socket.isSessionReused();
    authorized = socket.authorized;
    socket.on('error', (error) => alerts.push(error.message));
    socket.on('data', (bytes) => {
      heard += bytes;
      socket.end(TEXT);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const outcome = await converse({ ca: chain.ca, ...client, port: portOf(server) });
  server.close();
  await once(server, 'close');
  return { outcome, heard, alerts, resumed, authorized };
}

function serverOf({ chain, privateKey }: Chain, options: TlsOptions): Server {
  return createServer({ cert: chain, key: privateKey, maxVersion: 'TLSv1.2', ...options });
}

const GOOD = { end: 'end', text: TEXT };

for (const [name, chain, options] of [
  ['RSA', RSA, {}],
  ['ECDSA', EC, {}],
  ['6 KB of certificates', LARGE, {}],
  ['a name to be told', RSA, { serverName: 'device.example.localhost' }],
  ['bytes one by one', EC, { pieceBytes: 1 }],
  ['pieces of 1,000 bytes', LARGE, { pieceBytes: 1000 }],
] as const) {
  test.serial(`OpenSSL: ${name}`, async (t) => {
    const { outcome, heard } = await meet(chain, { ...options, text: 'here I am' });
    t.like(outcome, GOOD);
    t.is(heard, 'here I am');
  });
}

test.serial('OpenSSL: it asks for another handshake, which is ignored, and data goes on both ways', async (t) => {
  for (const [name, chain] of [
    ['RSA', RSA],
    ['ECDSA', EC],
  ] as const) {
    const server = serverOf(chain, {});
    let heard = '';
    let asked = 0;
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes) => {
        heard += bytes;
        asked += Number(socket.renegotiate({}, () => {}) !== false);
        // Behind the request, which is sent first.
        setImmediate(() => socket.end(TEXT));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.like(await converse({ ca: chain.ca, port: portOf(server), text: 'here I am' }), GOOD, name);
    t.is(heard, 'here I am');
    t.is(asked, 1);
    server.close();
  }
});

test.serial('OpenSSL: a session is taken up again, by its id, and a lost one begins anew', async (t) => {
  const resumption = new Resumption('any');
  const server = serverOf(RSA, {});
  const sessions = new Map<string, Buffer>();
  const reused: boolean[] = [];
  server.on('newSession', (id, session, done) => {
    sessions.set(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) ?? null));
  server.on('secureConnection', (socket) => {
    reused.push(socket.isSessionReused());
    socket.on('data', () => socket.end(TEXT));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const take = async () => {
    const before = meter.signatures;
    t.like(await converse({ ca: RSA.ca, port: portOf(server), resumption }), GOOD);
    return meter.signatures - before;
  };
  t.is(await take(), 3, 'two certificates and the exchange of keys');
  t.is(await take(), 0);
  sessions.clear();
  t.is(await take(), 3);
  t.deepEqual(reused, [false, true, false]);
});

const CLIENT = chainCalled('a certificate of its own that is trusted');
const ASKING = { requestCert: true, rejectUnauthorized: false, ca: CLIENT.ca };

for (const [name, chain] of [
  ['RSA', RSA],
  ['ECDSA', EC],
] as const) {
  test.serial(`OpenSSL: ${name}, and it asks who we are`, async (t) => {
    const { chain: certificate, privateKey } = CLIENT;
    const known = await meet(chain, { server: ASKING, certificate, privateKey });
    t.like(known.outcome, GOOD);
    t.true(known.authorized);
    const unknown = await meet(chain, { server: ASKING });
    t.like(unknown.outcome, GOOD);
    t.false(unknown.authorized);
  });
}

const ASKING_EC = { ...ASKING, ca: EC_ROOT.certificate };
const SEC1 = createPrivateKey(EC_DEVICE.privateKey).export({ format: 'pem', type: 'sec1' }).toString();

for (const [name, chain, options] of [
  ['RSA', RSA, {}],
  ['ECDSA', EC, {}],
  ['RSA, a key of our own as OpenSSL writes it', RSA, { privateKey: SEC1 }],
  ['RSA, key and certificate in one file', RSA, { both: true }],
] as const) {
  test.serial(`OpenSSL: ${name}, and it asks who we are: a key of P-256`, async (t) => {
    const { privateKey: given = EC_DEVICE.privateKey, both = false } = {
      privateKey: undefined,
      both: false,
      ...options,
    };
    const file = EC_DEVICE.privateKey + EC_DEVICE.chain;
    const [certificate, privateKey] = both ? [file, file] : [EC_DEVICE.chain, given];
    const known = await meet(chain, { server: ASKING_EC, certificate, privateKey });
    t.like(known.outcome, GOOD);
    t.true(known.authorized);
  });
}

test.serial('OpenSSL: twenty handshakes with a key of P-256, each signature good', async (t) => {
  const { chain: certificate, privateKey } = EC_DEVICE;
  for (let i = 0; i < 20; i++) {
    const { outcome, authorized } = await meet(EC, { server: ASKING_EC, certificate, privateKey });
    t.like(outcome, GOOD);
    t.true(authorized);
  }
});

test.serial('OpenSSL: it takes no ECDSA, and gets no certificate of P-256', async (t) => {
  const { chain: certificate, privateKey } = EC_DEVICE;
  const server = { ...ASKING_EC, sigalgs: 'RSA+SHA256:ECDSA+SHA384' };
  const { outcome, authorized } = await meet(RSA, { server, certificate, privateKey });
  t.like(outcome, GOOD);
  t.false(authorized);
});

test.serial('the key of another certificate, one of another curve, and one that no code is there for', async (t) => {
  const { chain: certificate, privateKey } = EC_DEVICE;
  const other = await createDeviceCertificate(EC_ROOT, 'esp32-2', { key: 'EC' });
  const { privateKey: p384 } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const foreign = p384.export({ format: 'pem', type: 'pkcs8' }).toString();
  const noReader = () => undefined;
  for (const [options, why] of [
    [{ certificate, privateKey: other.privateKey }, /privateKey: it is not the key of the certificate/],
    [{ certificate, privateKey: CLIENT.privateKey }, /privateKey: it is not the key of the certificate/],
    [{ certificate: CLIENT.chain, privateKey }, /privateKey: it is not the key of the certificate/],
    [{ certificate, privateKey: foreign }, /privateKey: the key is not of P-256/],
    [{ certificate, privateKey, otherKeys: noReader }, /privateKey: the key is not RSA$/],
    [{ certificate, privateKey: SEC1, otherKeys: noReader }, /privateKey: the key is not RSA/],
  ] as const) {
    const { outcome, authorized } = await meet(RSA, { server: ASKING_EC, ...options });
    t.regex(outcome.end, why);
    t.false(authorized);
  }
});

test.serial('OpenSSL: it asks for a signature that our key does not make, and gets no certificate', async (t) => {
  const { chain: certificate, privateKey } = CLIENT;
  const server = { ...ASKING, sigalgs: 'ecdsa_secp256r1_sha256:RSA+SHA384' };
  const { outcome, authorized } = await meet(EC, { server, certificate, privateKey });
  t.like(outcome, GOOD);
  t.false(authorized);
});

for (const [scheme, chain] of [
  ['RSA+SHA256', RSA],
  ['RSA+SHA384', RSA],
  ['RSA+SHA512', RSA],
  ['ECDSA+SHA256', EC],
  ['ECDSA+SHA384', EC],
  ['ECDSA+SHA512', EC],
] as const) {
  test.serial(`OpenSSL: it signs the exchange of keys with ${scheme}`, async (t) => {
    t.like((await meet(chain, { server: { sigalgs: scheme } })).outcome, GOOD);
  });
}

for (const [name, server, alert] of [
  ['TLS 1.3 only', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }, 70],
  ['no GCM', { ciphers: 'ECDHE-RSA-AES128-SHA256' }, 40],
  ['no ECDHE', { ciphers: 'AES128-GCM-SHA256' }, 40],
  ['another curve', { ecdhCurve: 'X25519' }, 40],
  ['SHA-1 only', { sigalgs: 'RSA+SHA1' }, 40],
] as const) {
  test.serial(`OpenSSL: ${name}, which it says`, async (t) => {
    t.is((await meet(RSA, { server })).outcome.end, `tls-alert: alert ${alert}`);
  });
}

test.serial('OpenSSL gets the right alert', async (t) => {
  const heard: string[] = [];
  for (const name of ['another name', 'expired', 'self-signed']) {
    const { outcome, alerts } = await meet(chainCalled(name), {});
    heard.push(outcome.end.split(':')[0] ?? '', ...alerts.map((each) => /alert ([a-z ]+)/.exec(each)?.[1] ?? each));
  }
  t.deepEqual(heard, [
    ...['tls-name', 'bad certificate'],
    ...['tls-date', 'certificate expired'],
    ...['tls-untrusted', 'unknown ca'],
  ]);
});

const [, BODY = ''] = RSA.ca.match(/-\n([\s\S]*?)\n-/) ?? [];
const damaged = (change: (body: string) => string) => RSA.ca.replace(BODY, change);
const NO_END = '-----BEGIN CERTIFICATE-----\nMIIB\n';

for (const [name, broken, reason] of [
  ['a block that is no base64', damaged((body) => `?${body}`), /: no base64, or no end$/],
  ['a block without an end', NO_END, /: no base64, or no end$/],
  ['a block that is cut', damaged((body) => body.slice(0, 400)), /: cut off$/],
  ['a block without content', damaged(() => ''), /: no base64, or no end$/],
] as const) {
  test.serial(`ca: ${name} takes no trust from the others, and is named when a server is refused`, async (t) => {
    for (const ca of [broken + RSA.ca, EC.ca + broken + RSA.ca, RSA.ca + broken]) {
      t.like((await meet(RSA, { ca })).outcome, GOOD);
    }
    const { outcome } = await meet(RSA, { ca: EC.ca + broken });
    t.regex(outcome.end, /^tls-untrusted: .*; ca: its certificate 2 cannot be read: /);
    t.regex(outcome.end, reason);
    const none = await meet(RSA, { ca: broken + broken });
    t.regex(none.outcome.end, /^tls-alert: ca: its certificate 1 cannot be read: /);
  });
}
