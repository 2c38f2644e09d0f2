// SPDX-License-Identifier: Apache-2.0
import test from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { BufferedQueue } from '../../../src/agent/records/queues/buffered-queue.ts';
import { RecordKind } from '../../../src/agent/records/record.ts';
import { EventScope } from '../../../src/timers/event-scope.ts';
import { Timers } from '../../../src/timers/timers.ts';
import { FlashQueueBench, startMs } from './flash-queue-scene.ts';

const MINUTE_MS = 60_000;

/** A queue whose flash may refuse, with a count of its writes. */
class Bench {
  readonly #flash = new FlashQueueBench();
  readonly #machine = new FakeMachine();
  readonly line: BufferedQueue;
  refuses = false;
  attempts = 0;
  #appended = 0;

  constructor(windowMs: number) {
    const hal = this.#machine.boot();
    this.#flash.nor.onChange = () => {
      this.attempts++;
      return this.refuses ? 'refused' : undefined;
    };
    const base = {
      timers: new Timers(hal, new EventScope()),
      ...{ hal, config: { writeBehindMs: windowMs, queueSize: 100 } },
    };
    this.line = new BufferedQueue(base, this.#flash.flashQueue);
  }

  /** Records on flash that are not acknowledged. */
  get onFlash(): number {
    return this.#flash.flashQueue.count;
  }

  append(bytes = 8): void {
    const at = this.line.append(RecordKind.Text, 0, 0, startMs + ++this.#appended, false, bytes);
    this.line.bytes.fill(this.#appended, at, at + bytes);
    this.line.commit();
  }

  run(ms: number): void {
    this.#machine.time.run(ms);
  }
}

test('flash that refuses is tried again every minute', (t) => {
  const bench = new Bench(0);
  bench.refuses = true;
  bench.append();
  t.deepEqual([bench.line.count, bench.onFlash], [1, 0]);
  bench.run(2.5 * MINUTE_MS);
  bench.refuses = false;
  bench.run(0.5 * MINUTE_MS - 1);
  t.is(bench.onFlash, 0);
  bench.run(1);
  t.deepEqual([bench.line.count, bench.onFlash], [1, 1]);
});

test('flash is left alone for that minute, and new records do not extend it', (t) => {
  const bench = new Bench(0);
  bench.refuses = true;
  bench.append();
  const { attempts } = bench;
  for (let second = 10; second < 60; second += 10) {
    bench.run(10_000);
    bench.append();
    bench.line.acknowledge(bench.line.count);
    bench.append();
  }
  t.is(bench.attempts, attempts);
  bench.refuses = false;
  bench.run(10_000);
  t.deepEqual([bench.line.count, bench.onFlash], [1, 1]);
  bench.append();
  t.is(bench.onFlash, 2, 'the next one goes there at once');
});

test('32 records wait for the end of the window, and one more writes all', (t) => {
  const bench = new Bench(MINUTE_MS);
  for (let i = 0; i < 32; i++) bench.append();
  t.is(bench.attempts, 0);
  bench.append();
  t.deepEqual([bench.line.count, bench.onFlash], [33, 32]);
  bench.run(MINUTE_MS);
  t.deepEqual([bench.line.count, bench.onFlash], [33, 33]);
});

test('a record of 256 bytes waits, a larger one does not, and the waiting ones are written before it', (t) => {
  const bench = new Bench(MINUTE_MS);
  bench.append(256);
  t.is(bench.onFlash, 0);
  bench.append(257);
  t.is(bench.onFlash, 2);
});
