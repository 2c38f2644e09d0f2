// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { framesOf, SocketScene, serverFrame } from './websocket-scene.ts';

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

test('the request has the authorization and the path', (t) => {
  const { request } = new SocketScene().ask();
  const [first, ...fields] = request.split('\r\n');
  t.is(first, 'GET /service/remoteaccess/device/k1 HTTP/1.1');
  t.deepEqual(fields, [
    'Host: platform.test',
    'Authorization: Basic YTpi',
    'User-Agent: fractus',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: binary',
    'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==',
    '',
    '',
  ]);
});

test('frames that come in one piece with the head of the answer are read', (t) => {
  for (const size of [1, 7, 10_000]) {
    const scene = new SocketScene();
    const { peer, request } = scene.ask();
    const all = scene.accept(request, {}, serverFrame(2, 'SSH-2.0'));
    for (let at = 0; at < all.length; at += size) peer.send(all.slice(at, at + size));
    t.deepEqual(scene.said, ['up']);
    t.is(scene.received.toString(), 'SSH-2.0');
  }
});

const REFUSED: readonly [what: string, changes: Record<string, string | undefined>, reason: RegExp][] = [
  ['no accept', { 'Sec-WebSocket-Accept': undefined }, /Sec-WebSocket-Accept of another request/],
  ['the accept of another one', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }, /Sec-WebSocket-Accept/],
  ['no upgrade', { Upgrade: undefined }, /no upgrade/],
  ['another upgrade', { Upgrade: 'h2c' }, /no upgrade/],
  ['no Connection', { Connection: undefined }, /no Connection: Upgrade/],
  ['another Connection', { Connection: 'keep-alive' }, /no Connection: Upgrade/],
  ['an extension', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, /an extension/],
  ['another protocol', { 'Sec-WebSocket-Protocol': 'chat' }, /a protocol that was not offered/],
  ['an invalid field', { 'a b': 'c' }, /an invalid field/],
  ['a field with a line end in it, behind blanks', { A: `${' '.repeat(3000)}\n` }, /an invalid field/],
  ['many fields', Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`A${i}`, ''])), /more than 64 lines/],
  ['a head that does not end', { x: 'y'.repeat(5000) }, /more than 4096 bytes/],
];
for (const [what, changes, reason] of REFUSED) {
  test(`an answer that is none is refused: ${what}`, (t) => {
    const scene = new SocketScene();
    const { peer, request } = scene.ask();
    peer.send(scene.accept(request, changes));
    t.is(scene.said.length, 1);
    t.regex(scene.said[0] ?? '', reason);
    t.true(peer.closed);
  });
}

test('an answer may write its fields in other ways', (t) => {
  for (const changes of [
    { Upgrade: 'WebSocket' },
    { Connection: 'keep-alive, upgrade' },
    { 'Sec-WebSocket-Protocol': undefined },
    { Server: 'x' },
  ]) {
    const scene = new SocketScene();
    const { peer, request } = scene.ask();
    peer.send(scene.accept(request, changes));
    t.deepEqual(scene.said, ['up']);
  }
});

const NO_ANSWERS: readonly [answer: string, reason: string][] = [
  ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'the platform refuses it: HTTP 404'],
  ['HTTP/1.1 401\r\n\r\n', 'the platform refuses it: HTTP 401'],
  ['HTTP/1.1 302 Found\r\nLocation: https://portal.example\r\n\r\n', 'the platform refuses it: HTTP 302'],
  ['HTTP/1.1 200 OK\r\n\r\n<html>', 'the platform refuses it: HTTP 200'],
  ['HTTP/2 101\r\n\r\n', 'the platform refuses it: the answer is not HTTP/1.1'],
  ['SSH-2.0-OpenSSH\r\n\r\n', 'the platform refuses it: the answer is not HTTP/1.1'],
];
for (const [answer, reason] of NO_ANSWERS) {
  test(`an answer that is none: ${answer.split('\r\n', 1)[0]}`, (t) => {
    const scene = new SocketScene();
    scene.ask().peer.send(answer);
    t.deepEqual(scene.said, [reason]);
  });
}

test('a server that does not answer, or is gone, is not waited for', (t) => {
  const dialling = new SocketScene();
  dialling.socket.start();
  dialling.clock.advance(30_000);
  t.deepEqual(dialling.said, ['the platform cannot be reached in time']);
  t.true(dialling.network.last.closed);

  const silent = new SocketScene();
  silent.ask();
  silent.clock.advance(60_000);
  t.deepEqual(silent.said, ['the platform does not answer in time']);

  const refused = new SocketScene();
  refused.socket.start();
  refused.network.last.fail('refused', 'a:443');
  t.deepEqual(refused.said, ['the connection was refused (a:443)']);

  const gone = new SocketScene();
  gone.ask().peer.end();
  t.deepEqual(gone.said, ['the platform has closed the connection']);

  const early = new SocketScene();
  early.socket.start();
  early.network.last.send('x');
  t.deepEqual(early.said, ['the platform sends before the request']);
});

test('messages are masked, each with a mask of its own, and of no more than 1,024 bytes', (t) => {
  const scene = new SocketScene();
  const peer = scene.open();
  for (const length of [1, 125, 126, 1024]) t.is(scene.say(pattern(length)), length);
  t.is(scene.say(pattern(5000)), 1024);
  const frames = framesOf(peer);
  t.deepEqual(
    frames.map(({ content }) => content.length),
    [1, 125, 126, 1024, 1024],
  );
  for (const { opcode, isMasked, content } of frames) {
    t.deepEqual([opcode, isMasked], [2, true]);
    t.deepEqual(content, Buffer.from(pattern(content.length)));
  }
  t.is(new Set(frames.map(({ mask }) => mask)).size, 5);
});

test('data that the server does not accept waits, and nothing is mixed into it', (t) => {
  const scene = new SocketScene();
  const peer = scene.open(1 << 20);
  peer.writable(100);
  t.is(scene.say(pattern(1024)), 1024);
  t.false(scene.socket.isFree);
  peer.send(serverFrame(9, 'one')).send(serverFrame(9, 'two'));
  t.is(peer.received.length, 100);
  peer.writable(2000);
  t.deepEqual(scene.said, ['up', 'free', 'free']);
  const [message, pong, ...more] = framesOf(peer);
  t.deepEqual(message?.content, Buffer.from(pattern(1024)));
  t.deepEqual([pong?.opcode, pong?.content.toString()], [10, 'two']);
  t.is(more.length, 0);
  t.is(peer.unannounced, 0);
});

test('data that the owner does not accept stays in the buffer', (t) => {
  const scene = new SocketScene();
  const peer = scene.open();
  scene.roomBytes = 10;
  peer.send(serverFrame(2, pattern(600)));
  t.is(scene.received.length, 10);
  t.is(scene.socket.waitingBytes, 590);
  for (let i = 0; scene.received.length < 600 && i < 100; i++) {
    scene.roomBytes = 10;
    scene.socket.take();
  }
  t.deepEqual(scene.received, Buffer.from(pattern(600)));
});

test('data that arrived before the end of the connection is still read', (t) => {
  const scene = new SocketScene();
  const peer = scene.open();
  scene.roomBytes = 0;
  peer.send(serverFrame(2, 'last words'));
  peer.end();
  t.deepEqual(scene.said, ['up']);
  scene.roomBytes = 100;
  scene.socket.take();
  t.is(scene.received.toString(), 'last words');
  t.deepEqual(scene.said, ['up', 'the platform has closed the connection']);
});

test('a ping of ours; the pong counts as heard', (t) => {
  const scene = new SocketScene();
  const peer = scene.open();
  scene.socket.ping();
  t.deepEqual(
    framesOf(peer).map(({ opcode }) => opcode),
    [9],
  );
  const before = scene.socket.heardBytes;
  peer.send(serverFrame(10));
  t.is(scene.socket.heardBytes - before, 2);
});

test('a close is answered by one, and all is over', (t) => {
  for (const [content, sent, reason] of [
    ['\x03\xe8', [0x03, 0xe8], 'the platform has closed it'],
    ['\x0f\xa0bye', [0x0f, 0xa0], 'the platform has closed it (4000)'],
    ['', [], 'the platform has closed it (1005)'],
  ] as const) {
    const scene = new SocketScene();
    const peer = scene.open();
    peer.send(serverFrame(8, content) + serverFrame(2, 'after it'));
    t.deepEqual(scene.said, ['up', reason]);
    t.deepEqual(
      framesOf(peer).map((each) => [each.opcode, [...each.content]]),
      [[8, [...sent]]],
    );
    t.true(peer.closed);
    t.is(scene.received.length, 0);
  }
});

test('a close of ours waits for the answer, but not for ever', (t) => {
  const scene = new SocketScene();
  const peer = scene.open();
  scene.say(pattern(10));
  scene.socket.close(1000);
  t.deepEqual(
    framesOf(peer).map(({ opcode }) => opcode),
    [2, 8],
  );
  t.false(peer.closed);
  peer.send(serverFrame(2, 'not read any more') + serverFrame(8, '\x03\xe8'));
  t.true(peer.closed);
  t.deepEqual(scene.said, ['up', 'the platform has closed it']);

  const rude = new SocketScene();
  const silent = rude.open();
  rude.socket.close(1000);
  rude.clock.advance(5000);
  t.true(silent.closed);
  t.deepEqual(rude.said, ['up', 'the platform does not answer a close']);
});

test('after stop nothing is said, and nothing is written', (t) => {
  const scene = new SocketScene();
  const peer = scene.open();
  scene.socket.stop();
  t.true(peer.closed);
  scene.clock.advance(100_000);
  t.deepEqual(scene.said, ['up']);
});
