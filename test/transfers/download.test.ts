// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { NOT_MEANT } from '../../src/transfers/download.ts';
import { createBinary, createOperation } from '../../tools/platform/operator.ts';
import { calls, listening, objectOf } from '../agent/scene.ts';
import { CONTENT, createScene, HOST, type Taken, URL_OF_FILE } from './fetching.ts';
import { FileServer } from './file-server.ts';

const same = (t: ExecutionContext, taken: Taken, content = CONTENT) =>
  t.deepEqual(Buffer.from(taken.bytes), Buffer.from(content));

test('the content of another host comes whole, asked for by nobody, without cookies', (t) => {
  const { server, fetch } = createScene(t);
  const taken = fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  t.deepEqual(taken.begins, [{ offset: 0, totalBytes: CONTENT.length }]);
  same(t, taken);
  t.is(server.requests.length, 1);
  t.like(server.requests[0], { method: 'GET', path: '/images/fw.bin' });
  const headers = server.requests[0]?.headers ?? {};
  t.is(headers['authorization'], undefined);
  t.is(headers['cookie'], undefined);
  t.is(headers['accept-encoding'], 'identity');
  t.is(headers['host'], HOST);
});

test('a file of the tenant is asked for with the credentials of the device, also by the name of its id', (t) => {
  const { world, fetch, taken } = createScene(t, { config: { url: 'https://acme.platform.test' } });
  const { id } = createBinary(world.platform, CONTENT);
  fetch(`https://t1000.platform.test/inventory/binaries/${id}`);
  t.deepEqual(taken.ends, ['done']);
  same(t, taken);
  const [call] = calls(world, 'GET', '/inventory/binaries/*');
  t.regex(call?.headers['authorization'] ?? '', /^Basic /);
});

test('the long poll makes room while a transfer runs, and what was asked for meanwhile is not lost', (t) => {
  const { world, server, taken } = createScene(t);
  server.script.push(() => ({
    bytes: FileServer.answer(200, { 'Content-Length': CONTENT.length }, CONTENT.subarray(0, 900)),
  }));
  createOperation(world.platform, objectOf(world).id, { x_Fetch: { url: URL_OF_FILE } });
  world.runUntil(() => taken.begins.length > 0, 60_000);
  world.run(1000);
  t.false(listening(world));
  const other = createOperation(world.platform, objectOf(world).id, { c8y_Command: { text: 'help' } });
  world.runUntil(() => taken.ends.length > 0, 600_000);
  t.deepEqual(taken.ends, ['done']);
  world.runUntil(() => other.status === 'SUCCESSFUL' && listening(world), 60_000);
});

test('what a lost connection has cost is asked for again, and no more than that', (t) => {
  for (const ending of ['end', 'reset'] as const) {
    const { server, fetch } = createScene(t);
    server.script.push((request) => ({ bytes: server.file(request).slice(0, 5000), ending }));
    const taken = fetch(URL_OF_FILE);
    t.deepEqual(taken.ends, ['done'], ending);
    same(t, taken);
    const [, second] = server.requests;
    t.is(second?.headers['range'], `bytes=${taken.begins[1]?.offset}-`);
    t.is(second?.headers['if-range'], '"v1"');
    t.true((taken.begins[1]?.offset ?? 0) > 4000);
  }
});

test('a content that has changed meanwhile begins anew, and so does one that nothing can tell apart', (t) => {
  for (const tag of ['"v2"', undefined, 'W/"v1"']) {
    const { server, fetch } = createScene(t);
    const other = CONTENT.map((byte) => byte ^ 0xff);
    server.script.push((request) => {
      const bytes = server.file(request).slice(0, 5000);
      server.content = other;
      server.tag = tag;
      return { bytes: tag === '"v2"' ? bytes : bytes.replace('ETag: "v1"\r\n', ''), ending: 'reset' };
    });
    const taken = fetch(URL_OF_FILE);
    t.deepEqual(taken.ends, ['done']);
    t.is(taken.begins[1]?.offset, 0);
    same(t, taken, other);
  }
});

test('a part other than the one asked for is not taken: the whole again', (t) => {
  const answers = [
    FileServer.answer(206, { 'Content-Length': 10, 'Content-Range': 'bytes 6000-6009/20000' }, '0123456789'),
    FileServer.answer(206, { 'Content-Length': 10 }, '0123456789'),
    FileServer.answer(416, { 'Content-Length': 0 }),
    FileServer.answer(204, {}),
  ];
  for (const bytes of answers) {
    const { server, fetch } = createScene(t);
    server.script.push((request) => ({ bytes: server.file(request).slice(0, 5000), ending: 'reset' }));
    server.script.push(() => ({ bytes }));
    const taken = fetch(URL_OF_FILE);
    t.deepEqual(taken.ends, ['done'], bytes.slice(0, 40));
    t.not(server.requests[1]?.headers['range'], undefined);
    t.is(server.requests[2]?.headers['range'], undefined);
    same(t, taken);
  }
});

test('RFC 9110 §15.3.7.3: the rest of another file is not taken for that of this one', (t) => {
  const { server, fetch } = createScene(t);
  const other = CONTENT.map((byte) => byte ^ 0xff);
  server.script.push((request) => ({ bytes: server.file(request).slice(0, 5000), ending: 'reset' }));
  server.script.push((request) => {
    const from = Number(/[0-9]+/.exec(request.headers['range'] ?? '')?.[0]);
    const fields = { ETag: '"v2"', 'Content-Length': 20_000 - from, 'Content-Range': `bytes ${from}-19999/20000` };
    return { bytes: FileServer.answer(206, fields, other.subarray(from)) };
  });
  const taken = fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  t.is(server.requests[2]?.headers['range'], undefined);
  same(t, taken);
});

test('chunked contents and those that end with the connection', (t) => {
  const answers: { bytes: string; ending?: 'end' }[] = [
    { bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n6\r\n World\r\n0\r\n\r\n' },
    { bytes: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello World', ending: 'end' },
  ];
  for (const answer of answers) {
    const { server, fetch } = createScene(t);
    server.script.push(() => answer);
    const taken = fetch(URL_OF_FILE);
    t.deepEqual(taken.ends, ['done']);
    t.is(Buffer.from(taken.bytes).toString(), 'Hello World');
    t.is(taken.begins[0]?.totalBytes, -1);
  }
});

const to = (location: string) => () => ({
  bytes: FileServer.answer(302, { Location: location, 'Content-Length': 0 }),
});

test('redirects are followed, five of them, without the credentials', (t) => {
  const { world, server, fetch, taken } = createScene(t);
  const { id } = createBinary(world.platform, CONTENT);
  server.script.push(to('/second'), to('third?x=1'), to(`https://platform.test/inventory/binaries/${id}`));
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  t.deepEqual(
    server.requests.map(({ path }) => path),
    ['/images/fw.bin', '/second', '/third?x=1'],
  );
  for (const { headers } of server.requests) t.is(headers['authorization'], undefined);
  t.regex(calls(world, 'GET', '/inventory/binaries/*')[0]?.headers['authorization'] ?? '', /^Basic /);
});

test('credentials do not follow a redirect to another host', (t) => {
  const { world, server, fetch, taken } = createScene(t);
  world.platform.order({ kind: 'status', path: '/inventory/binaries/*', status: 302, location: URL_OF_FILE });
  fetch('https://platform.test/inventory/binaries/77');
  t.deepEqual(taken.ends, ['done']);
  t.is(server.requests[0]?.headers['authorization'], undefined);
});

test('what is no way to a file fails and says why', (t) => {
  const cases: [string, (() => { bytes: string })[], RegExp][] = [
    ['', [], /the url cannot be followed; allowed: http/],
    [' ', [], /cannot be followed/],
    ['$PROVIDED', [], /cannot be followed/],
    ['ftp://files.example/a', [], /cannot be followed/],
    ['https://user:secret@files.example/a', [], /cannot be followed/],
    ['https://files.example/a b', [], /cannot be followed/],
    [`https://files.example/${'x'.repeat(3000)}`, [], /cannot be followed/],
    ['http://files.example/a', [], /leads to http:\/\/files\.example; allowed: https/],
    [URL_OF_FILE, Array.from({ length: 100 }, () => to('http://files.example/a')), /from https to http; no progress/],
    [URL_OF_FILE, Array.from({ length: 100 }, () => to('mailto:a@b')), /a redirect cannot be followed; no progress/],
    [URL_OF_FILE, Array.from({ length: 6 }, () => to('/again')), /more than 5 redirects/],
    [URL_OF_FILE, [() => ({ bytes: FileServer.answer(404, { 'Content-Length': 0 }) })], /^download: HTTP 404$/],
    [URL_OF_FILE, [() => ({ bytes: FileServer.answer(403, { 'Content-Length': 0 }) })], /HTTP 403/],
    [URL_OF_FILE, [() => ({ bytes: FileServer.answer(204, {}) })], /HTTP 204/],
    [
      URL_OF_FILE,
      [() => ({ bytes: FileServer.answer(200, { 'Content-Encoding': 'gzip', 'Content-Length': 3 }, 'abc') })],
      /content coding .*gzip/,
    ],
  ];
  for (const [url, answers, expected] of cases) {
    const { world, server, fetch, taken } = createScene(t);
    server.script.push(...answers);
    fetch(url);
    t.is(taken.ends.length, 1);
    t.regex(taken.ends[0] ?? '', expected, url);
    t.notRegex(taken.ends[0] ?? '', /secret/);
    world.runUntil(() => listening(world), 60_000);
  }
});

test('a server that is away or busy is asked again, ever more rarely, and given up after ten minutes without a byte', (t) => {
  const { server, fetch, taken, world } = createScene(t);
  const busy = () => ({ bytes: FileServer.answer(503, { 'Retry-After': 5, 'Content-Length': 0 }) });
  server.script.push(busy, busy, () => ({ bytes: '', ending: 'reset' }));
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  t.is(server.requests.length, 4);
  taken.ends = [];
  server.script.push(...Array.from({ length: 100 }, () => busy));
  const since = server.requests.length;
  fetch(URL_OF_FILE);
  t.regex(taken.ends[0] ?? '', /^download: HTTP 503; no progress for 10 minutes$/);
  t.true(server.requests.length - since < 20, `${server.requests.length - since}`);
  world.runUntil(() => listening(world), 60_000);
});

test('a page of a portal, for minutes, is not the file', (t) => {
  const { server, fetch, taken } = createScene(t);
  taken.refusal = NOT_MEANT;
  const page = () => ({
    bytes: FileServer.answer(200, { 'Content-Type': 'text/html', 'Content-Length': 6 }, '<html>'),
  });
  server.script.push(page, page, page, () => {
    taken.refusal = undefined;
    return page();
  });
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  t.is(Buffer.from(taken.bytes).toString(), '<html>', 'who takes pages gets them');
  t.is(server.requests.length, 4);
  taken.ends = [];
  taken.refusal = NOT_MEANT;
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['download: this is not the requested content'], 'it is no page');
});

test('a sink that does not want more ends it', (t) => {
  const { fetch, taken, world } = createScene(t);
  taken.refusal = 'the flash is full';
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['download: the flash is full']);
  t.true(taken.bytes.length < 2000);
  world.runUntil(() => listening(world), 60_000);
});

test('a stop ends it without a word', (t) => {
  const { world, server, taken } = createScene(t);
  server.script.push(() => ({ bytes: FileServer.answer(200, { 'Content-Length': 100 }, 'abc') }));
  createOperation(world.platform, objectOf(world).id, { x_Fetch: { url: URL_OF_FILE } });
  world.runUntil(() => taken.begins.length > 0, 60_000);
  world.stop();
  world.run(3_600_000);
  t.deepEqual(taken.ends, []);
});
