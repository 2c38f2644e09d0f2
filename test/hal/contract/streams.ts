// SPDX-License-Identifier: Apache-2.0

import { pattern, patternAt } from './peer.ts';
import { ascii, assert, type Check, equal, equalBytes, type Probe, type Scene, throwsRangeError } from './scene.ts';

/** More than any window. */
const MUCH_BYTES = 300_000;
/** What a machine may hold of data that nobody reads. */
const WINDOW_MAX_BYTES = 65_536;

export const streamChecks: readonly Check[] = [
  {
    name: 'stream: onOpen, then onWritable; nothing is taken or given before',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer);
      equal(probe.write(pattern(0, 5)), 0, 'write before onOpen');
      equal(probe.read(5).length, 0, 'read before onOpen');
      await scene.until('onWritable', () => probe.writable > 0);
      equal(probe.events[0], 'open', 'the first event');
      equal(probe.events.length, 2, 'events');
      equal(probe.read(5).length, 0, 'read of nothing');
    },
  },
  {
    name: 'stream: both ways, within the ranges that are given',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, 'echo');
      await scene.until('onWritable', () => probe.writable > 0);
      equal(probe.write(pattern(0, 20), 5, 15), 10, 'write of a range');
      await scene.until('the echo', () => probe.readable === 10);
      const into = new Uint8Array(20);
      equal(probe.stream.read(into, 3, 9), 6, 'read into a range');
      equalBytes(into.subarray(3, 9), pattern(5, 11), 'the range');
      equal(into[2], 0, 'the byte before the range');
      equal(into[9], 0, 'the byte behind the range');
      equal(probe.stream.read(into, 0, 0), 0, 'read into an empty range');
      equal(probe.stream.read(into, 0, 20), 4, 'read of the rest');
      equal(probe.stream.read(into, 0, 20), 0, 'read of nothing');
    },
  },
  {
    name: 'stream: onReadable counts all that waits and comes again only with more',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, 'send:10 await:1 send:7');
      await scene.until('10 bytes', () => probe.readable === 10);
      probe.read(4);
      const events = probe.events.length;
      await scene.settle();
      equal(probe.events.length, events, 'events without more data');
      probe.write(pattern(0, 1));
      await scene.until('6 and 7 bytes', () => probe.readable === 13);
      equalBytes(probe.read(100), pattern(4, 17), 'all of it');
    },
  },
  {
    name: 'stream: much data comes through in order, read from inside onReadable',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, `send:${MUCH_BYTES} end`);
      const sink = new Sink(probe);
      probe.onEvent = (event) => {
        if (event === 'readable') sink.read();
      };
      await scene.until('the end', () => probe.over);
      equal(probe.events.at(-1), scene.ending('end'), 'the last event');
      sink.expect(MUCH_BYTES);
    },
  },
  {
    name: 'stream: data that nobody reads is held back, and onEnd comes when all was announced',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, `send:${MUCH_BYTES} end`);
      const sink = new Sink(probe);
      await scene.until('data', () => probe.readable > 0);
      await scene.settle();
      assert(probe.readable <= WINDOW_MAX_BYTES, `${probe.readable} bytes wait`);
      assert(!probe.over, 'the end came before all was announced');
      while (!probe.over) {
        const before = sink.count;
        await scene.until('more', () => probe.readable > 0 || probe.over);
        // In small pieces, so that the inner buffers wrap round at odd places.
        while (probe.readable > 0) sink.read(1009);
        assert(sink.count > before || probe.over, 'nothing to read though it was announced');
      }
      equal(probe.events.at(-1), scene.ending('end'), 'the last event');
      sink.expect(MUCH_BYTES);
    },
  },
  {
    name: 'stream: what was announced before the end can be read after it',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, 'send:100 end');
      await scene.until('the end', () => probe.over);
      equal(probe.events.at(-1), scene.ending('end'), 'the last event');
      equal(probe.readable, 100, 'bytes announced');
      equalBytes(probe.read(200), pattern(0, 100), 'the bytes');
      await scene.settle();
      probe.close();
    },
  },
  {
    name: 'stream: write takes what was announced and no more, and copies it',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, `await:${MUCH_BYTES} verdict`);
      await scene.until('onWritable', () => probe.writable > 0);
      let sent = 0;
      while (sent < MUCH_BYTES) {
        await scene.until('onWritable', () => probe.writable > 0);
        const announced = probe.writable;
        const bytes = pattern(sent, Math.min(MUCH_BYTES, sent + announced + 100));
        const taken = probe.write(bytes);
        equal(taken, Math.min(announced, bytes.length), 'bytes taken');
        equal(probe.write(bytes, 0, taken === announced ? 1 : 0), 0, 'bytes taken beyond the announced');
        bytes.fill(0xff);
        sent += taken;
      }
      await scene.until('the verdict', () => probe.readable === 1);
      equalBytes(probe.read(1), ascii('+'), 'the verdict of the peer');
    },
  },
  {
    name: 'stream: small writes use the window up and it comes again',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, `await:${MUCH_BYTES} verdict`);
      let sent = 0;
      while (sent < MUCH_BYTES) {
        await scene.until('onWritable', () => probe.writable > 0);
        const taken = probe.write(pattern(sent, Math.min(MUCH_BYTES, sent + 701)));
        assert(taken > 0, 'nothing was taken though it was announced');
        sent += taken;
      }
      await scene.until('the verdict', () => probe.readable === 1);
      equalBytes(probe.read(1), ascii('+'), 'the verdict of the peer');
    },
  },
  {
    name: 'stream: a peer that takes nothing stops the writing, for as long as it does',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, 'hold:stalled await:1 echo');
      await scene.until('onWritable', () => probe.writable > 0);
      const sent = await writeUntilStalled(scene, probe);
      scene.connect(scene.targets.peer, 'free:stalled');
      await scene.until('room again', () => probe.writable > 0 || probe.readable > 0);
      assert(sent > 0, 'nothing was written');
      assert(!probe.over, `it is over: ${probe.events.at(-1)}`);
    },
  },
  {
    name: 'stream: a range outside of the bytes is a RangeError',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, 'send:5');
      await scene.until('data', () => probe.readable === 5);
      const bytes = new Uint8Array(10);
      for (const [from, to] of [
        [-1, 5],
        [0, 11],
        [6, 5],
        [0.5, 5],
        [0, Number.NaN],
      ] as const) {
        throwsRangeError(() => probe.stream.read(bytes, from, to), `read [${from}, ${to})`);
        throwsRangeError(() => probe.stream.write(bytes, from, to), `write [${from}, ${to})`);
      }
      equal(probe.read(10).length, 5, 'bytes that wait');
    },
  },
  {
    name: 'stream: several at once do not get mixed up',
    async run(scene) {
      const probes = [1, 2, 3, 4].map((part) => scene.connect(scene.targets.peer, `send:${part * 1000} end`));
      for (const [index, probe] of probes.entries()) {
        const sink = new Sink(probe);
        while (!probe.over) {
          await scene.until('more', () => probe.readable > 0 || probe.over);
          sink.read();
        }
        sink.expect((index + 1) * 1000);
      }
    },
  },
];

/** Reads and holds what comes against the pattern. */
class Sink {
  count = 0;
  readonly #probe: Probe;

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  /** Asks for more than there is, where nothing is said. */
  read(max: number = this.#probe.readable + 1): void {
    const bytes = this.#probe.read(max);
    for (const byte of bytes) {
      if (byte !== patternAt(this.count++)) throw new Error(`byte ${this.count - 1} of the stream is wrong`);
    }
  }

  expect(count: number): void {
    while (this.#probe.readable > 0) this.read();
    equal(this.count, count, 'bytes in all');
  }
}

/** Writes until no window comes any more; returns how many bytes found room on the way. */
async function writeUntilStalled(scene: Scene, probe: Probe): Promise<number> {
  const bytes = new Uint8Array(2048);
  const limit = 64 * 1024 * 1024;
  let sent = 0;
  for (let idle = 0; idle < 100; ) {
    if (probe.writable > 0) {
      sent += probe.write(bytes, 0, Math.min(bytes.length, probe.writable));
      idle = 0;
      assert(sent < limit, `${limit} bytes went to a peer that takes nothing`);
      if (probe.writable > 0) continue;
    }
    await scene.settle(2);
    idle += 1;
  }
  return sent;
}
