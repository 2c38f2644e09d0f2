// SPDX-License-Identifier: Apache-2.0
/** Chains of certificates, good and bad, made with a CA tool; for whoever has to judge them. */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { bulk, constraints, dns, firstVersion, inhibitAnyPolicy, policyMappings, strange } from './chain-parts.ts';

x509.cryptoProvider.set(webcrypto);

export type Verdict = 'good' | 'tls-untrusted' | 'tls-name' | 'tls-date';

export interface Chain {
  readonly name: string;
  /** PEM: as the server sends it. */
  readonly chain: string;
  readonly privateKey: string;
  /** PEM: what the client trusts. */
  readonly ca: string;
  readonly host: string;
  readonly verdict: Verdict;
  /** OpenSSL (with Node's check of names) takes it: why this client does not. */
  readonly stricter?: string;
}

type Algorithm = 'rsa' | 'rsa-1024' | 'rsa-sha1' | 'p256' | 'p384';

export interface Issued {
  readonly pem: string;
  readonly der: ArrayBuffer;
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly algorithm: Algorithm;
}

interface Wish {
  /** A common name, or a whole name. */
  readonly subject: string;
  readonly issuer?: Issued;
  readonly algorithm?: Algorithm;
  readonly days?: readonly [from: number, to: number];
  readonly ca?: boolean | { readonly pathLength: number };
  readonly usage?: number;
  readonly purposes?: readonly string[];
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly extensions?: readonly x509.Extension[];
  /** Instead of new ones. */
  readonly keys?: webcrypto.CryptoKeyPair;
  /** Instead of the name of its issuer as that writes it. */
  readonly issuerName?: x509.Name;
}

const DAY_MS = 86_400_000;
export const HOST = 'device.example.localhost';
const { keyCertSign, cRLSign, digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;

const KEYS: Readonly<Record<Algorithm, RsaHashedKeyGenParams | EcKeyGenParams>> = {
  rsa: rsa(2048),
  'rsa-1024': rsa(1024),
  'rsa-sha1': { ...rsa(2048), hash: 'SHA-1' },
  p256: { name: 'ECDSA', namedCurve: 'P-256' },
  p384: { name: 'ECDSA', namedCurve: 'P-384' },
};

const SIGNATURES = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'rsa-1024': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'rsa-sha1': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' },
  p256: { name: 'ECDSA', hash: 'SHA-256' },
  p384: { name: 'ECDSA', hash: 'SHA-384' },
} as const;

type RsaHashedKeyGenParams = webcrypto.RsaHashedKeyGenParams;
type EcKeyGenParams = webcrypto.EcKeyGenParams;

function rsa(modulusLength: number): RsaHashedKeyGenParams {
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) };
}

/** More than a chain has certificates. Keys of RSA take long to make, so that they come round again. */
const MOST_KEYS = 12;
const made = new Map<string, Promise<webcrypto.CryptoKeyPair>>();
let turn = 0;

function generateKeys(algorithm: Algorithm): Promise<webcrypto.CryptoKeyPair> {
  const name = `${algorithm} ${turn++ % MOST_KEYS}`;
  const keys = made.get(name) ?? webcrypto.subtle.generateKey(KEYS[algorithm], true, ['sign', 'verify']);
  made.set(name, keys as Promise<webcrypto.CryptoKeyPair>);
  return keys as Promise<webcrypto.CryptoKeyPair>;
}

async function issue(wish: Wish): Promise<Issued> {
  const { algorithm = 'rsa', days = [-10, 3650], issuer } = wish;
  const subject = wish.subject.includes('=') ? wish.subject : `CN=${wish.subject}`;
  const keys = wish.keys ?? (await generateKeys(algorithm));
  const signer = issuer ?? { keys, subject, algorithm };
  const names = [
    ...(wish.names ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(wish.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const { ca, usage, purposes } = wish;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `4${randomBytes(15).toString('hex').slice(1)}`,
    subject,
    issuer: wish.issuerName ?? signer.subject,
    notBefore: new Date(Date.now() + days[0] * DAY_MS),
    notAfter: new Date(Date.now() + days[1] * DAY_MS),
    signingAlgorithm: SIGNATURES[signer.algorithm],
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      ...(ca === undefined || ca === false
        ? [new x509.BasicConstraintsExtension(false)]
        : [new x509.BasicConstraintsExtension(true, ca === true ? undefined : ca.pathLength, true)]),
      ...(usage === undefined ? [] : [new x509.KeyUsagesExtension(usage, true)]),
      ...(purposes === undefined ? [] : [new x509.ExtendedKeyUsageExtension([...purposes])]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ...(wish.extensions ?? []),
    ],
  });
  return { pem: `${certificate.toString('pem')}\n`, der: certificate.rawData, subject, keys, algorithm };
}

export const root = (wish: Partial<Wish> = {}) =>
  issue({ subject: 'Root', ca: true, usage: keyCertSign | cRLSign, ...wish });
export const intermediate = (issuer: Issued, wish: Partial<Wish> = {}) =>
  issue({ subject: 'Intermediate', issuer, ca: true, usage: keyCertSign | cRLSign, ...wish });
export const server = (issuer: Issued, wish: Partial<Wish> = {}) =>
  issue({
    subject: HOST,
    issuer,
    usage: digitalSignature | keyEncipherment,
    purposes: [serverAuth],
    names: [HOST],
    ...wish,
  });

/** By a server, to whom trusts these. */
export async function shown([leaf, ...rest]: readonly [Issued, ...Issued[]], trusted: readonly Issued[]) {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', leaf.keys.privateKey);
  const pem = (list: readonly Issued[]) => list.map((each) => each.pem).join('');
  const privateKey = `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
  return { privateKey, chain: pem([leaf, ...rest]), ca: pem(trusted) };
}

/** All of them; some seconds of making keys. */
export async function makeChains(): Promise<Chain[]> {
  const chains: Chain[] = [];
  const add = async (
    name: string,
    verdict: Verdict,
    leaf: Issued,
    rest: readonly Issued[],
    trusted: readonly Issued[],
    { host = HOST, stricter }: { host?: string; stricter?: string } = {},
  ) => {
    const base = { name, verdict, host, ...(await shown([leaf, ...rest], trusted)) };
    chains.push(stricter === undefined ? base : { ...base, stricter });
  };
  const ca = await root();
  const other = await root();
  const middle = await intermediate(ca);
  const lower = await intermediate(middle, { subject: 'Lower' });
  const good = await server(middle);

  await add('issued by the configured CA itself', 'good', await server(ca), [], [ca]);
  await add('one intermediate', 'good', good, [middle], [ca]);
  await add('two intermediates', 'good', await server(lower), [lower, middle], [ca]);
  await add('with the root', 'good', good, [middle, ca], [ca]);
  await add('in disorder, with one that does not belong', 'good', await server(lower), [other, middle, lower], [ca]);
  const second = await root({ subject: 'Second' });
  await add('one of several CAs', 'good', good, [middle], [second, ca]);
  await add('valid beyond 2050', 'good', await server(ca, { days: [-1, 20_000] }), [], [ca]);
  const large = await intermediate(ca, { extensions: [bulk()] });
  const leaf = await server(large, { extensions: [bulk()] });
  await add('more than 6 KB', 'good', leaf, [large, await root({ extensions: [bulk()] })], [ca]);
  const curve = await root({ subject: 'Curve', algorithm: 'p256' });
  const curveMiddle = await intermediate(curve, { subject: 'Curve 2', algorithm: 'p256' });
  await add('P-256 throughout', 'good', await server(curveMiddle, { algorithm: 'p256' }), [curveMiddle], [curve]);
  const strong = await root({ subject: 'Strong', algorithm: 'p384' });
  await add('P-384 with SHA-384 above RSA', 'good', await server(strong), [], [strong]);
  await add('P-256 below RSA', 'good', await server(ca, { algorithm: 'p256' }), [], [ca]);
  await add('a wildcard', 'good', await server(ca, { names: ['*.example.localhost'] }), [], [ca]);
  await add('the name in capitals', 'good', await server(ca, { names: [HOST.toUpperCase()] }), [], [ca]);
  await add('one of several names', 'good', await server(ca, { names: ['a.localhost', HOST] }), [], [ca]);
  const addressed = await server(ca, { names: [], addresses: ['127.0.0.1'] });
  await add('an address', 'good', addressed, [], [ca], { host: '127.0.0.1' });
  const short = await intermediate(ca, { ca: { pathLength: 0 } });
  await add('a CA that allows none below, and none is', 'good', await server(short), [short], [ca]);
  const self = await issue({ subject: HOST, names: [HOST], ca: true });
  await add('a certificate of its own that is trusted', 'good', self, [], [self]);
  const narrow = await intermediate(ca, { purposes: [serverAuth] });
  const past = { days: [-20, -1] } as const;
  const renewed = { ...past, keys: ca.keys };
  const onlyOld = await root(renewed);
  await add('a root that was renewed, the old one first', 'good', good, [middle], [onlyOld, ca]);
  await add('a root that was renewed, the old one last', 'good', good, [middle], [ca, onlyOld]);
  const oldTwin = await intermediate(ca, { ...past, keys: middle.keys });
  await add('an intermediate that was renewed, the old one first', 'good', good, [oldTwin, middle], [ca]);
  await add('a CA for servers only', 'good', await server(narrow), [narrow], [ca]);

  const lost = [middle, ca];
  await add('no intermediate, which is trusted beside its root', 'good', good, [], lost);
  const printed = await server(ca, { issuerName: new x509.Name([{ CN: [{ printableString: 'ROOT' }] }]) });
  await add('the issuer in another type of text and in capitals', 'good', printed, [], [ca]);
  const two = await root({ subject: 'O=Works, CN=Root' });
  const turned = await server(two, { issuerName: new x509.Name('CN=Root, O=Works') });
  await add('the parts of the issuer in another order', 'tls-untrusted', turned, [], [two]);
  const mapped = await intermediate(ca, { extensions: [inhibitAnyPolicy(), policyMappings()] });
  await add('a CA with limits for policies', 'good', await server(mapped), [mapped], [ca]);
  const first = async (certificate: Issued) =>
    encoded(certificate, await firstVersion(certificate.der, ca.keys.privateKey));
  await add('a root of version 1', 'good', good, [middle], [await first(ca)]);

  await add('self-signed', 'tls-untrusted', self, [], [ca]);
  await add('an intermediate of version 1', 'tls-untrusted', good, [await first(middle)], [ca]);
  await add('self-signed, with a genuine intermediate', 'tls-untrusted', self, [middle], [ca]);
  await add('another CA of the same name', 'tls-untrusted', await server(other), [], [ca]);
  await add('no intermediate', 'tls-untrusted', good, [], [ca]);
  await add('only the intermediate is trusted', 'tls-untrusted', good, [middle], [middle]);
  await add('a signature that was changed', 'tls-untrusted', changed(good), [middle], [ca]);
  await add('an intermediate that was changed', 'tls-untrusted', good, [changed(middle)], [ca]);
  const notCa = await server(ca, { subject: 'Intermediate' });
  await add('issued by a server', 'tls-untrusted', await server(notCa), [notCa], [ca]);
  const noSigning = await intermediate(ca, { usage: digitalSignature });
  await add('issued by a key that must not sign', 'tls-untrusted', await server(noSigning), [noSigning], [ca]);
  const below = await intermediate(short, { subject: 'Lower' });
  await add('one CA too many', 'tls-untrusted', await server(below), [below, short], [ca]);
  const flat = await root({ subject: 'Flat', ca: { pathLength: 0 } });
  const flatMiddle = await intermediate(flat, { subject: 'Flat 2' });
  await add('a root that allows no CA', 'tls-untrusted', await server(flatMiddle), [flatMiddle], [flat]);
  await add('for clients', 'tls-untrusted', await server(ca, { purposes: [clientAuth] }), [], [ca]);
  const clients = await intermediate(ca, { purposes: [clientAuth] });
  await add('a CA for clients', 'tls-untrusted', await server(clients), [clients], [ca]);
  await add('a key for nothing of TLS', 'tls-untrusted', await server(ca, { usage: cRLSign }), [], [ca]);
  await add('an unknown critical extension', 'tls-untrusted', await server(ca, { extensions: [strange()] }), [], [ca]);
  const strangeMiddle = await intermediate(ca, { extensions: [strange()] });
  await add('a CA with one', 'tls-untrusted', await server(strangeMiddle), [strangeMiddle], [ca]);
  const weak = await root({ subject: 'Weak', algorithm: 'rsa-sha1' });
  const weakMiddle = await intermediate(weak, { subject: 'Weak 2' });
  await add('signed with SHA-1', 'tls-untrusted', await server(weakMiddle), [weakMiddle], [weak]);
  const elsewhere = await intermediate(ca, { extensions: [constraints([dns('elsewhere.localhost')])] });
  await add('a CA for other names', 'tls-untrusted', await server(elsewhere), [elsewhere], [ca]);

  await add('expired', 'tls-date', await server(ca, { days: [-20, -1] }), [], [ca]);
  await add('not valid yet', 'tls-date', await server(ca, { days: [1, 20] }), [], [ca]);
  const oldMiddle = await intermediate(ca, { days: [-20, -1] });
  await add('two intermediates that have expired', 'tls-date', good, [oldTwin, oldTwin], [ca]);
  await add('an intermediate that has expired', 'tls-date', await server(oldMiddle), [oldMiddle], [ca]);
  const oldRoot = await root({ days: [-20, -1] });
  await add('a root that has expired', 'tls-date', await server(oldRoot), [], [oldRoot]);

  await add('another name', 'tls-name', await server(ca, { names: ['elsewhere.localhost'] }), [], [ca]);
  await add('the name only as the subject', 'tls-name', await server(ca, { names: ['elsewhere.localhost'] }), [], [ca]);
  const star = await server(ca, { names: ['*.example.localhost'] });
  await add('a wildcard for two labels', 'tls-name', star, [], [ca], { host: 'a.device.example.localhost' });
  await add('a wildcard for no label', 'tls-name', star, [], [ca], { host: 'example.localhost' });
  const top = await server(ca, { names: ['*.localhost'] });
  await add('a wildcard below the top', 'tls-name', top, [], [ca], { host: 'device.localhost' });
  const inner = await server(ca, { names: ['device.*.localhost'] });
  await add('a wildcard in the middle', 'tls-name', inner, [], [ca]);
  const texts = await server(ca, { names: ['127.0.0.1'] });
  await add('an address as a name', 'tls-name', texts, [], [ca], { host: '127.0.0.1' });

  const least = 'keys of less than 2048 bits can be broken';
  await add('RSA-1024', 'tls-untrusted', await server(ca, { algorithm: 'rsa-1024' }), [], [ca], { stricter: least });
  const alone = 'RFC 9525: only the alternative names count';
  await add('no alternative name', 'tls-name', await server(ca, { names: [] }), [], [ca], { stricter: alone });
  const part = 'RFC 9525: a star is a whole label';
  const partial = await server(ca, { names: ['dev*.example.localhost'] });
  await add('a star as a part of a label', 'tls-name', partial, [], [ca], { stricter: part });
  return chains;
}

/** Signed by nobody, for a key that there is no private part of. */
export async function certificateFor(modulusBytes: number, exponent: Uint8Array): Promise<Uint8Array> {
  const modulus = randomBytes(modulusBytes);
  modulus[0] = 0xff;
  modulus[modulusBytes - 1] = 0xff;
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: Buffer.from(exponent).toString('base64url') };
  const publicKey = await webcrypto.subtle.importKey('jwk', jwk, rsa(2048), true, ['verify']);
  const { privateKey } = await generateKeys('p256');
  const keys = { privateKey, publicKey };
  const { der } = await issue({ subject: HOST, names: [HOST], keys, algorithm: 'p256' });
  return new Uint8Array(der);
}

/** With one bit of its signature turned over. */
function changed(certificate: Issued): Issued {
  const bytes = new Uint8Array(certificate.der.slice(0));
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return encoded(certificate, bytes.buffer);
}

function encoded(certificate: Issued, der: ArrayBuffer): Issued {
  return { ...certificate, der, pem: `${x509.PemConverter.encode(der, 'CERTIFICATE')}\n` };
}
