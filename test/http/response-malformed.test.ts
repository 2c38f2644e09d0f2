// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ResponseState } from '../../src/http/response.ts';
import { OK, parse } from './parsing.ts';

const RESPONSES = [
  `${OK}Content-Length: 5\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nhello`,
  `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /a/1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n`,
  `HTTP/1.0 200 OK\r\nX-Long: ${'z'.repeat(300)}\r\n\r\nuntil the end`,
  'HTTP/1.1 204 No Content\r\n\r\n',
  `${OK}X: ${'z'.repeat(100)}\r\n${OK}`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`,
];

test('a reason is optional, and so is the blank before it', (t) => {
  for (const line of ['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1 200 All: is "well"', 'HTTP/1.0 200 \xe9']) {
    t.is(parse(`${line}\r\nContent-Length: 2\r\n\r\nhi`).body, 'hi', line);
  }
});

test('malformed responses fail with the clause they break', (t) => {
  const cases: [string, RegExp][] = [
    ['', /§8/],
    ['<html>\r\n', /status line/],
    ['\r\nHTTP/1.1 200 OK\r\n', /status line/],
    ['HTTP/2.0 200 OK\r\n', /status line/],
    ['HTTP/1.x 200 OK\r\n', /status line/],
    ['HTTP/1./ 200 OK\r\n', /status line/],
    ['http/1.1 200 OK\r\n', /status line/],
    ['HTTP/1.1  200 OK\r\n', /no status/],
    ['HTTP/1.1 20 OK\r\n', /no status/],
    ['HTTP/1.1 2000 OK\r\n', /no status/],
    ['HTTP/1.1 099 OK\r\n', /no status/],
    ['HTTP/1.1 200OK\r\n', /no status/],
    ['HTTP/1.1\r\n', /status line/],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', /101/],
    ['HTTP/1.1 200 OK\n', /§2.2/],
    [`${OK}X: y\n`, /§2.2/],
    [`${OK} X: y\r\n\r\n`, /§2.2/],
    [`${OK}X: y\r\n z\r\n`, /§8/],
    [`${OK}Content-Length: 1\r\n 1\r\n\r\n`, /Content-Length/],
    [`${OK}Transfer-Encoding: chunked\r\n chunked\r\n\r\n`, /coding/],
    [`${OK}X : y\r\n\r\n`, /§5.1/],
    [`${OK}X\t: y\r\n\r\n`, /§5.1/],
    [`${OK}X y\r\n\r\n`, /§5\)/],
    [`${OK}: y\r\n\r\n`, /§5\)/],
    [`${OK}Content-Length: -1\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length: +1\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length: 1 1\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length: 1, 1\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n`, /content coding/],
    [`${OK}Content-Encoding: br\r\n\r\n`, /content coding/],
    [`${OK}Content-Length: 0x1\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length:\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length: 2147483648\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length: 99999999999999999999999\r\n\r\n`, /Content-Length/],
    [`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, /different/],
    [`${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, /both/],
    [`${OK}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`, /both/],
    [`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, /coding/],
    [`${OK}Transfer-Encoding: gzip\r\n\r\n`, /coding/],
    [`${OK}Transfer-Encoding: identity\r\n\r\n`, /coding/],
    [`${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`, /coding/],
    [`${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, /coding/],
    [`${OK}Transfer-Encoding:\r\n\r\n`, /coding/],
    ['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', /HTTP\/1.0/],
    [`${OK}Content-Length: 3\r\n\r\nab`, /§8/],
    [`${OK}Content-Length: 3\r\n`, /§8/],
  ];
  for (const [text, wanted] of cases) {
    const result = parse(text);
    t.is(result.state, ResponseState.Failed, text);
    t.regex(result.error, wanted, text);
  }
});

test('malformed chunks fail with the clause they break', (t) => {
  const cases: [string, RegExp][] = [
    ['\r\n', /§7.1/],
    ['x\r\n', /§7.1/],
    ['-1\r\n', /§7.1/],
    [' 1\r\n', /§7.1/],
    ['1 1\r\n', /§7.1/],
    ['0x1\r\n', /§7.1/],
    ['1,\r\n', /§7.1/],
    [';a\r\n', /§7.1/],
    ['80000000\r\n', /2\^31/],
    [`${'f'.repeat(40)}\r\n`, /2\^31/],
    [`1;${'x'.repeat(300)}`, /256/],
    [`1;${'x'.repeat(300)}\r\n`, /256/],
    ['1\na', /§2.2/],
    ['1\r\nab\r\n', /longer than its size/],
    ['1\r\na\n', /longer than its size|§2.2/],
    ['1\r\na\r\r\n', /longer than its size|§2.2/],
    ['1\r\na0\r\n\r\n', /longer than its size/],
    ['1\r\na\rb', /longer than its size/],
    ['1\r\na\r\n', /§8/],
    ['1\r\na\r\n0\r\n', /§8/],
    ['0\r\nX\r\n\r\n', /§5\)/],
    ['0\r\n X: y\r\n\r\n', /§2.2/],
  ];
  for (const [chunks, wanted] of cases) {
    for (const sizes of [[1 << 30], [1], [2, 3]]) {
      const result = parse(`${OK}Transfer-Encoding: chunked\r\n\r\n${chunks}`, { sizes });
      t.is(result.state, ResponseState.Failed, chunks);
      t.regex(result.error, wanted, JSON.stringify(chunks));
    }
  }
});

test('sizes of chunks may be padded', (t) => {
  t.is(parse(`${OK}Transfer-Encoding: chunked\r\n\r\n2  \r\nhi\r\n0\t\r\n\r\n`, { close: false }).body, 'hi');
});

test('sizes of chunks do not count as head: a long poll may last for ever', (t) => {
  const result = parse(`${OK}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(10_000)}0\r\n\r\n`);
  t.is(result.state, ResponseState.Done);
  t.is(result.body.length, 10_000);
});

test('a response means the same in one piece, byte by byte and cut at every offset', (t) => {
  for (const text of RESPONSES) {
    for (const bufferBytes of [64, 1024]) {
      const { head, ...whole } = parse(text);
      const same = (sizes: number[]) => {
        const { head: other, ...result } = parse(text, { sizes, bufferBytes });
        t.deepEqual(result, whole, `${text} ${sizes}`);
        t.deepEqual(other, head);
      };
      same([1]);
      for (let cut = 1; cut < text.length; cut++) same([cut, 1 << 30]);
    }
  }
});

test('a response cut off at any offset fails, unless its end is the connection’s', (t) => {
  for (const text of RESPONSES.slice(0, 4)) {
    const bodyAt = text.indexOf('\r\n\r\n') + 4;
    for (let cut = 0; cut < text.length; cut++) {
      const result = parse(text.slice(0, cut));
      const untilClose = text.startsWith('HTTP/1.0') && cut >= bodyAt;
      t.is(result.state, untilClose ? ResponseState.Done : ResponseState.Failed, `${text} ${cut}`);
    }
  }
});
