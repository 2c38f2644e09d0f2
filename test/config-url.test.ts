// SPDX-License-Identifier: Apache-2.0

import net from 'node:net';
import test from 'ava';
import { parseAddress } from '../src/bytes/address.ts';
import { parseConfig } from '../src/config.ts';
import { isPrivateHost, parseEndpoint } from '../src/endpoint.ts';
import { mac, refusal } from './config-scene.ts';
import fc from './support/property.ts';

test('a password in the URL is refused and not shown', (t) => {
  for (const each of [
    'https://joe:opensesame@example.com',
    'https://opensesame@example.com',
    'https://joe:open/opensesame@example.com',
    'https://joe:open@opensesame@example.com',
    'https://joe:open\nopensesame@example.com',
    'http://a:opensesame@127.0.0.1/x',
  ]) {
    t.notRegex(refusal({ url: each }).message, /opensesame/);
  }
});

test('a token for a certificate comes over TLS only', (t) => {
  const certificate = { auth: 'certificate', certificate: 'c', privateKey: 'k' };
  t.regex(
    refusal({ ...certificate, tokenUrl: 'http://127.0.0.1:1' }).message,
    /^tokenUrl: "http:\/\/127\.0\.0\.1:1" .*https/,
  );
  t.notThrows(() => parseConfig({ url: 'http://127.0.0.1', ...certificate }, mac));
});

for (const [host, isPrivate] of [
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['10.1.2.3', true],
  ['192.168.0.1', true],
  ['172.16.0.1', true],
  ['172.31.9.9', true],
  ['169.254.1.1', true],
  ['localhost', true],
  ['tenant.localhost', true],
  ['[::1]', true],
  ['[fd00::1]', true],
  ['[fe80::1]', true],
  ['[febf::1]', true],
  ['[FD00::1]', true],
  ['[0:0:0:0:0:0:0:1]', true],
  ['[0::0001]', true],
  ['[::ffff:192.168.0.1]', true],
  ['[::ffff:7f00:1]', true],
  ['LocalHost', true],
  ['localhost.', true],
  ['010.0.0.1', false],
  ['10.0.0.256', false],
  ['0x7f.0.0.1', false],
  ['10.0.1', false],
  ['[::ffff:192.0.2.1]', false],
  ['[::2]', false],
  ['[::]', false],
  ['[fec0::1]', false],
  ['example.com', false],
  ['192.0.2.1', false],
  ['172.15.0.1', false],
  ['172.32.0.1', false],
  ['192.169.0.1', false],
  ['127.0.0.1.example.com', false],
  ['10.example.com', false],
  ['localhost.example.com', false],
  ['notlocalhost', false],
  ['[2001:db8::1]', false],
  ['[fe00::1]', false],
  ['fd00.example.com', false],
] as const) {
  test(`plain http to ${host} is ${isPrivate ? 'taken' : 'refused unless allowPlain=yes'}`, (t) => {
    const plain = `http://${host}`;
    t.is(isPrivateHost(parseEndpoint(plain)?.host ?? ''), isPrivate);
    t.notThrows(() => parseConfig({ url: `https://${host}` }, mac));
    t.notThrows(() => parseConfig({ url: plain, allowPlain: 'yes' }, mac));
    if (isPrivate) t.notThrows(() => parseConfig({ url: plain }, mac));
    else t.regex(refusal({ url: plain }).message, /^url: .* not allowed: .*allowPlain=yes/);
  });
}

for (const [text, expected] of [
  ['https://a.b', { secure: true, host: 'a.b', port: 443, authority: 'a.b' }],
  ['https://a.b/', { secure: true, host: 'a.b', port: 443, authority: 'a.b' }],
  ['https://a.b:443', { secure: true, host: 'a.b', port: 443, authority: 'a.b' }],
  ['https://a.b:8443', { secure: true, host: 'a.b', port: 8443, authority: 'a.b:8443' }],
  ['http://a.b:443', { secure: false, host: 'a.b', port: 443, authority: 'a.b:443' }],
  ['http://[::1]:80', { secure: false, host: '::1', port: 80, authority: '[::1]' }],
  ['HTTPS://T1.Example.COM', { secure: true, host: 't1.example.com', port: 443, authority: 't1.example.com' }],
  ['Http://EDGE_1.local:80', { secure: false, host: 'edge_1.local', port: 80, authority: 'edge_1.local' }],
  ['https://a.b.', { secure: true, host: 'a.b.', port: 443, authority: 'a.b' }],
  ['http://[FD00::A]', { secure: false, host: 'fd00::a', port: 80, authority: '[fd00::a]' }],
  ['http://[fd00::1]:8080', { secure: false, host: 'fd00::1', port: 8080, authority: '[fd00::1]:8080' }],
] as const) {
  test(`the endpoint of ${text}`, (t) => {
    t.deepEqual(parseEndpoint(text), expected);
  });
}

test('the token endpoint of an IPv6 host keeps its brackets', (t) => {
  t.is(parseConfig({ url: 'http://[fd00::1]' }, mac).tokenEndpoint.authority, '[fd00::1]:8443');
});

/** Of the host, what it may look like, and of the port. */
const ROOT = /^(https?):\/\/([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?\/?$/i;

test('roots of hosts are recognised as by a regular expression', (t) => {
  const piece = fc.constantFrom(
    ...[
      'http',
      'HTTPS',
      's',
      '://',
      ':',
      '/',
      '.',
      'a.b',
      'A_1',
      '-',
      '[',
      ']',
      '::1',
      'fd00::A',
      '1.2.3.4',
      '443',
      '80',
    ],
    ...[
      '0',
      '65535',
      '65536',
      '00080',
      '123456',
      '@',
      '?',
      '#',
      ' ',
      '\u0000',
      '\n',
      'é',
      '\u212a',
      '\ud800',
      '256.1.1.1',
    ],
  );
  const url = fc.tuple(fc.constantFrom('http://', 'https://', 'HttpS://', ''), fc.array(piece, { maxLength: 7 }));
  t.notThrows(() =>
    fc.assert(
      fc.property(url, ([scheme, pieces]) => {
        const text = scheme + pieces.join('');
        const match = ROOT.exec(text);
        const found = parseEndpoint(text);
        const [, protocol = '', host = '', port] = match ?? [];
        const usual = /s$/i.test(protocol) ? 443 : 80;
        const number = port === undefined ? usual : Number(port);
        const isAddress = host.startsWith('[');
        const bare = isAddress ? host.slice(1, -1).toLowerCase() : host.toLowerCase();
        const isRoot = match !== null && number > 0 && number < 65536 && (!isAddress || net.isIPv6(bare));
        if (!isRoot) return found === undefined;
        const name = isAddress ? `[${bare}]` : bare.replace(/\.$/, '');
        const authority = number === usual ? name : `${name}:${number}`;
        const expected = { secure: usual === 443, host: bare, port: number, authority };
        return JSON.stringify(found) === JSON.stringify(expected);
      }),
      { numRuns: 5000 },
    ),
  );
});

test('IPv4 addresses are recognised as by Node', (t) => {
  const part = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map(String),
    fc.constantFrom('', '00', '01', '0x1', '1e1', '+1', '-1', ' 1'),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 5 }), (parts) => {
        const text = parts.join('.');
        return (parseAddress(text)?.join('.') === text) === net.isIPv4(text);
      }),
      { numRuns: 3000 },
    ),
  );
});

test('a host has 253 characters at most', (t) => {
  t.is(parseEndpoint(`http://${'a'.repeat(253)}`)?.host.length, 253);
  t.is(parseEndpoint(`http://${'a'.repeat(254)}`), undefined);
});
