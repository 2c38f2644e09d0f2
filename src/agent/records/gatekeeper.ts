// SPDX-License-Identifier: Apache-2.0

import { Machine } from '../base/machine.ts';
import { Event } from '../base/outcome.ts';
import type { Table } from '../base/table.ts';
import type { Trouble } from '../base/trouble.ts';
import type { Gate, Queue } from './queues/record.ts';
import type { RecordSource, RecordsBase } from './records-base.ts';
import type { Subject } from './subject.ts';

/** Every so many refusals the device is looked up again. */
const RENEW_FAILURES = 4;
/** What was dropped record by record is tried as seldom as what has failed so often. */
const DROPPED_FAILURES = 24;

/** Mostly nobody's are refused: an empty list of one's own takes 32 bytes. */
const NONE: readonly Refusal[] = [];

/** A device whose records the platform does not take: they wait, and the others go past them. */
interface Refusal {
  readonly device: RecordSource;
  /** Bytes of the id of the object that they were for. */
  idBytes: Uint8Array;
  readonly trouble: Trouble;
  /** A person is told by the registrar. */
  isTold: boolean;
}

/** Keeps the gate of a queue: the records of devices that cannot report now are held back, and those of the others go. */
export abstract class Gatekeeper extends Machine<RecordsBase> implements Gate {
  readonly records: Queue;
  protected readonly subject: Subject;
  protected refusals: readonly Refusal[] = NONE;
  /** Places of devices whose records wait while the others go; -1: of those that nobody has declared so far. */
  #held: number[] | undefined = undefined;
  /** The list is written over: to make it anew each time would allocate. */
  #heldCount = 0;

  constructor(agent: RecordsBase, table: Table<never>, subject: Subject, records: Queue) {
    super(agent, table);
    this.records = records;
    this.subject = subject;
    records.gate = this;
  }

  override stop(): void {
    super.stop();
    for (const refusal of this.refusals) this.end(refusal, false);
  }

  get isOpen(): boolean {
    return this.#heldCount === 0;
  }

  isHeld(source: number): boolean {
    for (let i = 0; i < this.#heldCount; i++) if (this.#held?.[i] === source) return true;
    return false;
  }

  /** What has kept a device from being registered is over: it may have been the same. */
  retryAll(): void {
    for (const { trouble } of this.refusals) trouble.dueTicks = trouble.leastTicks;
    this.fire(Event.Wake);
  }

  /** Who is held back from now on: nobody else's turn waits for those that cannot report. */
  protected review(): void {
    const { devices, hal } = this.agent;
    this.#heldCount = 0;
    const isAnyRefused = this.refusals.length > 0;
    const ticks = isAnyRefused ? hal.clock.ticks() : 0;
    let dueTicks = Infinity;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i] as RecordSource;
      // The usual case costs little, for this is asked before each request.
      if (device.known && !isAnyRefused) continue;
      const refusal = this.refusalOf(device);
      // What waits of it is given up.
      if (refusal !== undefined && device.gone) this.agent.troubles.end(refusal.trouble, false);
      const isRefused = !device.gone && refusal?.idBytes === device.idBytes && refusal.trouble.dueTicks > ticks;
      if (isRefused) dueTicks = Math.min(dueTicks, refusal.trouble.dueTicks);
      if (isRefused || (!device.known && device.putOff && !device.gone)) this.hold(i);
    }
    if (dueTicks < Infinity) this.fireAfter(dueTicks - ticks);
  }

  /** Until the next review. @param source -1: devices that nobody has declared so far */
  protected hold(source: number): void {
    this.#held ??= [];
    this.#held[this.#heldCount++] = source;
  }

  /** There while the platform takes nothing of this device. */
  protected refusalOf(device: RecordSource | undefined): Refusal | undefined {
    const refusals = this.refusals;
    if (refusals.length === 0) return undefined;
    for (let i = 0; i < refusals.length; i++) if (refusals[i]?.device === device) return refusals[i];
    return undefined;
  }

  /**
   * The platform takes none of this device: they wait, longer each time; the more devices are in this, the longer each.
   * @param isOld many records were dropped before that was clear
   */
  protected holdBack(device: RecordSource, reason: string, isOld: boolean): void {
    const { devices, troubles } = this.agent;
    // Another device may have the place of one that has gone.
    for (const each of this.refusals) if (devices[each.device.index] !== each.device) this.end(each, false);
    const known = this.refusalOf(device);
    const what = `${this.subject.name} of ${device.label}`;
    const trouble = troubles.fail(known?.trouble, this, what, reason, NaN, isOld ? DROPPED_FAILURES : 0);
    if (known === undefined) {
      this.refusals = this.refusals.concat({ device, trouble, idBytes: device.idBytes, isTold: false });
    } else {
      known.idBytes = device.idBytes;
      known.isTold ||= device.told;
    }
    trouble.dueTicks += (trouble.dueTicks - trouble.leastTicks) * (this.refusals.length - 1);
    // It may have another object by now.
    if (trouble.failures % RENEW_FAILURES === 1) this.agent.renew(device);
  }

  /** The platform takes this device's records again. That is told, unless a person is told of the registration. */
  protected readmit(refusal: Refusal): void {
    this.end(refusal, true);
    const { device, trouble, isTold } = refusal;
    if (isTold || trouble.failures === 1) return;
    const text = `${device.label}: the platform takes its ${this.subject.name} again`;
    this.agent.board.event('fractus_ReportsHealed', text);
  }

  private end(refusal: Refusal, isHealed: boolean): void {
    this.refusals = this.refusals.filter((each) => each !== refusal);
    this.agent.troubles.end(refusal.trouble, isHealed);
  }
}
