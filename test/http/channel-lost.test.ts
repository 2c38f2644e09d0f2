// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { OK, REQUEST, Recorder, setUp, setUpUsed } from './recorder.ts';

test('a failure to connect is reported, and nothing was sent', (t) => {
  for (const [kind, name] of [
    ['dns', 'Dns'],
    ['refused', 'Refused'],
    ['unreachable', 'Unreachable'],
    ['timeout', 'Timeout'],
    ['reset', 'Reset'],
    ['closed', 'Closed'],
    ['tls-untrusted', 'TlsUntrusted'],
    ['tls-name', 'TlsName'],
    ['tls-date', 'TlsDate'],
    ['tls-alert', 'TlsAlert'],
    ['no-memory', 'NoMemory'],
  ] as const) {
    const { network, channel, exchange } = setUp();
    channel.send(exchange);
    network.last.fail(kind, 'why');
    t.deepEqual(exchange.events, [`fail ${name} unsent`]);
    t.is(channel.detail, 'why');
    t.true(network.last.closed);
    t.is(network.peers.length, 1);
  }
});

test('a new connection that is lost during the request fails it', (t) => {
  for (const idempotent of [true, false]) {
    const { network, channel, exchange } = setUp();
    exchange.idempotent = idempotent;
    channel.send(exchange);
    network.last.open().end();
    t.deepEqual(exchange.events, ['fail Closed sent']);
    t.is(network.peers.length, 1);
  }
});

test('a reused connection that is lost before any answer: repeated once if that does no harm', (t) => {
  for (const how of ['end', 'fail'] as const) {
    const { network, channel, exchange } = setUpUsed();
    channel.send(exchange);
    if (how === 'end') network.last.end();
    else network.last.fail('reset');
    t.deepEqual(exchange.events, []);
    t.is(network.peers.length, 2);
    t.true(network.peers[0]?.closed);
    network.last.open();
    t.is(network.last.received, REQUEST);
    t.is(exchange.writes, 2);
    network.last.send(OK);
    t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
  }
});

test('a request is repeated only once, and remembers that bytes were sent', (t) => {
  const { network, channel, exchange } = setUpUsed();
  channel.send(exchange);
  network.last.end();
  network.last.fail('refused');
  t.deepEqual(exchange.events, ['fail Refused sent']);
  t.is(network.peers.length, 2);
});

test('a request that must not be sent twice is not repeated, unless nothing of it was sent', (t) => {
  const { network, channel, exchange } = setUpUsed();
  exchange.idempotent = false;
  channel.send(exchange);
  network.last.end();
  t.deepEqual(exchange.events, ['fail Closed sent']);

  const other = setUpUsed();
  other.network.last.writable(0);
  other.exchange.idempotent = false;
  other.channel.send(other.exchange);
  t.is(other.network.last.received, REQUEST, 'nothing of the second request was taken');
  other.network.last.end();
  t.is(other.network.peers.length, 2);
  other.network.last.open().send(OK);
  t.deepEqual(other.exchange.events, ['head 200', 'done 200 hi']);
});

test('once a byte of the answer has come nothing is repeated', (t) => {
  const { network, channel, exchange } = setUpUsed();
  channel.send(exchange);
  network.last.send('H').end();
  t.deepEqual(exchange.events, ['fail Closed sent']);
  t.regex(channel.detail, /RFC 9112 §8/);
});

test('an idle connection that the server closes is forgotten; the next request opens another', (t) => {
  for (const how of ['end', 'fail', 'send'] as const) {
    const { network, channel, exchange } = setUpUsed();
    if (how === 'end') network.last.end();
    else if (how === 'fail') network.last.fail('reset');
    else network.last.send('HTTP/1.1 408 Request Timeout\r\n\r\n');
    t.true(network.last.closed);
    channel.send(exchange);
    t.is(network.peers.length, 2);
    network.last.open().send(OK);
    t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
  }
});

test('the response stands, but the connection is not used again', (t) => {
  const cases: [string, string][] = [
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
    ['surplus bytes', `${OK}x`],
    ['a second response', `${OK}${OK}`],
    ['much surplus', `${OK}${'x'.repeat(5000)}`],
  ];
  for (const [what, response] of cases) {
    const { network, channel, exchange } = setUp();
    channel.send(exchange);
    network.last.open().send(response);
    t.deepEqual(exchange.events, ['head 200', 'done 200 hi'], what);
    t.true(network.last.closed, what);
    channel.send(new Recorder());
    t.is(network.peers.length, 2, what);
  }
});

test('a body until close ends with the connection', (t) => {
  const { network, channel, exchange } = setUp();
  channel.send(exchange);
  network.last.open().send('HTTP/1.1 200 OK\r\n\r\nabc').send('def');
  t.deepEqual(exchange.events, ['head 200']);
  network.last.end();
  t.deepEqual(exchange.events, ['head 200', 'done 200 abcdef']);
  const broken = setUp();
  broken.channel.send(broken.exchange);
  broken.network.last.open().send('HTTP/1.1 200 OK\r\n\r\nabc').fail('reset');
  t.deepEqual(broken.exchange.events, ['head 200', 'fail Reset sent']);
});

test('a response before the request is out stands; what is left of the request is not sent', (t) => {
  const { network, channel, exchange } = setUp();
  channel.send(exchange);
  network.last.open(10).send('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
  t.deepEqual(exchange.events, ['head 413', 'done 413 ']);
  t.true(network.last.closed);
});
