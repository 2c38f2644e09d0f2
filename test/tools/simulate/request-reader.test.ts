// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { RequestReader, type WireRequest } from '../../../tools/simulate/wire/request-reader.ts';
import fc from '../../support/property.ts';

/** What a reader makes of bytes that come in pieces of these sizes, over and over. */
function read(
  bytes: Buffer,
  sizes: readonly number[] = [bytes.length],
): { requests: WireRequest[]; malformed: string[] } {
  const requests: WireRequest[] = [];
  const malformed: string[] = [];
  const reader = new RequestReader({
    onRequest: (request) => requests.push({ ...request, body: new Uint8Array(request.body) }),
    onMalformed: (what) => malformed.push(what),
  });
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    reader.feed(new Uint8Array(bytes.subarray(at, at + size)));
    at += size;
  }
  return { requests, malformed };
}

const get = 'GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n';

test('a request is read with its head and body', (t) => {
  const text = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length:   5 \r\nX-A: 1\r\nx-a:2\r\n\r\nh\u0000llo';
  const { requests, malformed } = read(Buffer.from(text, 'latin1'));
  t.deepEqual(malformed, []);
  t.like(requests[0], {
    method: 'POST',
    path: '/a',
    headers: { host: 'x', 'content-length': '5', 'x-a': '1, 2' },
    repeatedHeaders: ['x-a'],
    sizeBytes: text.length,
  });
  t.deepEqual(Buffer.from(requests[0]?.body ?? []).toString('latin1'), 'h\u0000llo');
});

test('requests are the same however they are cut', (t) => {
  const body = fc.uint8Array({ maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), sizes, (bodies, pieces) => {
      const bytes = Buffer.concat(
        bodies.map((each) => {
          const head = `PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: ${each.length}\r\n\r\n`;
          return Buffer.concat([Buffer.from(head, 'latin1'), each]);
        }),
      );
      const { requests, malformed } = read(bytes, pieces);
      t.deepEqual(malformed, []);
      t.deepEqual(
        requests.map((request) => [...request.body]),
        bodies.map((each) => [...each]),
      );
    }),
  );
});

for (const [what, text] of [
  ['a blank line first', `\r\n${get}`],
  ['a lower-case method', get.replace('GET', 'get')],
  ['an absolute target', get.replace('/a', 'http://x/a')],
  ['a blank in the target', get.replace('/a', '/a b')],
  ['an umlaut in the target', get.replace('/a', '/\u00e4')],
  ['another version', get.replace('1.1', '1.0')],
  ['two blanks', get.replace(' /', '  /')],
  ['no host', 'GET / HTTP/1.1\r\nAccept: x\r\n\r\n'],
  ['a blank before the colon', get.replace('Host:', 'Host :')],
  ['no colon', get.replace('Host: x', 'Host x')],
  ['an empty name', get.replace('Host', '')],
  ['a folded line', get.replace('x\r\n', 'x\r\n y\r\n')],
  ['a control character in a value', get.replace('x\r', 'x\u0001\r')],
  ['a bare line feed', get.replace('Host', 'A: b\nHost')],
  ['a bare carriage return', get.replace('Host', 'A: b\rHost')],
  ['a body without length', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an invalid length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n'],
  ['chunks', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['an endless head', `GET / HTTP/1.1\r\nHost: ${'x'.repeat(17_000)}`],
  ['an enormous body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n'],
] as const) {
  test(`malformed: ${what}; said once, and nothing is read from then on`, (t) => {
    const { requests, malformed } = read(Buffer.from(`${text}${get}`, 'latin1'), [7]);
    t.deepEqual(requests, []);
    t.is(malformed.length, 1);
  });
}
