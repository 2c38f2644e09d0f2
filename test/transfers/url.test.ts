// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { atHome, isSameEndpoint, parseUrl, resolveUrl, type Url } from '../../src/transfers/url.ts';

function parsed(text: string): Url {
  const url = parseUrl(text);
  if (url === undefined) throw new Error(`${text} is no URL`);
  return url;
}

/** In one line: what is spoken, where, and what is asked for. */
function shown(url: Url | undefined): string | undefined {
  if (url === undefined) return undefined;
  const { secure, host, port, authority } = url.endpoint;
  return `${secure ? 'tls' : 'tcp'} ${host} ${port} ${authority} ${url.path}`;
}

test('RFC 3986 §3: scheme, host, port, path and query', (t) => {
  const rules: readonly (readonly [text: string, shown: string])[] = [
    ['https://t1.example.com/a/b.bin', 'tls t1.example.com 443 t1.example.com /a/b.bin'],
    ['http://example.com/a?b=c&d=%20', 'tcp example.com 80 example.com /a?b=c&d=%20'],
    ['https://example.com', 'tls example.com 443 example.com /'],
    ['https://example.com/', 'tls example.com 443 example.com /'],
    ['https://example.com?x=1', 'tls example.com 443 example.com /?x=1'],
    ['https://example.com:8443/a', 'tls example.com 8443 example.com:8443 /a'],
    ['https://example.com:443/a', 'tls example.com 443 example.com /a'],
    ['http://example.com:443/a', 'tcp example.com 443 example.com:443 /a'],
    // §6.2.2.1: case means nothing in scheme and host, and all in the path.
    ['HTTPS://Files.Example.COM/Image.BIN', 'tls files.example.com 443 files.example.com /Image.BIN'],
    ['http://192.168.1.7:8080/f', 'tcp 192.168.1.7 8080 192.168.1.7:8080 /f'],
    ['http://[fd00::17]/f', 'tcp fd00::17 80 [fd00::17] /f'],
    ['http://[::1]:8080/f', 'tcp ::1 8080 [::1]:8080 /f'],
    ['https://build_server-2/f', 'tls build_server-2 443 build_server-2 /f'],
    ['https://example.com./f', 'tls example.com. 443 example.com /f'],
    // A fragment is not sent (§3.5); blanks around it come of copying.
    ['https://example.com/a?b#c?d', 'tls example.com 443 example.com /a?b'],
    ['https://example.com#c', 'tls example.com 443 example.com /'],
    [' https://example.com/a\r\n', 'tls example.com 443 example.com /a'],
    ["https://example.com/~!$&'()*+,;=:@%25/", "tls example.com 443 example.com /~!$&'()*+,;=:@%25/"],
  ];
  for (const [text, expected] of rules) t.is(shown(parseUrl(text)), expected, text);
});

test('what is no absolute http or https URL is none', (t) => {
  const none = [
    '',
    ' ',
    '/a',
    'example.com/a',
    '//example.com/a',
    'https:/example.com',
    'https:///a',
    'https://',
    'https://?a',
    'ftp://example.com/a',
    'file:///etc/passwd',
    'javascript:https://example.com/',
    'https//example.com/a',
    'xhttps://example.com/a',
  ];
  for (const text of none) t.is(parseUrl(text), undefined, text);
});

test('RFC 9110 §4.2.4: no user name is taken, in whatever disguise', (t) => {
  const disguises = ['me@example.com', 'me:secret@example.com', '@example.com', 'example.com@evil.test', 'a%40b.test'];
  for (const authority of disguises) t.is(parseUrl(`https://${authority}/a`), undefined, authority);
  // Behind the first slash it is a path.
  t.is(shown(parseUrl('https://example.com/me@evil.test')), 'tls example.com 443 example.com /me@evil.test');
});

test('hosts and ports that are none', (t) => {
  const wrong = [
    ...['example.com:0', 'example.com:65536', 'example.com:123456', 'example.com:', 'example.com:8a', 'a:b:80', ':80'],
    ...['::1', '[::1', '::1]', '[]', '[::g]', '[127.0.0.1]', '[::1%25eth0]', '[1::2::3]'],
    ...[
      'exa mple.com',
      'example.com\\a',
      'exämple.com',
      'example.com\0',
      'a\tb',
      'ex%61mple.com',
      'a,b',
      `${'a'.repeat(254)}`,
    ],
  ];
  for (const authority of wrong) t.is(parseUrl(`https://${authority}/a`), undefined, authority);
  t.is(parsed('https://example.com:65535/a').endpoint.port, 65535);
  t.is(parsed(`https://${'a'.repeat(253)}/a`).endpoint.host.length, 253);
});

test('what must be percent-encoded in a path is not sent: nobody writes a header by it', (t) => {
  for (const bad of [' ', '\t', '\r\n', '\nHost: evil.test', '\0', '\x7f', 'ä', '日', '\ud800']) {
    t.is(parseUrl(`https://example.com/a${bad}b`), undefined, JSON.stringify(bad));
    t.is(parseUrl(`https://example.com/a?b=${bad}c`), undefined, JSON.stringify(bad));
  }
});

test('2,048 characters are the most', (t) => {
  const most = 'https://example.com/'.padEnd(2048, 'a');
  t.is(parsed(most).path.length, 2048 - 'https://example.com'.length);
  t.is(parseUrl(`${most}a`), undefined);
});

test('RFC 3986 §5.4: where references lead', (t) => {
  const base = parsed('http://a/b/c/d?q');
  const rules: readonly (readonly [reference: string, target: string])[] = [
    ['g', '/b/c/g'],
    ['./g', '/b/c/g'],
    ['g/', '/b/c/g/'],
    ['/g', '/g'],
    ['?y', '/b/c/d?y'],
    ['g?y', '/b/c/g?y'],
    ['g?y/./x', '/b/c/g?y/./x'],
    ['g?y/../x', '/b/c/g?y/../x'],
    ['g#s', '/b/c/g'],
    [';x', '/b/c/;x'],
    ['g;x=1/../y', '/b/c/y'],
    ['.', '/b/c/'],
    ['./', '/b/c/'],
    ['..', '/b/'],
    ['../', '/b/'],
    ['../g', '/b/g'],
    ['../..', '/'],
    ['../../', '/'],
    ['../../g', '/g'],
    ['../../../g', '/g'],
    ['../../../../g', '/g'],
    ['g.', '/b/c/g.'],
    ['..g', '/b/c/..g'],
    ['./../g', '/b/g'],
    ['./g/.', '/b/c/g/'],
    ['g/./h', '/b/c/g/h'],
    ['g/../h', '/b/c/h'],
  ];
  for (const [reference, path] of rules) {
    t.is(shown(resolveUrl(base, reference)), `tcp a 80 a ${path}`, reference);
  }
  t.is(shown(resolveUrl(base, '//g')), 'tcp g 80 g /');
  t.is(shown(resolveUrl(base, 'https://g:8443/x')), 'tls g 8443 g:8443 /x');
  t.is(shown(resolveUrl(parsed('https://[::1]:7/x'), 'y')), 'tls ::1 7 [::1]:7 /y');
});

test('a redirect that cannot be followed is none', (t) => {
  const base = parsed('https://example.com/a');
  for (const reference of [
    'ftp://example.com/b',
    'data:,x',
    '//me@evil.test/',
    'b c',
    '/b\r\nX: y',
    '//',
    'b'.repeat(2048),
  ]) {
    t.is(resolveUrl(base, reference), undefined, reference.slice(0, 40));
  }
});

test('endpoints are the same when scheme, host and port are', (t) => {
  const { endpoint } = parsed('https://Example.com/a');
  t.true(isSameEndpoint(endpoint, parsed('https://example.COM:443/b').endpoint));
  t.true(isSameEndpoint(endpoint, parsed('https://example.com./b').endpoint), 'a final dot is for the resolver');
  for (const other of ['http://example.com:443/', 'https://example.com:8443/', 'https://www.example.com/']) {
    t.false(isSameEndpoint(endpoint, parsed(other).endpoint), other);
  }
});

test('a file of the platform is fetched at home, and credentials go to no other host', (t) => {
  const home = parsed('https://acme.example.com').endpoint;
  const rules: readonly (readonly [text: string, host: string])[] = [
    ['https://t1000.example.com/inventory/binaries/7', 'acme.example.com'],
    ['https://t1000.example.com/event/events/7/binaries', 'acme.example.com'],
    ['https://t1000.example.com:8443/inventory/binaries/7', 'acme.example.com'],
    ['https://t1000.example.com/inventory/managedObjects/7', 't1000.example.com'],
    ['https://t1000.example.com/x/inventory/binaries/7', 't1000.example.com'],
    ['https://t1000.example.org/inventory/binaries/7', 't1000.example.org'],
    ['https://example.com/inventory/binaries/7', 'example.com'],
    ['https://a.t1000.example.com/inventory/binaries/7', 'a.t1000.example.com'],
    ['http://t1000.example.com/inventory/binaries/7', 't1000.example.com'],
    ['https://10.0.0.7/inventory/binaries/7', '10.0.0.7'],
  ];
  for (const [text, host] of rules) {
    const url = atHome(parsed(text), home);
    t.is(url.endpoint.host, host, text);
    t.is(url.path, parsed(text).path, text);
  }
  const complete = parsed('https://acme.example.com.').endpoint;
  t.is(atHome(parsed('https://t1000.example.com/inventory/binaries/7'), complete).endpoint, complete);
  // No domain of its own: all under it are strangers.
  for (const short of ['https://acme.com', 'https://localhost', 'https://10.0.0.1', 'https://[fd00::1]']) {
    const url = parsed('https://t1.com/inventory/binaries/7');
    t.is(atHome(url, parsed(short).endpoint), url, short);
  }
  t.is(
    atHome(parsed('https://t1.example.com/inventory/binaries/7'), parsed('http://acme.example.com').endpoint).endpoint
      .host,
    't1.example.com',
  );
});
