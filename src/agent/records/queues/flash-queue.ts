// SPDX-License-Identifier: Apache-2.0

import type { Flash } from '../../../../hal/hal.ts';
import type { RamQueue } from './ram-queue.ts';
import { AS_TEXT, type Moment, type Names, type Queue, RecordKind } from './record.ts';
import { RECORD } from './record-flash.ts';
import { Ring } from './ring.ts';

/** After the head of every record: u32 key of the source, u32 key of the template, f64 time. */
const SOURCE = RECORD + 8;
const TEMPLATE = RECORD + 12;
const TIME = RECORD + 16;
const HEADER_BYTES = 24;
const FLAGS = RECORD + 3;
/** Flag: the time is boot number × 2^37 + ticks, for the clock was not known. */
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
  /** It has learned the time. */
  readonly isKnown: boolean;
}

/** A queue of records that survives power cuts: a ring on flash. */
export class FlashQueue extends Ring implements Queue {
  readonly #names: Names;
  readonly #boot: number;
  /** Room was found for the record that is being made. */
  #ready = false;
  /** There may be records that are without a time until it is noted when this boot has learned it. */
  #isTimeWanted: boolean;
  /** The earlier boot whose records were looked at last. */
  #past: Past | undefined = undefined;

  constructor(options: FlashQueueOptions) {
    super(options.flash, options.firstSector, options.sectors);
    this.#names = options.names;
    this.#boot = options.bootCount % BOOTS;
    this.#isTimeWanted = this.count > 0;
  }

  /** As in `RamQueue`; what is made is on flash after `commit`. */
  append(kind: number, source: number, template: number, timeMs: number, inTicks: boolean, bytes: number): number {
    const size = HEADER_BYTES + bytes;
    if (size > this.mostBytes) return -1;
    this.#ready = this.reserve(size);
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

  /** As `commit`; false when the flash refuses, and the record is still in `bytes` then, in no queue. */
  keep(): boolean {
    return this.#ready && this.write(this.view.getUint16(RECORD, true), true);
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

  /** Notes when this boot began, for what it has put here before it knew. */
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
   * Finds when an earlier boot began, the oldest record of which lies at `first`: it has noted that when it learned the
   * time. If it never did, its last record is taken to be as late as the next boot that knew the time allows: what boots
   * without a time in between have recorded comes after it.
   * @param nowOriginMs when this boot began
   */
  private findOrigin(boot: number, first: number, nowOriginMs: number): Past {
    let run = boot;
    let runTicks = 0;
    /** From the beginning of `boot` to that of `run`, at the least. */
    let beforeMs = 0;
    /** The boot that knew the time, and a moment of it. */
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
