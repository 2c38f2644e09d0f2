// SPDX-License-Identifier: Apache-2.0

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import test from 'ava';
import { ascii, utf8 } from '../../src/bytes/text.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import { identityOf, Method, RequestWriter } from '../../src/http/request.ts';
import fc from '../support/property.ts';
import { within } from '../support/until.ts';

const JSON_TYPE = ascii('application/json');
const HOST = ascii('t1.example');
const BASIC = ascii('Basic dDEvdTpw');

function writer(maxBytes = 4096): RequestWriter {
  return new RequestWriter(64, maxBytes).identify(identityOf(HOST, BASIC));
}

function textOf(w: RequestWriter): string {
  return Buffer.from(w.bytes.subarray(0, w.end)).toString();
}

test('a POST in one piece, its length in front of its content', (t) => {
  const w = writer();
  w.start(Method.Post)
    .put(ascii('/measurement/measurements'))
    .headers(JSON_TYPE, JSON_TYPE)
    .put(ascii('{"a":"'))
    .text('é')
    .put(ascii('"}'));
  t.true(w.finish());
  t.is(
    textOf(w),
    'POST /measurement/measurements HTTP/1.1\r\nHost: t1.example\r\nAuthorization: Basic dDEvdTpw\r\n' +
      'Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: 10\r\n\r\n{"a":"é"}',
  );
});

test('GET, DELETE and HEAD have no content and do not speak of it; POST and PUT may have an empty one', (t) => {
  for (const [method, name] of [
    [Method.Get, 'GET'],
    [Method.Delete, 'DELETE'],
    [Method.Head, 'HEAD'],
  ] as const) {
    const w = writer();
    w.start(method).put(ascii('/a?b=')).percentEncoded('c d/é').headers(undefined, JSON_TYPE);
    t.true(w.finish());
    t.is(
      textOf(w),
      `${name} /a?b=c%20d%2F%C3%A9 HTTP/1.1\r\nHost: t1.example\r\nAuthorization: Basic dDEvdTpw\r\nAccept: application/json\r\n\r\n`,
    );
    w.byte(0x78);
    t.false(w.finish());
  }
  for (const method of [Method.Post, Method.Put]) {
    const w = writer();
    w.start(method).put(ascii('/a')).headers(undefined, undefined);
    t.true(w.finish());
    t.regex(textOf(w), /\r\nContent-Length: 0\r\n\r\n$/);
  }
});

test('a field of one request only', (t) => {
  const jar = new CookieJar(64, ascii('/notification/operations'), { nowMs: () => 0, onCookieLeftOut: () => t.fail() });
  const w = writer();
  w.start(Method.Get).put(ascii('/a')).extra(ascii('X-A: 1')).cookies(jar).headers(undefined, undefined);
  t.true(w.finish());
  t.true(textOf(w).endsWith('\r\nX-A: 1\r\n\r\n'));
  jar.store(ascii('a=1; Path=/'), 0, 11);
  w.start(Method.Get).put(ascii('/a')).cookies(jar).headers(undefined, undefined);
  t.true(textOf(w).endsWith('dDEvdTpw\r\nCookie: a=1\r\n\r\n'));
  w.start(Method.Get).put(ascii('/a')).headers(undefined, undefined);
  t.true(w.finish());
  t.is(textOf(w), 'GET /a HTTP/1.1\r\nHost: t1.example\r\nAuthorization: Basic dDEvdTpw\r\n\r\n');
});

test('every request has the user agent, and Accept-Encoding when it is set', (t) => {
  const w = writer();
  w.userAgent = ascii('fractus/1.2.3 weather/4');
  const line =
    'GET /a HTTP/1.1\r\nHost: t1.example\r\nAuthorization: Basic dDEvdTpw\r\nUser-Agent: fractus/1.2.3 weather/4\r\n';
  w.start(Method.Get).put(ascii('/a')).headers(undefined, undefined);
  t.is(textOf(w), `${line}\r\n`);
  w.asksForIdentity = true;
  w.start(Method.Get).put(ascii('/a')).headers(undefined, undefined);
  t.is(textOf(w), `${line}Accept-Encoding: identity\r\n\r\n`);
});

test('without authorization there is no such field', (t) => {
  const w = new RequestWriter(64, 256).identify(identityOf(HOST, new Uint8Array(0)));
  w.start(Method.Get).put(ascii('/a')).headers(undefined, undefined);
  t.true(w.finish());
  t.is(textOf(w), 'GET /a HTTP/1.1\r\nHost: t1.example\r\n\r\n');
});

test('a value that could start a new line or a new request is refused, wherever it is', (t) => {
  const wrong = ['\r\nX: y', '\n', '\r', '\0', '\x1f', '\x7f'];
  for (const text of wrong) {
    const bytes = utf8(`a${text}`);
    const fine = ascii('text/plain');
    const places: Record<string, (w: RequestWriter) => unknown> = {
      path: (w) => w.start(Method.Get).put(ascii('/')).put(bytes).headers(undefined, undefined),
      type: (w) => w.start(Method.Post).put(ascii('/')).headers(bytes, fine),
      accept: (w) => w.start(Method.Get).put(ascii('/')).headers(fine, bytes),
      extra: (w) => w.start(Method.Get).put(ascii('/')).extra(bytes).headers(fine, fine),
      host: (w) => w.identify(identityOf(bytes, BASIC)).start(Method.Get).put(ascii('/')).headers(undefined, undefined),
      authorization: (w) =>
        w.identify(identityOf(HOST, bytes)).start(Method.Get).put(ascii('/')).headers(undefined, undefined),
    };
    for (const [place, write] of Object.entries(places)) {
      const w = writer();
      write(w);
      t.false(w.finish(), `${place}: ${JSON.stringify(text)}`);
      write(w);
      t.false(w.finish(), `${place} again: ${JSON.stringify(text)}`);
      w.identify(identityOf(HOST, BASIC)).start(Method.Get).put(ascii('/')).headers(fine, fine);
      t.true(w.finish(), 'the next request is not touched by it');
    }
  }
});

test('a path is visible ASCII that starts with a slash', (t) => {
  for (const path of ['', 'a', ' /a', '/a b', '/é', '*', 'http://x/']) {
    const w = writer();
    w.start(Method.Get).text(path).headers(undefined, undefined);
    t.false(w.finish(), path);
  }
});

test('a constant path is not checked, and its continuation is', (t) => {
  const path = ascii('/measurement/measurements');
  const w = writer();
  t.true(w.start(Method.Post).constant(path).headers(undefined, undefined).finish());
  t.regex(textOf(w), /^POST \/measurement\/measurements HTTP\/1\.1\r\nHost: /);
  w.start(Method.Get).constant(path).byte(0x0a).headers(undefined, undefined);
  t.false(w.finish());
  // The next request has another path of the same length.
  w.start(Method.Get).put(ascii('/measurement/measure ents')).headers(undefined, undefined);
  t.false(w.finish());
});

test('a request that does not fit is refused; one byte less fits', (t) => {
  const write = (w: RequestWriter, length: number) => {
    w.start(Method.Post).put(ascii('/a')).headers(JSON_TYPE, undefined).put(new Uint8Array(length).fill(0x78));
    return w.finish();
  };
  const w = writer(512);
  t.true(write(w, 0));
  // Its length has three digits instead of one, for which there is room from the start.
  const room = 512 - w.end - 2;
  t.true(write(w, room));
  t.is(w.end, 512);
  t.false(write(w, room + 1));
  t.true(write(w, room), 'the next request is not touched by it');
  const size = 512 - room + 10;
  for (let maxBytes = 100; maxBytes < 180; maxBytes++)
    t.is(write(writer(maxBytes), 10), maxBytes >= size, `${maxBytes}`);
  // With a fourth digit there has to be room for that, too.
  const large = room + 1000;
  t.false(write(writer(512 + 1000), large));
  t.true(write(writer(512 + 1001), large));
});

test('content of more than 9,999,999 bytes is not finished, be it in the buffer or poured later', (t) => {
  const w = writer(10_001_000);
  const start = () => w.start(Method.Put).put(ascii('/a')).headers(JSON_TYPE, undefined);
  t.true(start().put(new Uint8Array(9_999_999)).finish());
  t.regex(textOf(w), /\r\nContent-Length: 9999999\r\n\r\n/);
  t.false(start().put(new Uint8Array(10_000_000)).finish());
  t.true(start().put(ascii('ab')).finish(9_999_997));
  t.regex(textOf(w), /\r\nContent-Length: 9999999\r\n\r\nab$/);
  t.false(start().put(ascii('ab')).finish(9_999_998));
  t.true(start().finish(0));
  t.regex(textOf(w), /\r\nContent-Length: 0\r\n\r\n$/);
  t.false(w.start(Method.Get).put(ascii('/a')).headers(undefined, undefined).finish(1), 'GET has none');
});

test('Node’s server reads what was written, whatever path and content', async (t) => {
  const seen: {
    method: string | undefined;
    url: string | undefined;
    body: string;
    headers: http.IncomingHttpHeaders;
  }[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        method: request.method,
        url: request.url,
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
      });
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const w = writer(100_000);
  const method = fc.constantFrom(Method.Get, Method.Post, Method.Put, Method.Delete);
  const names = ['GET', 'POST', 'PUT', 'DELETE'];
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary', maxLength: 2000 }),
      async (which, path, content) => {
        const hasContent = which === Method.Post || which === Method.Put;
        w.start(which).byte(0x2f).percentEncoded(path).headers(JSON_TYPE, undefined);
        if (hasContent) w.text(content);
        t.true(w.finish());
        seen.length = 0;
        const answered = new Promise((resolve) => socket.once('data', resolve));
        socket.write(w.bytes.slice(0, w.end));
        await within(answered, 'Node has no answer');
        const request = seen[0];
        t.is(request?.method, names[which]);
        t.is(decodeURIComponent(request?.url?.slice(1) ?? ''), path);
        t.is(request?.body, hasContent ? content : '');
        t.is(request?.headers['authorization'], 'Basic dDEvdTpw');
        t.is(request?.headers['host'], 't1.example');
      },
    ),
    { numRuns: 200 },
  );
  socket.destroy();
  await within(new Promise((resolve) => server.close(resolve)), 'the server does not close');
});

test('a path in which an id is missing is a mistake in the program, and never a request for all there is', (t) => {
  for (const path of ['/inventory/managedObjects/', '/inventory/managedObjects//childDevices', '//']) {
    const w = writer().start(Method.Delete).text(path) as RequestWriter;
    t.throws(() => w.headers(undefined, undefined), { message: 'request: an id is missing' }, path);
  }
  for (const path of ['/', '/a/b', '/a/%2F', '/a?b=c']) {
    const w = writer().start(Method.Delete).text(path) as RequestWriter;
    t.true(w.headers(undefined, undefined).finish(), path);
  }
});

test('a length of any number of digits stands right before the content', (t) => {
  for (const length of [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000]) {
    const w = new RequestWriter(64, 20_000);
    const content = new Uint8Array(length).map((_, i) => 0x61 + (i % 26));
    w.identify(identityOf(HOST, BASIC)).start(Method.Post).put(ascii('/a')).headers(JSON_TYPE, undefined).put(content);
    t.true(w.finish());
    const [head = '', body] = Buffer.from(w.bytes.subarray(0, w.end)).toString().split('\r\n\r\n');
    t.regex(head, new RegExp(`\r\nContent-Length: ${length}$`));
    t.is(body, Buffer.from(content).toString());
  }
});
