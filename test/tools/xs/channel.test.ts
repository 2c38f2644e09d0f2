// SPDX-License-Identifier: Apache-2.0

import { Duplex } from 'node:stream';
import test from 'ava';
import { Channel, FRAME_MAX_BYTES, type Frame } from '../../../tools/xs/channel.ts';

/** Keeps what is written; what is pushed comes in. */
class Wire extends Duplex {
  readonly written: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    done();
  }
}

function encode(): Buffer {
  const wire = new Wire();
  const channel = new Channel(wire, () => {});
  channel.send({ kind: 2, boot: 255, op: 13, id: -4, arg: 70_000, value: 1.5, ticksMs: 7, nowMs: undefined });
  channel.send({ kind: 3, ticksMs: 8, nowMs: 9, payload: Buffer.from('some text') });
  return Buffer.concat(wire.written);
}

test('frames come through however they are cut', (t) => {
  const bytes = encode();
  t.is(bytes.length, 89);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const wire = new Wire();
    const frames: Frame[] = [];
    new Channel(wire, (frame) => frames.push({ ...frame, payload: Buffer.from(frame.payload) }));
    wire.emit('data', bytes.subarray(0, cut));
    wire.emit('data', bytes.subarray(cut));
    t.deepEqual(frames, [
      { kind: 2, boot: 255, op: 13, id: -4, arg: 70_000, value: 1.5, payload: Buffer.alloc(0) },
      { kind: 3, boot: 0, op: 0, id: 0, arg: 0, value: 0, payload: Buffer.from('some text') },
    ]);
  }
});

test('the clock is in the header: ticks, and now where it is known', (t) => {
  const bytes = encode();
  t.is(bytes.readDoubleLE(24), 7);
  t.is(bytes.readDoubleLE(32), Number.NaN);
  t.is(bytes.readDoubleLE(40 + 24), 8);
  t.is(bytes.readDoubleLE(40 + 32), 9);
});

test('a payload has a limit, and what is sent to a closed channel is lost', (t) => {
  const wire = new Wire();
  const channel = new Channel(wire, () => {});
  const tooLong = { kind: 1, ticksMs: 0, nowMs: 0, payload: new Uint8Array(FRAME_MAX_BYTES + 1) };
  t.throws(() => channel.send(tooLong), { instanceOf: RangeError });
  channel.close();
  channel.send({ kind: 1, ticksMs: 0, nowMs: 0 });
  t.deepEqual(wire.written, []);
});
