// SPDX-License-Identifier: Apache-2.0
/** What a hostile server sends as frames: each is ended by one close that says why, and nothing of it is taken. */

import test from 'ava';
import fc from 'fast-check';
import { type FrameHandler, FrameReader } from '../../src/http/frames.ts';
import { framesOf, SocketScene, serverFrame } from './websocket-scene.ts';

class Told implements FrameHandler {
  data = Buffer.alloc(0);
  readonly pings: string[] = [];
  readonly closes: number[] = [];

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.data = Buffer.concat([this.data, bytes.subarray(from, to)]);
  }

  onPing(content: Uint8Array): void {
    this.pings.push(Buffer.from(content).toString('latin1'));
  }

  onClose(code: number): void {
    this.closes.push(code);
  }
}

const raw = (...bytes: number[]) => Buffer.from(bytes).toString('latin1');

const HOSTILE: readonly (readonly [what: string, frames: string, code: number, reason: RegExp])[] = [
  ['a reserved bit', serverFrame(0x42, 'a'), 1002, /reserved bit .*§5\.2/],
  ['a masked frame', serverFrame(2, 'a', { isMasked: true }), 1002, /masked frame .*§5\.1/],
  ['an opcode of nobody', serverFrame(3, 'a'), 1002, /reserved opcode 3 /],
  ['a control opcode of nobody', serverFrame(11), 1002, /reserved opcode 11 /],
  ['a text', serverFrame(1, 'a'), 1003, /a text/],
  ['a ping that is too long', serverFrame(9, 'a'.repeat(126)), 1002, /control frame .*§5\.5/],
  ['a ping in parts', serverFrame(9, 'a', { isFinal: false }), 1002, /control frame .*§5\.5/],
  ['a close in parts', serverFrame(8, '', { isFinal: false }), 1002, /control frame .*§5\.5/],
  ['a part of no message', serverFrame(0, 'a'), 1002, /a part of no message/],
  [
    'a message within another',
    serverFrame(2, 'a', { isFinal: false }) + serverFrame(2, 'b'),
    1002,
    /within another .*§5\.4/,
  ],
  ['a length of 16 bits that needs 7', raw(0x82, 126, 0, 125), 1002, /a padded length/],
  ['a length of 64 bits that needs 16', raw(0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff), 1002, /a padded length/],
  ['16 MB in one frame', raw(0x82, 127, 0, 0, 0, 0, 1, 0, 0, 0), 1009, /more than 16777215 bytes/],
  ['2^63 bytes in one frame', raw(0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0), 1009, /more than 16777215 bytes/],
  ['a close with half a code', serverFrame(8, 'a'), 1002, /status code .*§7\.4/],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
    (code) =>
      [`a close with the code ${code}`, serverFrame(8, raw(code >> 8, code & 0xff)), 1002, /status code/] as const,
  ),
  ['a close whose reason is no text', serverFrame(8, raw(3, 0xe8, 0xc3)), 1007, /not UTF-8/],
];

for (const [what, frames, code, reason] of HOSTILE) {
  for (const size of [1, 10_000]) {
    test(`${what}, ${size === 1 ? 'byte by byte' : 'in one piece'}`, (t) => {
      const scene = new SocketScene();
      const peer = scene.open();
      for (let at = 0; at < frames.length; at += size) peer.send(frames.slice(at, at + size));
      t.is(scene.said.length, 2);
      t.regex(scene.said[1] ?? '', /^the platform sends an invalid frame: /);
      t.regex(scene.said[1] ?? '', reason);
      t.deepEqual(
        framesOf(peer).map((each) => [each.opcode, each.content.readUInt16BE()]),
        [[8, code]],
      );
      t.true(peer.closed);
      t.regex(scene.received.toString(), /^a?$/);
    });
  }
}

test('the codes that may be on the wire are taken', (t) => {
  for (const code of [1000, 1001, 1003, 1007, 1014, 3000, 4999]) {
    const told = new Told();
    const reader = new FrameReader(told);
    const bytes = Buffer.from(serverFrame(8, raw(code >> 8, code & 0xff)), 'latin1');
    reader.feed(bytes, 0, bytes.length);
    t.deepEqual([told.closes, reader.error], [[code], '']);
  }
});

test('whatever the parts, and the pieces they come in, the bytes are the same', (t) => {
  const part = fc.record({
    bytes: fc.uint8Array({ maxLength: 300 }),
    ping: fc.option(fc.string({ maxLength: 10 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (messages, sizes) => {
        const ascii = (text: string) => text.replace(/[^ -~]/g, '.');
        const frames = messages.flatMap((parts) =>
          parts.map(({ bytes, ping }, i) => {
            const frame = serverFrame(i === 0 ? 2 : 0, bytes, { isFinal: i === parts.length - 1 });
            return ping === undefined ? frame : frame + serverFrame(9, ascii(ping));
          }),
        );
        const wire = Buffer.from(frames.join(''), 'latin1');
        const told = new Told();
        const reader = new FrameReader(told);
        for (let at = 0, i = 0; at < wire.length; i++) {
          const end = Math.min(wire.length, at + (sizes[i % sizes.length] as number));
          reader.feed(wire, at, end);
          at = end;
        }
        t.is(reader.error, '');
        t.deepEqual(told.data, Buffer.concat(messages.flat().map(({ bytes }) => bytes)));
        t.deepEqual(
          told.pings,
          messages.flat().flatMap(({ ping }) => (ping === undefined ? [] : [ascii(ping)])),
        );
      },
    ),
  );
});

test('any bytes end in an error, a close, or more to come; never in an exception', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const reader = new FrameReader(new Told());
      reader.feed(bytes, 0, bytes.length);
      reader.feed(bytes, 0, bytes.length);
      return reader.error.length < 200;
    }),
  );
  t.pass();
});
