// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { ascii } from '../../src/bytes/text.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import { Failure, failureText } from '../../src/http/failure.ts';
import { Method } from '../../src/http/request.ts';
import { OK, REQUEST, Recorder, setUp, setUpUsed, TARGET } from './recorder.ts';

test('connects, sends, receives, and keeps the connection for the next', (t) => {
  const { network, channel, exchange } = setUp();
  channel.send(exchange);
  t.true(channel.busy);
  t.is(network.peers.length, 1);
  t.is(network.last.target, TARGET);
  t.is(exchange.writes, 0, 'nothing is written before the connection is up');
  network.last.open();
  t.is(network.last.received, REQUEST);
  t.false(network.last.closed);
  network.last.send(OK);
  t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
  t.false(channel.busy);
  const second = new Recorder();
  channel.send(second);
  network.last.send(OK);
  t.deepEqual(second.events, ['head 200', 'done 200 hi']);
  t.is(network.peers.length, 1);
  t.is(network.last.received, REQUEST.repeat(2));
  t.is(network.last.unannounced, 0);
});

test('the response may come byte by byte, the request go byte by byte', (t) => {
  const { network, channel, exchange } = setUp();
  exchange.method = Method.Post;
  exchange.content = '{"a":1}';
  channel.send(exchange);
  const peer = network.last.open(1);
  for (let i = 0; i < 200; i++) peer.writable(1);
  t.regex(peer.received, /^POST \/a HTTP\/1.1\r\n.*\r\nContent-Length: 7\r\n\r\n\{"a":1\}$/s);
  for (const byte of OK) peer.send(byte);
  t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
});

test('the next request may be sent from onDone and from onFail', (t) => {
  const { network, channel, exchange } = setUp();
  const second = new Recorder();
  const third = new Recorder();
  exchange.afterwards = () => channel.send(second);
  second.afterwards = () => channel.send(third);
  channel.send(exchange);
  network.last.open().send(OK);
  network.last.send('nonsense without end\r\n');
  t.deepEqual(second.events, ['fail Malformed sent']);
  t.is(network.peers.length, 2);
  network.last.open().send(OK);
  t.deepEqual(third.events, ['head 200', 'done 200 hi']);
});

test('an exchange that is given up is never heard of again', (t) => {
  const { clock, network, channel, exchange } = setUp();
  for (const stage of [0, 1, 2, 3]) {
    channel.send(exchange);
    if (stage > 0) network.last.open();
    if (stage > 1) network.last.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
    if (stage > 2) network.last.send('ab');
    exchange.events.length = 0;
    channel.close();
    t.true(network.last.closed);
    t.false(channel.busy);
    clock.advance(1_000_000);
    t.deepEqual(exchange.events, []);
  }
  channel.close();
});

test('an idle connection can be closed', (t) => {
  const { network, channel } = setUpUsed();
  t.false(network.last.closed);
  channel.close();
  t.true(network.last.closed);
});

test('a handler may close in the middle of an answer, and send again', (t) => {
  for (const when of ['onHead', 'onBody'] as const) {
    const { network, channel, exchange } = setUp();
    const second = new Recorder();
    const original = exchange[when].bind(exchange) as (...args: unknown[]) => void;
    exchange[when] = (...args: unknown[]) => {
      original(...args);
      channel.close();
      channel.send(second);
    };
    channel.send(exchange);
    network.last.open().send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n');
    t.deepEqual(exchange.events, ['head 200']);
    t.is(exchange.body, when === 'onBody' ? 'ab' : '');
    t.is(network.peers.length, 2);
    network.last.open().send(OK);
    t.deepEqual(second.events, ['head 200', 'done 200 hi'], when);
  }
});

test('two exchanges at once are a mistake in the program', (t) => {
  const { channel, exchange } = setUp();
  channel.send(exchange);
  t.throws(() => channel.send(new Recorder()), { message: /under way/ });
});

test('a large request is sent in pieces, and its memory given back', (t) => {
  const { network, transport, channel, exchange } = setUp();
  exchange.method = Method.Put;
  exchange.content = 'y'.repeat(800);
  channel.send(exchange);
  const peer = network.last.open(100);
  t.true(transport.request.bytes.length > 256);
  for (let i = 0; i < 20; i++) peer.writable(100);
  t.true(peer.received.endsWith(`\r\n\r\n${exchange.content}`));
  t.is(transport.request.bytes.length, 256);
  peer.send(OK);
  t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
  t.is(peer.unannounced, 0);
});

test('cookies are kept only where the exchange wants them', (t) => {
  const { network, channel, exchange } = setUp();
  exchange.cookies = new CookieJar(64, ascii('/notification/operations'), {
    nowMs: () => 0,
    onCookieLeftOut: () => t.fail(),
  });
  channel.send(exchange);
  network.last
    .open()
    .send('HTTP/1.1 200 OK\r\nSet-Cookie: BAYEUX_BROWSER=abc; Path=/; HttpOnly\r\nContent-Length: 0\r\n\r\n');
  const { bytes, end } = exchange.cookies.value;
  t.is(Buffer.from(bytes.subarray(0, end)).toString(), 'BAYEUX_BROWSER=abc');
});

test('every failure has its text', (t) => {
  const texts = new Set(Object.values(Failure).map(failureText));
  t.is(texts.size, Object.keys(Failure).length);
  t.is(failureText(99), 'unknown failure');
});
