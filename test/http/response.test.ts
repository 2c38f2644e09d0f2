// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ascii } from '../../src/bytes/text.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import { Method } from '../../src/http/request.ts';
import { type ResponseHandler, ResponseParser, ResponseState } from '../../src/http/response.ts';
import { OK, parse } from './parsing.ts';

/** Feeds the parser as a channel does: one buffer, what is not consumed is moved to its front. */
const NOBODY: ResponseHandler = { onHead: () => undefined, onBody: () => undefined };

test('a response with its length', (t) => {
  const result = parse(`${OK}Content-Length: 5\r\n\r\nhello`, { close: false });
  t.is(result.state, ResponseState.Done);
  t.is(result.body, 'hello');
  t.deepEqual(result.heads, [{ status: 200, keepAlive: true }]);
  t.is(result.head.contentLength, 5);
});

test('fields that matter are read, whatever their case and blanks', (t) => {
  const { head, state } = parse(
    `HTTP/1.1 201 Created\r\nDATE:Sun, 06 Nov 1994 08:49:37 GMT\r\nlocation: https://t/inventory/managedObjects/24803_a-B\t\r\n` +
      'Content-Type:  Application/VND.com.nsn.cumulocity.managedObject+JSON;charset=UTF-8;ver=0.9 \r\n' +
      'Retry-After: 120\r\nconnection: Keep-Alive\r\nCONTENT-LENGTH:0\r\n\r\n',
  );
  t.is(state, ResponseState.Done);
  t.is(head.status, 201);
  t.is(head.dateMs, Date.UTC(1994, 10, 6, 8, 49, 37));
  t.is(head.locationId, '24803_a-B');
  t.true(head.hasJson);
  t.is(head.retryAfterMs(), 120_000);
  t.true(head.keepAlive);
});

test('which contents are JSON', (t) => {
  for (const [type, wanted] of [
    ['application/json', true],
    ['application/json;charset=UTF-8', true],
    ['application/json ; a=b', true],
    ['application/vnd.com.nsn.cumulocity.error+json', true],
    ['APPLICATION/X+JSON', true],
    ['application/jsonp', false],
    ['application/xjson', false],
    ['application/+jso', false],
    ['application/', false],
    ['/json', false],
    ['json', false],
    ['x/json', true],
    ['x-json', false],
    ['text/json', true],
    ['text/html; a=application/json', false],
    ['application/x; a=+json', false],
    ['', false],
  ] as const) {
    t.is(parse(`${OK}Content-Type: ${type}\r\nContent-Length: 0\r\n\r\n`).head.hasJson, wanted, type);
  }
});

test('Location names an id, or none', (t) => {
  for (const [location, id] of [
    ['/inventory/managedObjects/1', '1'],
    ['http://h:1/a/b-c_D9', 'b-c_D9'],
    [`/a/${'x'.repeat(64)}`, 'x'.repeat(64)],
    [`/a/${'x'.repeat(65)}`, undefined],
    ['/a/1/', undefined],
    ['/a/1?x', undefined],
    ['/a/1#x', undefined],
    ['/a/%31', undefined],
    ['12', undefined],
    ['/12', '12'],
    ['', undefined],
  ] as const) {
    t.is(parse(`${OK}Location: ${location}\r\nContent-Length: 0\r\n\r\n`).head.locationId, id, location);
  }
});

test('Retry-After as a date counts from the Date field, in either order', (t) => {
  const later = 'Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n';
  const date = 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n';
  const wait = (fields: string, nowMs?: number) =>
    parse(`${OK}${fields}Content-Length: 0\r\n\r\n`).head.retryAfterMs(nowMs);
  t.is(wait(later + date), 60_000);
  t.is(wait(date + later), 60_000);
  t.is(wait(later), Number.NaN);
  const nowMs = Date.UTC(1994, 10, 6, 8, 50, 7);
  t.is(wait(later, nowMs), 30_000, 'RFC 9110 §6.6.1: a 5xx may come without a Date');
  t.is(wait(later + date, nowMs), 60_000);
  t.is(wait('Retry-After: 7\r\n', nowMs), 7000);
  t.is(wait('Retry-After: soon\r\n', nowMs), Number.NaN);
  t.is(wait(date + later.replace('08:50', '08:40')), 0);
  t.is(wait('Retry-After: soon\r\n'), Number.NaN);
  t.is(wait('Retry-After: -1\r\n'), Number.NaN);
  t.is(wait('Retry-After: 99999999999\r\n'), Number.NaN);
  t.is(wait(''), Number.NaN);
});

test('RFC 9110 §6.6.1: Date has one value; of several neither counts, and an equal one changes nothing', (t) => {
  const good = 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n';
  const later = 'date: Sun, 06 Nov 1994 08:49:38 GMT\r\n';
  const damaged = 'Date: yesterday\r\n';
  const both = 'Date: Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT\r\n';
  const timeOf = (...fields: string[]) => parse(`${OK}${fields.join('')}Content-Length: 0\r\n\r\n`).head.dateMs;
  const timeMs = Date.UTC(1994, 10, 6, 8, 49, 37);
  t.is(timeOf(good, good), timeMs);
  t.is(timeOf(good, good, good), timeMs);
  for (const fields of [
    [good, damaged],
    [damaged, good],
    [good, later],
    [later, good],
    [good, later, good],
    [good, damaged, good, good],
    [damaged, damaged, good],
    [both],
    [good, both],
  ]) {
    t.is(timeOf(...fields), Number.NaN, fields.join(''));
  }
});

test('nothing of one head is left in the next', (t) => {
  const parser = new ResponseParser();
  const feed = (text: string, creates: boolean) => {
    const bytes = Buffer.from(text);
    parser.begin(Method.Get, NOBODY, undefined, creates);
    parser.feed(bytes, 0, bytes.length);
    return parser.head;
  };
  const all = `${OK}Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\nConnection: close\r\nLocation: /a/1\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n`;
  t.is(feed(all, false).locationId, undefined, 'nobody asks for it');
  t.is(feed(all, true).locationId, '1');
  const head = feed('HTTP/1.1 204 No Content\r\n\r\n', true);
  t.is(parser.state, ResponseState.Done);
  t.is(head.locationId, undefined);
  t.is(head.retryAfterMs(), Number.NaN);
  t.like(head, {
    status: 204,
    dateMs: Number.NaN,
    keepAlive: true,
    contentLength: -1,
    chunked: false,
    hasJson: false,
  });
});

test('RFC 9112 §9.3: which connections stay', (t) => {
  for (const [version, connection, stays] of [
    ['1.1', undefined, true],
    ['1.1', 'keep-alive', true],
    ['1.1', 'close', false],
    ['1.1', 'foo, Close , bar', false],
    ['1.1', 'keep-alive, close', false],
    ['1.1', 'close\r\nConnection: keep-alive', false],
    ['1.1', 'closed', true],
    // RFC 9110 §2.5: as the highest minor version that is known.
    ['1.2', undefined, true],
    ['1.9', 'close', false],
    ['1.0', undefined, false],
    ['1.0', 'Keep-Alive', true],
    ['1.0', 'foo', false],
  ] as const) {
    const field = connection === undefined ? '' : `Connection: ${connection}\r\n`;
    t.is(
      parse(`HTTP/${version} 200 OK\r\n${field}Content-Length: 0\r\n\r\n`).head.keepAlive,
      stays,
      `${version} ${connection}`,
    );
  }
  t.false(parse(`${OK}\r\nabc`).head.keepAlive, 'content until close');
});

test('RFC 9112 §6.3: responses without content', (t) => {
  for (const [method, head] of [
    [Method.Get, 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'],
    [Method.Get, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
    [Method.Get, 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    [Method.Get, 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [Method.Head, `${OK}Content-Length: 5\r\n\r\n`],
    [Method.Head, `${OK}\r\n`],
    [Method.Post, `${OK}Content-Length: 0\r\n\r\n`],
  ] as const) {
    const result = parse(`${head}xy`, { method, close: false });
    t.is(result.state, ResponseState.Done, head);
    t.is(result.rest, 2);
    t.is(result.body, '');
    t.true(result.head.keepAlive);
  }
});

test('chunks, with extensions and trailers', (t) => {
  const result = parse(
    `${OK}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0006;a=b;c="d e"\r\n world\r\n1 \t;x\r\n!\r\n000;last\r\nContent-Length: 9\r\nX-Sum: 1\r\n\r\nNEXT`,
    { close: false },
  );
  t.is(result.state, ResponseState.Done);
  t.is(result.body, 'hello world!');
  t.is(result.rest, 4);
  t.is(result.head.contentLength, -1, 'a trailer does not frame');
  t.true(result.head.chunked);
});

test('RFC 9110 §15.2: interim responses are passed over', (t) => {
  const result = parse(
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 7\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`,
  );
  t.is(result.state, ResponseState.Done);
  t.deepEqual(result.heads, [{ status: 200, keepAlive: true }]);
  t.is(result.body, 'hi');
  t.is(parse(`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(8)}${OK}Content-Length: 0\r\n\r\n`).state, ResponseState.Done);
  t.regex(parse('HTTP/1.1 100 Continue\r\n\r\n'.repeat(9) + OK).error, /interim/);
});

test('counts of one head do not carry over to the next, interim or final', (t) => {
  const fields = 'X: y\r\n'.repeat(60);
  const bytes = `X: ${'y'.repeat(900)}\r\n`.repeat(10);
  const interims = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(5);
  for (const some of [fields, bytes]) {
    t.is(
      parse(`HTTP/1.1 103 Early Hints\r\n${some}\r\n${OK}${some}Content-Length: 0\r\n\r\n`).state,
      ResponseState.Done,
    );
  }
  const parser = new ResponseParser();
  for (const some of [fields, fields, bytes, bytes, interims, interims]) {
    const head = some === interims ? `${interims}${OK}` : `${OK}${some}`;
    const response = Buffer.from(`${head}Content-Length: 0\r\n\r\n`);
    parser.begin(Method.Get, NOBODY);
    t.is(parser.feed(response, 0, response.length), response.length);
    t.is(parser.state, ResponseState.Done, parser.error);
  }
});

test('cookies are kept only if asked for', (t) => {
  const text = `${OK}Set-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\nSet-Cookie: a=3\r\nContent-Length: 0\r\n\r\n`;
  const cookies = new CookieJar(64, ascii('/notification/operations'), {
    nowMs: () => 0,
    onCookieLeftOut: () => t.fail(),
  });
  parse(text, { cookies });
  t.is(Buffer.from(cookies.value.bytes.subarray(0, cookies.value.end)).toString(), 'b=2; a=3');
  t.is(parse(text).state, ResponseState.Done);
});

test('a response that a handler has given up is not told any further', (t) => {
  const parser = new ResponseParser();
  const told: string[] = [];
  const input = Buffer.from(`${OK}Content-Length: 2\r\n\r\nhi`);
  const handler = (giveUpAt: string): ResponseHandler => {
    const tell = (what: string) => {
      told.push(what);
      if (what === giveUpAt) parser.abandon();
    };
    return { onHead: () => tell('head'), onBody: () => tell('body') };
  };
  for (const giveUpAt of ['head', 'body', 'never']) {
    parser.begin(Method.Get, handler(giveUpAt));
    parser.feed(input, 0, input.length);
    t.is(parser.state, ResponseState.Done);
  }
  t.deepEqual(told, ['head', 'head', 'body', 'head', 'body']);
});

test('finish does not change a response that is complete or has failed', (t) => {
  const parser = new ResponseParser();
  parser.finish();
  t.is(parser.state, ResponseState.Done);
  parser.begin(Method.Get, NOBODY);
  const bytes = Buffer.from('nonsense\r\n');
  t.is(parser.feed(bytes, 0, bytes.length), 0);
  const { error } = parser;
  parser.finish();
  t.is(parser.error, error);
  t.is(parser.feed(bytes, 0, bytes.length), 0);
});
