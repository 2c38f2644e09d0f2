// SPDX-License-Identifier: Apache-2.0

import { Machine } from '../../base/machine.ts';
import { Signal } from '../../base/outcome.ts';
import type { Table } from '../../base/table.ts';
import type { Trouble } from '../../base/trouble.ts';
import { NONE } from '../../none.ts';
import type { Gate, Queue } from './record.ts';
import type { RecordSource, RecordsBase } from './records-base.ts';
import type { Subject } from './subject.ts';

/** The device is registered again once in this number of refusals. */
const RENEW_FAILURES = 4;
/** After many dropped records a device is tried again as seldom as after this many failures. */
const DROPPED_FAILURES = 24;

/** A device whose records the platform refuses: they wait, and those of other devices pass them. */
interface Refusal {
  readonly device: RecordSource;
  /** The id of the managed object that the records were for. */
  idBytes: Uint8Array;
  readonly trouble: Trouble;
  /** Whether the registrar reports the failure to a person. */
  isTold: boolean;
}

/** The gate of a queue: holds back the records of devices that cannot report now, and lets the others pass. */
export abstract class Gatekeeper extends Machine<RecordsBase> implements Gate {
  readonly records: Queue;
  protected readonly subject: Subject;
  protected refusals: readonly Refusal[] = NONE;
  /** Indexes of the devices whose records are held back; -1: devices that are not declared yet. */
  #held: number[] | undefined;
  /** The used length of `#held`. The list is reused, so that nothing is allocated. */
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

  /** Tries all refused devices again: a failure of the registration has ended, and its cause may be the same. */
  retryAll(): void {
    for (const { trouble } of this.refusals) trouble.dueTicks = trouble.leastTicks;
    this.fire(Signal.Wake);
  }

  /** Decides which devices are held back from now on, so that the others do not wait for them. */
  protected review(): void {
    const { devices, hal } = this.agent;
    this.#heldCount = 0;
    const isAnyRefused = this.refusals.length > 0;
    const ticks = isAnyRefused ? hal.clock.ticks() : 0;
    let dueTicks = Infinity;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i] as RecordSource;
      // The usual case has to cost little, because this runs before each request.
      if (device.known && !isAnyRefused) continue;
      const refusal = this.refusalOf(device);
      // The waiting records of a removed device are given up.
      if (refusal !== undefined && device.gone) this.agent.troubles.end(refusal.trouble, false);
      const isRefused = !device.gone && refusal?.idBytes === device.idBytes && refusal.trouble.dueTicks > ticks;
      if (isRefused) dueTicks = Math.min(dueTicks, refusal.trouble.dueTicks);
      if (isRefused || (!device.known && device.putOff && !device.gone)) this.hold(i);
    }
    if (dueTicks < Infinity) this.fireAfter(dueTicks - ticks);
  }

  /** Holds a device back until the next review. @param source its index; -1: devices that are not declared yet */
  protected hold(source: number): void {
    this.#held ??= [];
    this.#held[this.#heldCount++] = source;
  }

  /** The refusal of this device; undefined: its records are not refused. */
  protected refusalOf(device: RecordSource | undefined): Refusal | undefined {
    const refusals = this.refusals;
    if (refusals.length === 0) return undefined;
    for (let i = 0; i < refusals.length; i++) if (refusals[i]?.device === device) return refusals[i];
    return undefined;
  }

  /**
   * Holds a device back, because the platform refuses all its records. The wait grows with each failure, and with the
   * number of refused devices.
   * @param isOld many of its records were dropped before the device was suspected
   */
  protected holdBack(device: RecordSource, reason: string, isOld: boolean): void {
    const { devices, troubles } = this.agent;
    // Another device may have the index of a removed one.
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
    // The device may have another managed object by now.
    if (trouble.failures % RENEW_FAILURES === 1) this.agent.renew(device);
  }

  /** The platform accepts this device's records again. This is reported, unless the registrar reports it. */
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
