// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';
import { AS_TEXT, type Moment, type Names, type Queue, RecordKind } from '../record.ts';
import type { RamQueue } from './ram-queue.ts';
import { RECORD } from './record-flash.ts';
import { Ring } from './ring.ts';

/** After the head of every record: u32 key of the source, u32 key of the template, f64 time. */
const SOURCE = RECORD + 8;
const TEMPLATE = RECORD + 12;
const TIME = RECORD + 16;
const HEADER_BYTES = 24;
const FLAGS = RECORD + 3;
/** Flag: the time is boot number × 2^37 + ticks, because the clock was not known. */
const IN_TICKS = 1;
const BOOT = 2 ** 37;
const BOOTS = 2 ** 16;

export interface FlashQueueOptions {
  readonly flash: Flash;
  readonly firstSector: number;
  readonly sectors: number;
  readonly names: Names;
  readonly bootCount: number;
}

/** An earlier boot. */
interface Past {
  readonly boot: number;
  /** Epoch ms at its tick 0. */
  readonly originMs: number;
  /** Whether it has learned the time. */
  readonly isKnown: boolean;
}

/** A queue of records that survives power cuts: a ring on flash. */
export class FlashQueue extends Ring implements Queue {
  readonly #names: Names;
  readonly #boot: number;
  /** Whether there may be records in ticks, whose time depends on the `Origin` record of this boot. */
  #isTimeWanted: boolean;
  /** The earlier boot whose records were read last. */
  #past: Past | undefined;

  constructor(options: FlashQueueOptions) {
    super(options.flash, options.firstSector, options.sectors);
    this.#names = options.names;
    this.#boot = options.bootCount % BOOTS;
    this.#isTimeWanted = this.count > 0;
  }

  /** As in `RamQueue`; the record is on flash after `commit`. */
  append(kind: number, source: number, template: number, timeMs: number, inTicks: boolean, bytes: number): number {
    const size = HEADER_BYTES + bytes;
    if (size > this.mostBytes) return -1;
    this.reserve(size);
    const view = this.view;
    view.setUint32(RECORD, size | (kind << 16) | (inTicks ? IN_TICKS << 24 : 0), true);
    view.setUint32(SOURCE, this.#names.sourceKey(source), true);
    view.setUint32(TEMPLATE, kind === RecordKind.Template ? this.#names.templateKey(template) : 0, true);
    view.setFloat64(TIME, inTicks ? this.#boot * BOOT + Math.floor(timeMs) : timeMs, true);
    if (inTicks) this.#isTimeWanted = true;
    return RECORD + HEADER_BYTES;
  }

  flush(): void {}

  commit(): void {
    if (!this.keep()) this.miss();
  }

  /** As `commit`. False: the flash refuses, and the record is only in `bytes`, in no queue. */
  keep(): boolean {
    return this.write(this.view.getUint16(RECORD, true), true);
  }

  /** Appends the record that `keep` has refused to `records`. */
  handOver(records: RamQueue): void {
    const view = this.view;
    const kind = view.getUint8(RECORD + 2);
    const source = this.#names.sourceOf(view.getUint32(SOURCE, true));
    const template = kind === RecordKind.Template ? this.#names.templateOf(view.getUint32(TEMPLATE, true)) : 0;
    const time = view.getFloat64(TIME, true) - (this.isInTicks ? this.#boot * BOOT : 0);
    const bytes = view.getUint16(RECORD, true) - HEADER_BYTES;
    const at = records.append(kind, source, template, time, this.isInTicks, bytes);
    if (at < 0) this.miss();
    else records.bytes.set(this.bytes.subarray(RECORD + HEADER_BYTES, RECORD + HEADER_BYTES + bytes), at);
  }

  kind(at: number): number {
    this.load(at);
    return this.view.getUint8(RECORD + 2);
  }

  source(at: number): number {
    if (at !== this.loaded) this.load(at);
    return this.#names.sourceOf(this.view.getUint32(SOURCE, true));
  }

  template(at: number): number {
    if (at !== this.loaded) this.load(at);
    if (this.view.getUint8(RECORD + 2) !== RecordKind.Template) return AS_TEXT;
    return this.#names.templateOf(this.view.getUint32(TEMPLATE, true));
  }

  payload(at: number): number {
    if (at !== this.loaded) this.load(at);
    return RECORD + HEADER_BYTES;
  }

  payloadBytes(at: number): number {
    this.load(at);
    return this.view.getUint16(RECORD, true) - HEADER_BYTES;
  }

  timeMs(at: number, clock: Moment): number {
    if (at !== this.loaded) this.load(at);
    const time = this.view.getFloat64(TIME, true);
    if ((this.view.getUint8(FLAGS) & IN_TICKS) === 0) return time;
    const nowMs = clock.now();
    if (nowMs === undefined) return NaN;
    const ticks = clock.ticks();
    const boot = Math.floor(time / BOOT);
    if (boot === this.#boot) return nowMs - (ticks - (time - boot * BOOT));
    const past = this.#past?.boot === boot ? this.#past : this.findOrigin(boot, at, nowMs - ticks);
    return past.originMs + time - boot * BOOT;
  }

  isEstimated(at: number): boolean {
    if (at !== this.loaded) this.load(at);
    if ((this.view.getUint8(FLAGS) & IN_TICKS) === 0) return false;
    const boot = Math.floor(this.view.getFloat64(TIME, true) / BOOT);
    return boot !== this.#boot && !(this.#past?.boot === boot && this.#past.isKnown);
  }

  /** Writes the time at tick 0 of this boot, for its records in ticks. */
  learnTime(nowMs: number, ticks: number): void {
    if (!this.#isTimeWanted) return;
    this.#isTimeWanted = false;
    if (!this.reserve(HEADER_BYTES)) return;
    const view = this.view;
    view.setUint32(RECORD, HEADER_BYTES | (RecordKind.Origin << 16), true);
    view.setUint32(SOURCE, this.#boot, true);
    view.setUint32(TEMPLATE, 0, true);
    view.setFloat64(TIME, nowMs - ticks, true);
    this.write(HEADER_BYTES, false);
  }

  override isHeld(key: number): boolean {
    const { gate } = this;
    return gate?.isOpen === false && gate.isHeld(this.#names.sourceOf(key));
  }

  private get isInTicks(): boolean {
    return (this.view.getUint8(FLAGS) & IN_TICKS) !== 0;
  }

  /**
   * Finds the time at tick 0 of an earlier boot, whose oldest record is at `first`. A boot that has learned the time
   * has written it in an `Origin` record. Otherwise the latest possible time is taken: its last record comes before the
   * next boot that knew the time, and before the records of the boots in between.
   * @param nowOriginMs epoch ms at tick 0 of this boot
   */
  private findOrigin(boot: number, first: number, nowOriginMs: number): Past {
    let run = boot;
    let runTicks = 0;
    /** The shortest possible time from the beginning of `boot` to that of `run`. */
    let beforeMs = 0;
    /** The next boot that knew the time (-1: its number is not known), and the epoch ms of a moment in it. */
    let knowing = this.#boot;
    let momentMs = nowOriginMs;
    for (let at = first; at >= 0; at = this.following(at, RecordKind.Origin)) {
      this.load(at);
      const time = this.view.getFloat64(TIME, true);
      if (!this.isInTicks) {
        const isOrigin = this.view.getUint8(RECORD + 2) === RecordKind.Origin;
        knowing = isOrigin ? this.view.getUint32(SOURCE, true) : -1;
        momentMs = time;
        break;
      }
      const of = Math.floor(time / BOOT);
      if (of !== run) {
        beforeMs += runTicks;
        run = of;
      }
      runTicks = time - of * BOOT;
    }
    const originMs = momentMs - beforeMs - (knowing === run ? 0 : runTicks);
    this.#past = { boot, originMs, isKnown: knowing === boot };
    return this.#past;
  }
}
