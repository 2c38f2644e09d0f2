// SPDX-License-Identifier: Apache-2.0
/**
 * Shared by the tests of the queue on flash: records whose content follows from a number, on flash that a test can
 * damage.
 */

import { createRandom } from '../../../hal/common/random.ts';
import { FakeNor, type FakeNorOptions } from '../../../hal/fake/nor.ts';
import { FlashQueue } from '../../../src/agent/records/queues/flash-queue.ts';
import { type Moment, type Names, RecordKind } from '../../../src/agent/records/record.ts';

/** Keys differ from the numbers, so that a mix-up shows. */
const names: Names = {
  sourceKey: (source) => 0xf000_0000 + source,
  sourceOf: (key) => (key >= 0xf000_0000 && key < 0xf000_0100 ? key - 0xf000_0000 : -1),
  templateKey: (template) => 0xe000_0000 + template,
  templateOf: (key) => (key >= 0xe000_0000 && key < 0xe000_0100 ? key - 0xe000_0000 : -1),
};

/** A clock that stands still. */
export function clockAt(nowMs: number | undefined, ticks: number): Moment {
  return { now: () => nowMs, ticks: () => ticks };
}

export const startMs = Date.UTC(2026, 0, 4, 10);

/** A flash, and the queue on it of the current start. */
export class FlashQueueBench {
  readonly nor: FakeNor;
  /** The power has failed within the last act. */
  isCut = false;
  flashQueue: FlashQueue;
  #boots = 0;

  constructor(options: FakeNorOptions = {}, seed = 1) {
    this.nor = new FakeNor(options, createRandom(seed), () => {
      this.isCut = true;
    });
    this.flashQueue = this.boot();
  }

  /** Power off and on. */
  boot(overrides: Partial<Names> = {}): FlashQueue {
    this.nor.powerOff();
    this.nor.powerOn();
    this.isCut = false;
    this.#boots++;
    this.flashQueue = new FlashQueue({
      flash: this.nor,
      firstSector: 0,
      sectors: this.nor.sectors,
      names: { ...names, ...overrides },
      bootCount: this.#boots,
    });
    return this.flashQueue;
  }

  /** Appends record `n` with `payloadBytes`; both determine its content. */
  append(n: number, payloadBytes = 8): void {
    const kind = payloadBytes === 8 ? RecordKind.Template : RecordKind.Text;
    const at = this.flashQueue.append(kind, n % 200, n % 256, startMs + n, false, payloadBytes);
    if (at < 0) throw new Error(`record ${n} is refused`);
    this.flashQueue.bytes.set(payload(n, payloadBytes), at);
    this.flashQueue.commit();
  }

  /** The numbers of the waiting records, oldest first. Throws when one differs from what was appended. */
  waiting(): number[] {
    const { flashQueue } = this;
    const found: number[] = [];
    let at = flashQueue.first();
    while (at >= 0) {
      const n = flashQueue.timeMs(at, clockAt(undefined, 0)) - startMs;
      const length = flashQueue.payloadBytes(at);
      const isTemplate = flashQueue.kind(at) === RecordKind.Template;
      if (isTemplate !== (length === 8)) throw new Error(`record ${n} has kind ${flashQueue.kind(at)}`);
      if (flashQueue.source(at) !== n % 200) throw new Error(`record ${n} is of ${flashQueue.source(at)}`);
      if (isTemplate && flashQueue.template(at) !== n % 256)
        throw new Error(`record ${n} is like ${flashQueue.template(at)}`);
      const from = flashQueue.payload(at);
      const held = flashQueue.bytes.slice(from, from + length);
      if (held.join() !== payload(n, length).join()) throw new Error(`record ${n} holds ${held.join()}`);
      found.push(n);
      at = flashQueue.next(at);
    }
    if (found.length !== flashQueue.count) throw new Error(`${found.length} records, ${flashQueue.count} counted`);
    return found;
  }
}

function payload(n: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (n * 31 + i * 7) & 0xff);
}
