// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import fc from 'fast-check';
import { ascii } from '../../src/bytes/text.ts';
import { Channel } from '../../src/http/channel.ts';
import { CookieJar } from '../../src/http/cookies.ts';
import { DEADLINES, type Exchange } from '../../src/http/exchange.ts';
import { Failure, failureText } from '../../src/http/failure.ts';
import { identityOf, Method, type RequestWriter } from '../../src/http/request.ts';
import type { ResponseHead } from '../../src/http/response.ts';
import { Timers } from '../../src/http/timers.ts';
import { Transport } from '../../src/http/transport.ts';
import { Turnstile } from '../../src/http/turnstile.ts';
import { type Peer, ScriptedNetwork, VirtualClock } from './scripted.ts';

const TARGET = { host: 'example', port: 80 };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** An exchange that writes down what becomes of it. */
class Recorder implements Exchange {
  idempotent = true;
  silenceMs = 0;
  cookies: CookieJar | undefined;
  path = '/a';
  content: string | undefined;
  method: Method = Method.Get;
  writes = 0;
  body = '';
  readonly events: string[] = [];
  afterwards: (() => void) | undefined;

  write(request: RequestWriter): boolean {
    this.writes++;
    request.start(this.method).put(ascii(this.path)).headers(undefined, undefined);
    if (this.content !== undefined) request.put(ascii(this.content));
    return request.finish();
  }

  onHead(head: ResponseHead): void {
    this.events.push(`head ${head.status}`);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    this.body += Buffer.from(bytes.subarray(from, to)).toString('latin1');
  }

  onDone(head: ResponseHead): void {
    this.events.push(`done ${head.status} ${this.body}`);
    this.afterwards?.();
  }

  onFail(failure: Failure, sent: boolean): void {
    const name = Object.entries(Failure).find(([, code]) => code === failure)?.[0];
    this.events.push(`fail ${name} ${sent ? 'sent' : 'unsent'}`);
    this.afterwards?.();
  }
}

function setUp(options: { receiveBytes?: number; requestMaxBytes?: number } = {}) {
  const clock = new VirtualClock();
  const network = new ScriptedNetwork();
  const timers = new Timers(clock, new Turnstile());
  const transport = new Transport({
    network,
    timers,
    receiveBytes: 1024,
    requestBytes: 256,
    requestMaxBytes: 1024,
    userAgent: ascii('agent/1'),
    ...options,
  });
  const identity = identityOf(ascii('example'), ascii('Basic eA=='));
  const create = () => new Channel({ transport, target: TARGET, identity });
  return { clock, network, timers, transport, create, channel: create(), exchange: new Recorder() };
}

/** A channel whose connection has carried one exchange and is idle now. */
function setUpUsed(options: Parameters<typeof setUp>[0] = {}) {
  const all = setUp(options);
  all.channel.send(all.exchange);
  all.network.last.open().send(OK);
  return { ...all, exchange: new Recorder(), first: all.exchange };
}

const HEAD = 'GET /a HTTP/1.1\r\nHost: example\r\nAuthorization: Basic eA==\r\nUser-Agent: agent/1\r\n';
const REQUEST = `${HEAD}\r\n`;

test('connects, sends, receives, and keeps the connection for the next', (t) => {
  const { network, channel, exchange } = setUp();
  channel.send(exchange);
  t.true(channel.busy);
  t.is(network.peers.length, 1);
  t.is(network.last.target, TARGET);
  t.is(exchange.writes, 0, 'nothing is written before the connection is up');
  network.last.open();
  t.is(network.last.received, REQUEST);
  t.true(channel.connected);
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

test('what the connection fails with before it is up is told, and nothing was sent', (t) => {
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

test('a fresh connection that is lost under the request fails it', (t) => {
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

test('it is repeated once only, and that bytes were sent is not forgotten', (t) => {
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
    t.false(channel.connected);
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

test('what is no HTTP fails and is not repeated', (t) => {
  const { network, channel, exchange } = setUpUsed();
  channel.send(exchange);
  network.last.send('SSH-2.0-OpenSSH_9.2\r\n');
  t.deepEqual(exchange.events, ['fail Malformed sent']);
  t.regex(channel.detail, /status line/);
  t.is(network.peers.length, 1);
});

test('a server that speaks first is no HTTP server', (t) => {
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

test('an answer that stops', (t) => {
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

test('a handler may close in the middle of what is being read, and send anew', (t) => {
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
  exchange.cookies = new CookieJar(64, { nowMs: () => 0, onCookieLeftOut: () => t.fail() });
  channel.send(exchange);
  network.last
    .open()
    .send('HTTP/1.1 200 OK\r\nSet-Cookie: BAYEUX_BROWSER=abc; Path=/; HttpOnly\r\nContent-Length: 0\r\n\r\n');
  const { bytes, end } = exchange.cookies.value;
  t.is(Buffer.from(bytes.subarray(0, end)).toString(), 'BAYEUX_BROWSER=abc');
});

test('one connection at a time is set up; the others wait in line', (t) => {
  const { network, create } = setUp();
  const channels = [create(), create(), create()] as const;
  const exchanges = [new Recorder(), new Recorder(), new Recorder()] as const;
  for (const [i, channel] of channels.entries()) channel.send(exchanges[i] ?? new Recorder());
  t.is(network.peers.length, 1);
  network.last.open();
  t.is(network.peers.length, 2);
  network.last.fail('refused');
  t.deepEqual(exchanges[1].events, ['fail Refused unsent']);
  t.is(network.peers.length, 3);
  network.last.open().send(OK);
  t.deepEqual(exchanges[2].events, ['head 200', 'done 200 hi']);
});

test('who gives up while waiting, or while being set up, makes room for the next', (t) => {
  const { clock, network, create } = setUp();
  const channels = [create(), create(), create(), create()] as const;
  const exchanges = [new Recorder(), new Recorder(), new Recorder(), new Recorder()] as const;
  for (const [i, channel] of channels.entries()) channel.send(exchanges[i] ?? new Recorder());
  channels[1].close();
  channels[0].close();
  t.is(network.peers.length, 2, 'the third is next');
  clock.advance(DEADLINES.connectMs);
  t.deepEqual(exchanges[2].events, ['fail Timeout unsent']);
  t.is(network.peers.length, 3);
  network.last.open().send(OK);
  t.deepEqual(exchanges[3].events, ['head 200', 'done 200 hi']);
  t.deepEqual(exchanges[1].events, []);
  channels[0].send(exchanges[0]);
  t.is(network.peers.length, 4);
});

test('a repeated request waits for the gate like any other, and time does not run meanwhile', (t) => {
  const { clock, network, create } = setUp();
  const used = create();
  const first = new Recorder();
  used.send(first);
  network.last.open().send(OK);
  const busy = create();
  const again = new Recorder();
  const slow = new Recorder();
  used.send(again);
  busy.send(slow);
  const slowPeer = network.last;
  network.peers[0]?.end();
  t.is(network.peers.length, 2);
  clock.advance(DEADLINES.connectMs - 1);
  t.deepEqual(again.events, []);
  slowPeer.open();
  t.is(network.peers.length, 3);
  clock.advance(DEADLINES.connectMs - 1);
  network.last.open().send(OK);
  t.deepEqual(again.events, ['head 200', 'done 200 hi']);
});

test('every failure has its text', (t) => {
  const texts = new Set(Object.values(Failure).map(failureText));
  t.is(texts.size, Object.keys(Failure).length);
  t.is(failureText(99), 'unknown failure');
});

test('one request buffer serves all channels: who writes a request waits until the one before has gone', (t) => {
  const { network, channel, create, exchange } = setUp();
  const other = create();
  const second = new Recorder();
  exchange.content = 'y'.repeat(800);
  exchange.method = Method.Put;
  channel.send(exchange);
  const slow = network.last.open(100);
  other.send(second);
  const quick = network.last.open(4096);
  t.is(quick.received, '', 'the buffer is in use');
  for (let i = 0; i < 20; i++) slow.writable(100);
  t.true(slow.received.endsWith(exchange.content));
  t.true(quick.received.startsWith('GET /a '));
  quick.send(OK);
  slow.send(OK);
  t.is(second.events.at(-1), 'done 200 hi');
  t.is(exchange.events.at(-1), 'done 200 hi');
});

test('a connection that fails while it waits for the request buffer, or holds it, gives its place away', (t) => {
  const { clock, network, channel, create, exchange } = setUp();
  exchange.content = 'y'.repeat(800);
  exchange.method = Method.Put;
  channel.send(exchange);
  network.last.open(100);
  const waiting = create();
  const second = new Recorder();
  waiting.send(second);
  network.last.open(4096).fail('reset');
  t.is(second.events.at(-1), 'fail Reset unsent');
  const third = create();
  const last = new Recorder();
  third.send(last);
  const peer = network.last.open(4096);
  t.is(peer.received, '');
  clock.advance(DEADLINES.responseMs);
  t.is(exchange.events.at(-1), 'fail NoAnswer sent');
  t.true(peer.received.startsWith('GET /a '));
});

test('a line that straddles two events is put together, whatever another channel receives meanwhile', (t) => {
  const { network, channel, create, exchange } = setUp();
  channel.send(exchange);
  const first = network.last.open();
  const other = create();
  const second = new Recorder();
  other.send(second);
  const peer = network.last.open();
  first.send('HTTP/1.1 200 OK\r\nContent-Le');
  peer.send(OK);
  first.send('ngth: 2\r\n\r\nhi');
  t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
  t.deepEqual(second.events, ['head 200', 'done 200 hi']);
});

test('a request that cannot be sent when its turn comes is not told of from within another’s', (t) => {
  const { clock, network, channel, create, exchange } = setUp();
  exchange.content = 'y'.repeat(800);
  exchange.method = Method.Put;
  channel.send(exchange);
  const slow = network.last.open(100);
  const other = create();
  const second = new Recorder();
  second.path = '/a b';
  other.send(second);
  network.last.open();
  for (let i = 0; i < 20; i++) slow.writable(100);
  t.true(slow.received.endsWith(exchange.content));
  t.deepEqual(second.events, []);
  clock.advance(0);
  t.deepEqual(second.events, ['fail Overflow unsent']);
});

/** What a test may do to two channels and their peers; numbers choose among what is possible. */
const action = fc.record({
  what: fc.constantFrom(
    'send',
    'send',
    'send',
    'open',
    'open',
    'writable',
    'bytes',
    'bytes',
    'bytes',
    'end',
    'fail',
    'wait',
    'giveUp',
    'close',
  ),
  which: fc.nat(3),
  size: fc.oneof(fc.nat(30), fc.nat(2000)),
  bytes: fc.constantFrom(
    OK,
    OK,
    OK.slice(0, 25),
    OK.slice(25),
    'HTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'x',
    '\r\n',
  ),
  ms: fc.constantFrom(0, 1, 1000, 29_000, 30_000, 200_000),
  idempotent: fc.boolean(),
  silent: fc.boolean(),
  again: fc.boolean(),
});

test('whatever happens, each exchange ends once, nobody waits for ever, and the HAL’s rules are kept', (t) => {
  const ends = new Map<string, number>();
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const { clock, network, channel, create } = setUp();
        const channels = [channel, create()];
        const running: (Recorder | undefined)[] = [undefined, undefined];
        const opened = new Set<Peer>();
        const start = (index: number, idempotent: boolean, silent: boolean, again: boolean) => {
          const exchange = new Recorder();
          exchange.idempotent = idempotent;
          exchange.silenceMs = silent ? 100_000 : 0;
          exchange.content = idempotent ? undefined : 'z'.repeat(500);
          exchange.method = idempotent ? Method.Get : Method.Post;
          exchange.afterwards = () => {
            running[index] = undefined;
            const end = exchange.events.at(-1)?.split(' ').slice(0, 2).join(' ') ?? '';
            ends.set(end, (ends.get(end) ?? 0) + 1);
            t.true(exchange.events.length <= 2, exchange.events.join());
            if (again) start(index, idempotent, silent, false);
          };
          running[index] = exchange;
          channels[index]?.send(exchange);
        };
        for (const { what, which, size, bytes, ms, idempotent, silent, again } of actions) {
          const index = which % 2;
          const alive = network.peers.filter((peer) => !peer.over);
          const peer = alive[which % Math.max(1, alive.length)];
          const isOpen = peer !== undefined && opened.has(peer);
          if (what === 'send' && running[index] === undefined) start(index, idempotent, silent, again);
          else if (what === 'giveUp' || what === 'close') {
            if (what === 'close' || running[index] !== undefined) channels[index]?.close();
            running[index] = undefined;
          } else if (what === 'wait') clock.advance(ms);
          else if (what === 'open' && peer !== undefined && !isOpen) {
            opened.add(peer);
            peer.open(size);
          } else if (what === 'fail') peer?.fail('reset');
          else if (!isOpen) continue;
          else if (what === 'writable') peer.writable(size);
          else if (what === 'bytes') peer.send(bytes);
          else if (what === 'end') peer.end();
          const setUps = network.peers.filter((each) => !each.closed && !opened.has(each)).length;
          if (setUps > 1) throw new Error('two connections are being set up');
          if (network.peers.filter((each) => !each.closed).length > 2)
            throw new Error('more connections than channels');
        }
        clock.advance(2_000_000);
        for (const [index, each] of channels.entries()) {
          if (each.busy || running[index] !== undefined) throw new Error(`channel ${index} waits for ever`);
        }
      }),
      { numRuns: 3000 },
    ),
  );
  for (const end of [
    'done 200',
    'done 204',
    'fail Closed',
    'fail Reset',
    'fail Timeout',
    'fail NoAnswer',
    'fail Stalled',
    'fail Malformed',
  ]) {
    t.true((ends.get(end) ?? 0) > 20, `${end}: ${ends.get(end)}`);
  }
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

test('a coding of nothing, or none, is none', (t) => {
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
