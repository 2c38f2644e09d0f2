// SPDX-License-Identifier: Apache-2.0
/** Which hosts a file may come from, what they get to see, and how long a busy one is left alone. */

import test from 'ava';
import { createBinary } from '../../tools/platform/operator.ts';
import { calls } from '../agent/scene.ts';
import { CONTENT, createScene, URL_OF_FILE } from './fetching.ts';
import { FileServer, type Said } from './file-server.ts';

const busy = (retryAfter: string | number): (() => Said) => {
  const bytes = FileServer.answer(503, { 'Retry-After': retryAfter, 'Content-Length': 0 });
  return () => ({ bytes });
};
const redirect = (location: string): (() => Said) => {
  const bytes = FileServer.answer(302, { Location: location, 'Content-Length': 0 });
  return () => ({ bytes });
};

test('a busy server is left alone as long as it asks for, and asked soon if it names no time', (t) => {
  // Requests of a test in virtual time; the first pause of the agent itself is a second.
  for (const [retryAfter, leastMs, mostMs] of [
    [90, 90_000, 120_000],
    [0, 0, 5000],
    ['soon', 0, 5000],
  ] as const) {
    const { world, server, fetch } = createScene(t);
    const askedMs: number[] = [];
    const noted = (say: (() => Said) | undefined) => (request: Parameters<FileServer['file']>[0]) => {
      askedMs.push(world.time.nowMs);
      return say?.() ?? { bytes: server.file(request) };
    };
    server.script.push(noted(busy(retryAfter)), noted(undefined));
    t.deepEqual(fetch(URL_OF_FILE).ends, ['done']);
    const [first = 0, second = 0] = askedMs;
    t.is(askedMs.length, 2);
    t.true(second - first >= leastMs && second - first <= mostMs, `${retryAfter}: ${second - first} ms`);
  }
});

test('allowPlain: a file comes over http, by way of a redirect over http, too', (t) => {
  for (const allowPlain of ['yes', 'no']) {
    const { world, taken, fetch } = createScene(t, { config: { allowPlain } });
    const plain = new FileServer(world.network, 'plain.example', CONTENT, false);
    plain.script.push(redirect('http://plain.example/second'));
    fetch('http://plain.example/a');
    if (allowPlain === 'no') {
      t.regex(taken.ends[0] ?? '', /the url leads to http:\/\/plain\.example; allowed: https/);
      t.is(plain.requests.length, 0);
      continue;
    }
    t.deepEqual(taken.ends, ['done']);
    t.deepEqual(Buffer.from(taken.bytes), Buffer.from(CONTENT));
    t.deepEqual(
      plain.requests.map(({ path, headers }) => [path, headers['authorization'], headers['cookie']]),
      [
        ['/a', undefined, undefined],
        ['/second', undefined, undefined],
      ],
    );
  }
});

test('not even allowPlain lets a redirect lead from https to http', (t) => {
  const { world, server, taken, fetch } = createScene(t, { config: { allowPlain: 'yes' } });
  const plain = new FileServer(world.network, 'plain.example', CONTENT, false);
  server.always = redirect('http://plain.example/a');
  fetch(URL_OF_FILE);
  t.regex(taken.ends[0] ?? '', /from https to http; no progress/);
  t.is(plain.requests.length, 0);
});

test('a server of the local network may have no certificate: http is allowed there, without the credentials', (t) => {
  for (const host of ['192.168.7.5', '10.1.2.3', '[fd00::5]', '127.0.0.1']) {
    const { world, taken, fetch } = createScene(t);
    const local = new FileServer(world.network, host.replace(/[[\]]/g, ''), CONTENT, false);
    fetch(`http://${host}/fw.bin`);
    t.deepEqual(taken.ends, ['done'], host);
    t.is(local.requests[0]?.headers['authorization'], undefined);
  }
  // A redirect of a public server does not lead into it without encryption.
  const { world, server, taken, fetch } = createScene(t);
  const local = new FileServer(world.network, '192.168.7.5', CONTENT, false);
  server.always = redirect('http://192.168.7.5/fw.bin');
  fetch(URL_OF_FILE);
  t.regex(taken.ends[0] ?? '', /from https to http/);
  t.is(local.requests.length, 0);
});

test('cookies of the tenant go to no other host, neither at first nor after a redirect of the tenant', (t) => {
  const { world, server, taken, fetch } = createScene(t, { platform: { settings: { cookie: true } } });
  const cookies = calls(world, 'POST', '/notification/operations').map(({ headers }) => headers['cookie'] ?? '');
  t.true(
    cookies.some((each) => each.startsWith('BAYEUX_BROWSER=')),
    'the tenant has set one',
  );
  fetch(URL_OF_FILE);
  t.deepEqual(taken.ends, ['done']);
  taken.ends.length = 0;
  world.platform.order({ kind: 'status', path: '/inventory/binaries/*', status: 302, location: URL_OF_FILE });
  fetch('https://platform.test/inventory/binaries/77');
  t.deepEqual(taken.ends, ['done']);
  t.is(server.requests.length, 2);
  for (const { headers } of server.requests) {
    t.is(headers['cookie'], undefined);
    t.is(headers['authorization'], undefined);
  }
});

test("the platform's own files continue after a lost connection, and begin again after a change", (t) => {
  for (const isChanged of [false, true]) {
    const { world, taken, fetch } = createScene(t);
    const file = createBinary(world.platform, CONTENT);
    const other = CONTENT.map((byte) => byte ^ 0xff);
    world.platform.order({ kind: 'truncate', bytes: 6000, path: '/inventory/binaries/*' });
    let asked = 0;
    world.onRequest = ({ path }) => {
      if (path.startsWith('/inventory/binaries/')) asked += 1;
      if (isChanged && asked === 2) file.binary = { bytes: other, mediaType: 'application/octet-stream' };
      return true;
    };
    fetch(`https://platform.test/inventory/binaries/${file.id}`);
    t.deepEqual(taken.ends, ['done']);
    const [, second] = calls(world, 'GET', '/inventory/binaries/*');
    t.regex(second?.headers['range'] ?? '', /^bytes=\d+-$/);
    t.regex(second?.headers['if-range'] ?? '', /^"[0-9a-f]{32}"$/);
    t.is((taken.begins[1]?.offset ?? 0) > 0, !isChanged);
    t.deepEqual(Buffer.from(taken.bytes), Buffer.from(isChanged ? other : CONTENT));
  }
});
