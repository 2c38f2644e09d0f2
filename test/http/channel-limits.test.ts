// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { DEADLINES } from '../../src/http/exchange.ts';
import { Method } from '../../src/http/request.ts';
import { HEAD, OK, REQUEST, Recorder, setUp, setUpUsed } from './recorder.ts';

test('an answer that is not HTTP fails the request, which is not repeated', (t) => {
  const { network, channel, exchange } = setUpUsed();
  channel.send(exchange);
  network.last.send('SSH-2.0-OpenSSH_9.2\r\n');
  t.deepEqual(exchange.events, ['fail Malformed sent']);
  t.regex(channel.detail, /status line/);
  t.is(network.peers.length, 1);
});

test('a server that sends first is not an HTTP server', (t) => {
  const { network, channel, exchange } = setUp();
  channel.send(exchange);
  const peer = network.last;
  peer.open(0);
  peer.closed = false;
  const fresh = setUp();
  fresh.channel.send(fresh.exchange);
  fresh.network.last.send('220 ready\r\n');
  t.deepEqual(fresh.exchange.events, ['fail Malformed unsent']);
});

test('a request that does not fit, or is malformed, fails without a byte sent, and never within send', (t) => {
  for (const prepare of [
    (exchange: Recorder) => {
      exchange.method = Method.Post;
      exchange.content = 'x'.repeat(2000);
    },
    (exchange: Recorder) => {
      exchange.path = '/a b';
    },
  ]) {
    const fresh = setUp();
    prepare(fresh.exchange);
    fresh.channel.send(fresh.exchange);
    fresh.network.last.open();
    t.deepEqual(fresh.exchange.events, ['fail Overflow unsent']);
    t.is(fresh.network.last.received, '');

    const used = setUpUsed();
    prepare(used.exchange);
    used.channel.send(used.exchange);
    t.deepEqual(used.exchange.events, [], 'not within send');
    used.clock.advance(0);
    t.deepEqual(used.exchange.events, ['fail Overflow unsent']);
    t.is(used.network.last.received, REQUEST);
  }
});

test('a connection that does not come up in time', (t) => {
  const { clock, network, channel, exchange } = setUp();
  channel.send(exchange);
  clock.advance(DEADLINES.connectMs - 1);
  t.deepEqual(exchange.events, []);
  clock.advance(1);
  t.deepEqual(exchange.events, ['fail Timeout unsent']);
  t.true(network.last.closed);
});

test('an answer that does not begin in time', (t) => {
  const { clock, network, channel, exchange } = setUp();
  channel.send(exchange);
  clock.advance(20_000);
  network.last.open();
  clock.advance(DEADLINES.responseMs - 1);
  t.deepEqual(exchange.events, []);
  clock.advance(1);
  t.deepEqual(exchange.events, ['fail NoAnswer sent']);
  t.true(network.last.closed);
});

test('a timeout is not repeated, on no connection', (t) => {
  const { clock, network, channel, exchange } = setUpUsed();
  channel.send(exchange);
  clock.advance(DEADLINES.responseMs);
  t.deepEqual(exchange.events, ['fail NoAnswer sent']);
  t.is(network.peers.length, 1);
});

test('an answer that stops has stalled after the idle time', (t) => {
  const { clock, network, channel, exchange } = setUp();
  channel.send(exchange);
  network.last.open();
  clock.advance(29_000);
  network.last.send('HTTP/1.1 200 OK\r\n');
  clock.advance(DEADLINES.idleMs - 1);
  t.deepEqual(exchange.events, []);
  clock.advance(1);
  t.deepEqual(exchange.events, ['fail Stalled sent']);
});

test('an answer that trickles for ever', (t) => {
  const { clock, network, channel, exchange } = setUp();
  channel.send(exchange);
  network.last.open().send('HTTP/1.1 200 OK\r\n\r\n');
  for (let ms = 0; ms < DEADLINES.totalMs; ms += 1000) {
    t.deepEqual(exchange.events, ['head 200']);
    network.last.send('x');
    clock.advance(1000);
  }
  t.deepEqual(exchange.events, ['head 200', 'fail TooLong sent']);
});

test('a long poll lasts as long as bytes come, and touches no timer for them', (t) => {
  const { clock, network, channel, exchange } = setUp();
  exchange.silenceMs = 315_000;
  channel.send(exchange);
  network.last.open().send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let i = 0; i < 20_000; i++) {
    clock.advance(1000);
    if (i % 200 === 0) network.last.send('1\r\n \r\n');
  }
  t.deepEqual(exchange.events, ['head 200']);
  const starts = clock.starts;
  for (let i = 0; i < 1000; i++) network.last.send('1\r\n \r\n');
  t.is(clock.starts, starts);
  clock.advance(314_999);
  t.deepEqual(exchange.events, ['head 200']);
  clock.advance(1);
  t.deepEqual(exchange.events, ['head 200', 'fail Stalled sent']);
});

test('the silence of a long poll may be agreed anew under way', (t) => {
  const { clock, network, channel, exchange } = setUp();
  exchange.silenceMs = 10_000;
  channel.send(exchange);
  network.last.open();
  exchange.silenceMs = 50_000;
  clock.advance(49_999);
  t.deepEqual(exchange.events, []);
  clock.advance(1);
  t.deepEqual(exchange.events, ['fail NoAnswer sent']);
});

test('a content coding is named, and from then on none is asked for', (t) => {
  const { network, channel, exchange, create } = setUp();
  channel.send(exchange);
  network.last.open().send(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc`);
  t.deepEqual(exchange.events, ['fail Encoded sent']);
  t.is(channel.detail, 'gzip');
  for (const each of [channel, create()]) {
    const next = new Recorder();
    each.send(next);
    network.last.open().send(OK);
    t.is(network.last.received, `${HEAD}Accept-Encoding: identity\r\n\r\n`);
    t.deepEqual(next.events, ['head 200', 'done 200 hi']);
  }
});

test('identity, an empty coding, and a coding of empty content do not count', (t) => {
  for (const fields of [
    'Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi',
    'Content-Encoding: \r\nContent-Length: 2\r\n\r\nhi',
    'Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n',
  ]) {
    const { network, channel, exchange } = setUp();
    channel.send(exchange);
    network.last.open().send(`HTTP/1.1 200 OK\r\n${fields}`);
    t.is(exchange.events.at(-1)?.slice(0, 8), 'done 200', fields);
  }
});

test('a redirect is a failure that says where it leads, and no more than that', (t) => {
  for (const [location, shown] of [
    ['Location: https://portal.example/login?token=secret', 'HTTP 302 to https://portal.example/login'],
    ['Location: http://user:secret@h/\x1b[2J', 'HTTP 302 to http://h/\\u001b[2J'],
    ['X: y', 'HTTP 302 to nowhere'],
  ] as const) {
    const { network, channel, exchange } = setUp();
    channel.send(exchange);
    network.last.open().send(`HTTP/1.1 302 Found\r\n${location}\r\nContent-Length: 0\r\n\r\n`);
    t.deepEqual(exchange.events, ['head 302', 'fail Redirected sent']);
    t.is(channel.detail, shown);
    const next = new Recorder();
    channel.send(next);
    t.is(network.peers.length, 1, 'the connection stays');
  }
});
