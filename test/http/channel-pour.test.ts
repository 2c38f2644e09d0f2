// SPDX-License-Identifier: Apache-2.0
/** Content that is poured after what is written: as the stream takes it, beside the others, and within the deadlines. */

import test from 'ava';
import type { ByteStream } from '../../hal/hal.ts';
import { ascii } from '../../src/bytes/text.ts';
import { DEADLINES } from '../../src/http/exchange.ts';
import { Method, type RequestWriter } from '../../src/http/request.ts';
import { OK, Recorder, setUp, setUpUsed } from './recorder.ts';

/** Sends ten bytes after its head. */
class Pouring extends Recorder {
  override method = Method.Post;
  left = ascii('');

  override write(request: RequestWriter): boolean {
    this.left = ascii('0123456789');
    this.writes++;
    return request.start(Method.Post).put(ascii('/a')).headers(undefined, undefined).finish(this.left.length);
  }

  pour(stream: ByteStream): boolean {
    this.left = this.left.slice(stream.write(this.left, 0, this.left.length));
    return this.left.length === 0;
  }
}

const HEAD = /^POST \/a HTTP\/1\.1\r\n.*\r\nContent-Length: 10\r\n\r\n/s;

test('head and content go as the stream takes them', (t) => {
  for (const credit of [1, 3, 1000]) {
    const { network, channel } = setUp();
    const exchange = new Pouring();
    channel.send(exchange);
    const peer = network.last.open(credit);
    for (let i = 0; i < 200; i++) peer.writable(credit);
    t.regex(peer.received, HEAD);
    t.true(peer.received.endsWith('\r\n\r\n0123456789'));
    peer.send(OK);
    t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
    t.false(network.last.closed);
  }
});

/** Lets the stream take the head, and four bytes of the content. */
function pourFour({ network, channel }: ReturnType<typeof setUp>): Pouring {
  const exchange = new Pouring();
  channel.send(exchange);
  network.last.open(0);
  for (let i = 0; i < 500 && exchange.left.length !== 6; i++) network.last.writable(1);
  return exchange;
}

test('while it is poured others write their requests', (t) => {
  const scene = setUp();
  const exchange = pourFour(scene);
  const slow = scene.network.last;
  const second = new Recorder();
  scene.create().send(second);
  scene.network.last.open().send(OK);
  t.deepEqual(second.events, ['head 200', 'done 200 hi']);
  slow.writable(6).send(OK);
  t.true(slow.received.endsWith('\r\n\r\n0123456789'));
  t.deepEqual(exchange.events, ['head 200', 'done 200 hi']);
});

test('an answer before all of it has gone is an answer, and the connection is not used again', (t) => {
  const scene = setUp();
  const exchange = pourFour(scene);
  scene.network.last.send('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
  t.deepEqual(exchange.events, ['head 413', 'done 413 ']);
  t.true(scene.network.last.closed);
});

test('a stream that takes nothing more for long is given up', (t) => {
  const scene = setUp();
  const exchange = pourFour(scene);
  scene.clock.advance(DEADLINES.idleMs - 1);
  t.deepEqual(exchange.events, []);
  scene.network.last.writable(1);
  scene.clock.advance(DEADLINES.idleMs - 1);
  t.deepEqual(exchange.events, [], 'it takes bytes');
  scene.clock.advance(1);
  t.deepEqual(exchange.events, ['fail NoAnswer sent']);
});

test('whoever closes the channel while pouring is not called again', (t) => {
  const { network, channel } = setUpUsed();
  const exchange = new Pouring();
  exchange.pour = () => {
    channel.close();
    return false;
  };
  channel.send(exchange);
  t.true(network.last.closed);
  t.false(channel.busy);
  const next = new Recorder();
  channel.send(next);
  network.last.open().send(OK);
  t.deepEqual(next.events, ['head 200', 'done 200 hi']);
  t.deepEqual(exchange.events, []);
});
