// SPDX-License-Identifier: Apache-2.0
/** Chains with name constraints (RFC 5280 §4.2.1.10), good and bad. */
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { constraints, directory, dns, ip, subtree } from './chain-parts.ts';
import { type Chain, HOST, type Issued, intermediate, root, server, shown } from './chains.ts';

type Wish = NonNullable<Parameters<typeof server>[1]>;
type Lists = Parameters<typeof constraints>;

export const OUTSIDE = 'CA 1 of the path does not allow device.example.localhost of certificate 0';
export const EVERY_IPV4 = ip(0, 0, 0, 0, 0, 0, 0, 0);
const EVERY_IPV6 = ip(...new Array<number>(32).fill(0));
const LOCAL_IPV6 = ip(0xfe, 0x80, ...new Array<number>(14).fill(0), 0xff, 0xc0, ...new Array<number>(14).fill(0));
const email = (base: string) => subtree(0x81, base);
const uri = (base: string) => subtree(0x86, base);
const alternative = (...names: x509.JsonGeneralNames) =>
  ({
    names: [],
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: HOST }, ...names])],
  }) as const;

export interface Variant {
  readonly name: string;
  /** Of a CA between root and server. */
  readonly ca?: Lists;
  readonly root?: Lists;
  /** Of a second CA, below the first. */
  readonly lower?: Lists;
  /** The second has the name of the first. */
  readonly isSelfIssued?: boolean;
  readonly leaf?: Wish;
  /** undefined: the chain is good. */
  readonly detail?: string;
  readonly stricter?: string;
}

const notUnderstood = 'forms that are not understood';

/** Each says what a CA does. */
export const VARIANTS: readonly Variant[] = [
  { name: 'permits names below', ca: [[dns('example.localhost')]] },
  { name: 'permits the name itself, in capitals', ca: [[dns(HOST.toUpperCase())]] },
  { name: 'permits names behind a dot', ca: [[dns('.example.localhost')]] },
  { name: 'permits all names', ca: [[dns('')]] },
  { name: 'permits one of two', ca: [[dns('elsewhere.localhost'), dns('example.localhost')]] },
  { name: 'permits the first of two', ca: [[dns('example.localhost'), dns('elsewhere.localhost')]] },
  {
    name: 'excludes the first of two',
    ca: [undefined, [dns('example.localhost'), dns('elsewhere.localhost')]],
    detail: OUTSIDE,
  },
  { name: 'permits others', ca: [[dns('elsewhere.localhost')]], detail: OUTSIDE },
  { name: 'is not critical', ca: [[dns('elsewhere.localhost')], undefined, false], detail: OUTSIDE },
  { name: 'permits names that end alike', ca: [[dns('ample.localhost')]], detail: OUTSIDE },
  { name: 'permits only what is behind this very name', ca: [[dns(`.${HOST}`)]], detail: OUTSIDE },
  { name: 'permits only what is below', ca: [[dns(`a.${HOST}`)]], detail: OUTSIDE },
  { name: 'excludes others', ca: [undefined, [dns('elsewhere.localhost')]] },
  { name: 'excludes names below', ca: [undefined, [dns('example.localhost')]], detail: OUTSIDE },
  { name: 'excludes names behind a dot', ca: [undefined, [dns('.LOCALHOST')]], detail: OUTSIDE },
  { name: 'excludes what is behind this very name', ca: [undefined, [dns(`.${HOST}`)]] },
  { name: 'excludes all names', ca: [undefined, [dns('')]], detail: OUTSIDE },
  { name: 'excludes some of what it permits', ca: [[dns('localhost')], [dns('example.localhost')]], detail: OUTSIDE },
  {
    name: 'does not permit another name of the server',
    ca: [[dns('example.localhost')]],
    leaf: { names: [HOST, 'elsewhere.localhost'] },
    detail: 'CA 1 of the path does not allow elsewhere.localhost of certificate 0',
  },
  {
    name: 'permits what the wildcard stands for',
    ca: [[dns('example.localhost')]],
    leaf: { names: ['*.example.localhost'] },
  },
  {
    name: 'permits one name of a wildcard',
    ca: [[dns(HOST)]],
    leaf: { names: ['*.example.localhost'] },
    detail: 'CA 1 of the path does not allow *.example.localhost of certificate 0',
  },
  {
    name: 'excludes one name of a wildcard',
    ca: [undefined, [dns(HOST)]],
    leaf: { names: ['*.example.localhost'] },
    detail: 'CA 1 of the path does not allow *.example.localhost of certificate 0',
    stricter: 'the server could be the one that is excluded',
  },
  {
    name: 'excludes names beside a wildcard',
    ca: [undefined, [dns('elsewhere.localhost')]],
    leaf: { names: ['*.example.localhost'] },
  },
  {
    name: 'excludes a name with a dot at its end',
    ca: [undefined, [dns('elsewhere.localhost')]],
    leaf: { names: [HOST, 'elsewhere.localhost.'] },
    detail: 'CA 1 of the path does not allow elsewhere.localhost. of certificate 0',
    stricter: 'a name with the dot is the same name',
  },
  { name: 'permits a network', ca: [[ip(10, 1, 0, 0, 255, 255, 0, 0)]], leaf: { addresses: ['10.1.2.3'] } },
  {
    name: 'permits another network',
    ca: [[ip(10, 2, 0, 0, 255, 255, 0, 0)]],
    leaf: { addresses: ['10.1.2.3'] },
    detail: 'CA 1 of the path does not allow 10.1.2.3 of certificate 0',
  },
  {
    name: 'excludes a network',
    ca: [undefined, [ip(10, 0, 0, 0, 255, 0, 0, 0)]],
    leaf: { addresses: ['10.1.2.3'] },
    detail: 'CA 1 of the path does not allow 10.1.2.3 of certificate 0',
  },
  { name: 'excludes all addresses, and there are none', ca: [[dns('localhost')], [EVERY_IPV4, EVERY_IPV6]] },
  { name: 'excludes all of IPv4', ca: [undefined, [EVERY_IPV4]], leaf: { addresses: ['fe80::1'] } },
  { name: 'permits a network of IPv6', ca: [[LOCAL_IPV6]], leaf: { addresses: ['fe80::1'] } },
  {
    name: 'permits IPv6 only',
    ca: [[LOCAL_IPV6]],
    leaf: { addresses: ['127.0.0.1'] },
    detail: 'CA 1 of the path does not allow 127.0.0.1 of certificate 0',
  },
  {
    name: 'excludes a network of IPv6',
    ca: [undefined, [LOCAL_IPV6]],
    leaf: { addresses: ['fe80::1'] },
    detail: 'CA 1 of the path does not allow 254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1 of certificate 0',
  },
  {
    name: 'has an address without a mask',
    ca: [[ip(10, 1, 2, 3)]],
    leaf: { addresses: ['10.1.2.3'] },
    detail: 'CA 1 of the path does not allow 10.1.2.3 of certificate 0',
  },
  { name: 'permits a subject', ca: [[directory('O=ACME')]], leaf: { subject: 'O=Acme, CN=Any' } },
  {
    name: 'permits another subject',
    ca: [[directory('O=Other')]],
    leaf: { subject: 'O=Acme, CN=Any' },
    detail: 'CA 1 of the path does not allow the directory name of certificate 0',
  },
  {
    name: 'permits a subject whose beginning only is alike',
    ca: [[directory('O=Ac')]],
    leaf: { subject: 'O=Acme, CN=Any' },
    detail: 'CA 1 of the path does not allow the directory name of certificate 0',
  },
  {
    name: 'excludes a subject',
    ca: [undefined, [directory('O=Acme')]],
    leaf: { subject: 'O=Acme, CN=Any' },
    detail: 'CA 1 of the path does not allow the directory name of certificate 0',
  },
  {
    name: 'excludes a directory name',
    ca: [undefined, [directory('O=Acme')]],
    leaf: alternative({ type: 'dn', value: 'O=Acme' }),
    detail: 'CA 1 of the path does not allow the directory name of certificate 0',
  },
  {
    name: 'permits another subject than that of a CA',
    ca: [[directory('O=Acme')]],
    lower: [],
    leaf: { subject: 'O=Acme, CN=Any' },
    detail: 'CA 2 of the path does not allow the directory name of certificate 1',
  },
  { name: 'permits mail, and there is none', ca: [[email('example.localhost')]] },
  {
    name: 'permits mail, and there is some',
    ca: [[email('example.localhost')]],
    leaf: alternative({ type: 'email', value: 'me@example.localhost' }),
    detail: 'CA 1 of the path does not allow me@example.localhost of certificate 0',
    stricter: notUnderstood,
  },
  {
    name: 'permits mail, and there is some in the subject',
    ca: [[email('example.localhost')]],
    leaf: { subject: 'CN=Any, E=me@example.localhost' },
  },
  {
    name: 'excludes other mail',
    // As long as an address of the one kind, and address and mask of the other.
    ca: [undefined, [email(`${'x'.repeat(10)}.localhost`)]],
    leaf: alternative({ type: 'email', value: 'a@b.exampl' }),
    detail: 'CA 1 of the path does not allow a@b.exampl of certificate 0',
    stricter: notUnderstood,
  },
  {
    name: 'excludes URLs',
    ca: [undefined, [uri('.localhost')]],
    leaf: alternative({ type: 'url', value: 'https://elsewhere/' }),
    detail: 'CA 1 of the path does not allow https://elsewhere/ of certificate 0',
    stricter: notUnderstood,
  },
  {
    name: 'excludes registered ids',
    ca: [undefined, [subtree(0x88, Uint8Array.of(0x2a, 4))]],
    leaf: alternative({ type: 'id', value: '1.2.3' }),
    detail: 'CA 1 of the path does not allow *\\u0003 of certificate 0',
  },
  { name: 'has a minimum of 0', ca: [[dns('localhost', 0x80, 1, 0)]] },
  {
    name: 'has a minimum',
    ca: [[dns('localhost', 0x80, 1, 1)]],
    detail: OUTSIDE,
  },
  { name: 'has a minimum beside what it permits', ca: [[dns('localhost'), dns('a', 0x80, 1, 1)]], detail: OUTSIDE },
  {
    name: 'has a maximum',
    ca: [undefined, [dns('elsewhere.localhost', 0x81, 1, 9)]],
    detail: OUTSIDE,
  },
  { name: 'has a minimum for what is not there', ca: [[email('')], [subtree(0x86, '', 0x80, 1, 1)]] },
  { name: 'has an empty list', ca: [[]] },
  { name: 'has two of them', ca: [[], []] },
  { name: 'has no list', ca: [] },
  { name: 'is the root', root: [[dns('example.localhost')]] },
  {
    name: 'is the root, above a CA',
    root: [[dns('elsewhere.localhost')]],
    lower: [],
    detail: 'CA 3 of the path does not allow device.example.localhost of certificate 0',
  },
  { name: 'is the higher of two', ca: [[dns('localhost')]], lower: [[dns('example.localhost')]] },
  {
    name: 'is the higher of two, and permits less',
    ca: [[dns('elsewhere.localhost')]],
    lower: [[dns('localhost')]],
    detail: 'CA 2 of the path does not allow device.example.localhost of certificate 0',
  },
  {
    name: 'has issued itself anew',
    ca: [[directory('O=Acme')]],
    lower: [],
    isSelfIssued: true,
    leaf: { subject: 'O=Acme, CN=Any' },
  },
  { name: 'is the server itself', leaf: { extensions: [constraints([dns('elsewhere.localhost')])] } },
];

export async function chainFor({ name, detail, stricter, ...wish }: Variant): Promise<Chain> {
  const p256 = { algorithm: 'p256' } as const;
  const limits = (lists: Lists | undefined) => (lists === undefined ? {} : { extensions: [constraints(...lists)] });
  const trusted = await root({ ...p256, ...limits(wish.root) });
  const ca = await intermediate(trusted, { ...p256, ...limits(wish.ca) });
  const cas: Issued[] = [ca];
  if (wish.lower !== undefined) {
    // Never those of the other: keys of `issue` come round again.
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    // By its identifiers OpenSSL can tell that it has not signed itself.
    const ids = [
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca.keys.publicKey),
    ];
    const more = wish.isSelfIssued === true ? { keys, extensions: ids } : { subject: 'Lower' };
    cas.unshift(await intermediate(ca, { ...p256, ...limits(wish.lower), ...more }));
  }
  const leaf = await server(cas[0] ?? ca, { ...p256, subject: 'Any', ...wish.leaf });
  const verdict = detail === undefined ? 'good' : 'tls-untrusted';
  const chain = { name, verdict, host: HOST, ...(await shown([leaf, ...cas], [trusted])) } as const;
  return stricter === undefined ? chain : { ...chain, stricter };
}
