// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '../../../../hal/hal.ts';
import type { Deadline, DeadlineOwner, Timers } from '../../../timers/timers.ts';
import { type Gate, type Moment, QUEUE_MAX_BYTES, type Queue } from '../record.ts';
import type { FlashQueue } from './flash-queue.ts';
import { RamQueue } from './ram-queue.ts';

/** Places (`at`) from here on are in RAM. */
const IN_RAM = 2 ** 52;
/** The pause after the flash has refused a record. */
const REFUSED_MS = 60_000;
/** The most records, and the largest record, that wait in RAM for the end of the window. */
const MOST_WAITING = 32;
const MOST_WAITING_BYTES = 256;

/** The services of the agent that a buffered queue uses. */
export interface BufferBase {
  readonly timers: Pick<Timers, 'create'>;
  readonly hal: { readonly clock: Clock };
  /** `writeBehindMs`: the longest wait of a record in RAM, 0: none. `queueSize`: the most records in RAM. */
  readonly config: { readonly writeBehindMs: number; readonly queueSize: number };
}

/**
 * A queue on flash whose newest records are in RAM: for a window of `writeBehindMs`, so that records sent within it do
 * not wear the flash, and for as long as the flash refuses.
 */
export class BufferedQueue implements Queue, DeadlineOwner {
  readonly #flashQueue: FlashQueue;
  readonly #base: BufferBase;
  /** Created at first use. All its records are newer than those on flash. */
  #ram: RamQueue | undefined;
  #deadline: Deadline | undefined;
  /** The queue of the record that was used last. */
  #at: Queue;
  /** The number of records that were moved from RAM to flash. */
  #moved = 0;
  #refused = false;

  constructor(base: BufferBase, onFlash: FlashQueue) {
    this.#base = base;
    this.#flashQueue = onFlash;
    this.#at = onFlash;
  }

  get count(): number {
    return this.#flashQueue.count + (this.#ram?.count ?? 0);
  }

  get gone(): number {
    return this.#flashQueue.gone + (this.#ram === undefined ? 0 : this.#ram.gone - this.#moved);
  }

  get untold(): number {
    return this.#flashQueue.untold + (this.#ram?.untold ?? 0);
  }

  get gate(): Gate | undefined {
    return this.#flashQueue.gate;
  }

  set gate(gate: Gate | undefined) {
    this.#flashQueue.gate = gate;
  }

  get bytes(): Uint8Array {
    return this.#at.bytes;
  }

  get view(): DataView {
    return this.#at.view;
  }

  takeLost(): number {
    return this.#flashQueue.takeLost() + (this.#ram?.takeLost() ?? 0);
  }

  told(count: number): void {
    const inRam = Math.min(count, this.#ram?.untold ?? 0);
    this.#ram?.told(inRam);
    if (count > inRam) this.#flashQueue.told(count - inRam);
  }

  append(kind: number, source: number, template: number, timeMs: number, inTicks: boolean, bytes: number): number {
    const isLarge = bytes > MOST_WAITING_BYTES;
    if (!this.#refused && (isLarge || (this.#ram?.count ?? 0) >= MOST_WAITING)) this.flush();
    const isDirect = (this.#base.config.writeBehindMs === 0 || isLarge) && !this.#refused;
    this.#at = isDirect ? this.#flashQueue : this.ram();
    return this.#at.append(kind, source, template, timeMs, inTicks, bytes);
  }

  commit(): void {
    if (this.#at !== this.#flashQueue) this.arm(this.#base.config.writeBehindMs);
    else if (!this.#flashQueue.keep()) this.salvage();
  }

  onDeadline(): void {
    this.flush();
  }

  /** Moves the records in RAM to flash, until the flash refuses one. */
  flush(): void {
    this.#deadline?.stop();
    this.#refused = false;
    const ram = this.#ram;
    if (ram === undefined) return;
    while (ram.count > 0 && this.move(ram)) {
      ram.drop(ram.oldest);
      this.#moved++;
    }
    this.#refused = ram.count > 0;
    if (this.#refused) this.arm(REFUSED_MS);
  }

  /** Copies the oldest record in RAM to flash; false when the flash refuses. */
  private move(ram: RamQueue): boolean {
    const flashQueue = this.#flashQueue;
    const clock = this.#base.hal.clock;
    const at = ram.oldest;
    const bytes = ram.payloadBytes(at);
    // Ticks are converted here if the time is known, because the queue on flash learns the time only once.
    const inTicks = ram.isInTicks(at) && clock.now() === undefined;
    const time = inTicks ? ram.time(at) : ram.timeMs(at, clock);
    const to = flashQueue.append(ram.kind(at), ram.source(at), ram.template(at), time, inTicks, bytes);
    if (to < 0) return true;
    const from = ram.payload(at);
    const view = flashQueue.view;
    for (let i = 0; i < bytes; i++) view.setUint8(to + i, ram.view.getUint8(from + i));
    return flashQueue.keep();
  }

  first(): number {
    const at = this.#flashQueue.first();
    return at >= 0 ? at : this.firstInRam();
  }

  next(at: number): number {
    if (at < IN_RAM) {
      const next = this.#flashQueue.next(at);
      return next >= 0 ? next : this.firstInRam();
    }
    const next = this.#ram?.next(at - IN_RAM) ?? -1;
    return next < 0 ? next : next + IN_RAM;
  }

  source(at: number): number {
    return at < IN_RAM ? this.#flashQueue.source(at) : this.ram().source(at - IN_RAM);
  }

  template(at: number): number {
    return at < IN_RAM ? this.#flashQueue.template(at) : this.ram().template(at - IN_RAM);
  }

  payload(at: number): number {
    this.#at = at < IN_RAM ? this.#flashQueue : this.ram();
    return this.#at.payload(at % IN_RAM);
  }

  payloadBytes(at: number): number {
    return at < IN_RAM ? this.#flashQueue.payloadBytes(at) : this.ram().payloadBytes(at - IN_RAM);
  }

  timeMs(at: number, clock: Moment): number {
    return at < IN_RAM ? this.#flashQueue.timeMs(at, clock) : this.ram().timeMs(at - IN_RAM, clock);
  }

  isEstimated(at: number): boolean {
    return at < IN_RAM && this.#flashQueue.isEstimated(at);
  }

  learnTime(nowMs: number, ticks: number): void {
    this.#flashQueue.learnTime(nowMs, ticks);
  }

  acknowledge(count: number): void {
    const onFlash = this.#flashQueue.acknowledge(count);
    this.#ram?.acknowledge(count - onFlash);
    if (this.#ram?.count === 0 && !this.#refused) this.#deadline?.stop();
  }

  giveUp(): void {
    if (this.#flashQueue.first() >= 0) this.#flashQueue.giveUp();
    else this.#ram?.giveUp();
  }

  private firstInRam(): number {
    const at = this.#ram?.first() ?? -1;
    return at < 0 ? at : at + IN_RAM;
  }

  private ram(): RamQueue {
    this.#ram ??= new RamQueue(this.#base.config.queueSize, QUEUE_MAX_BYTES);
    this.#ram.gate = this.gate;
    return this.#ram;
  }

  private arm(delayMs: number): void {
    this.#deadline ??= this.#base.timers.create(this);
    if (!this.#deadline.active) this.#deadline.start(delayMs);
  }

  /** Moves the record that the flash has just refused to RAM. */
  private salvage(): void {
    this.#refused = true;
    this.#flashQueue.handOver(this.ram());
    this.arm(REFUSED_MS);
  }
}
