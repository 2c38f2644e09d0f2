// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../base/body.ts';
import { Decision, Signal } from '../../base/outcome.ts';
import { NOT_OWNER } from '../../base/trouble.ts';
import { readManagedObjectId, writeIdentityLookUp } from '../../cumulocity/identity.ts';
import { Json } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { AS_TEXT, type Queue } from './record.ts';
import type { RecordSource, RecordsBase } from './records-base.ts';
import { Report, type ReporterActions, reportTable } from './reporter-table.ts';
import type { Subject } from './subject.ts';

/** After this many refused records in a row the device is suspected, and no longer the records. */
const MOST_DROPS = 50;
/** A template that the app has not declared; the record may come from an earlier firmware. */
const UNKNOWN = -1;
/** A batch ends with the record that takes it past this, so that a request stays within its buffer. */
const BATCH_BYTES = 7000;

/** Sends one queue of records in order; a record leaves the queue when the platform has answered for it. */
export class Reporter extends Gatekeeper implements ReporterActions {
  /** The most records in the next request; halved while the record at fault is searched for. */
  #limit: number;
  /** The number of records of the refused batch that may be at fault. */
  #suspects = 0;
  #sent = 0;
  /** The value of `gone` when the batch was written. */
  #goneBefore = 0;
  #foundId: string | undefined;
  /** The number of records in a row that were refused and dropped. */
  #drops = 0;

  constructor(agent: RecordsBase, subject: Subject, records: Queue) {
    super(agent, reportTable, subject, records);
    this.#limit = subject.batch;
    this.enter(Report.Idle);
  }

  /** There may be something to send. */
  wakeUp(): void {
    this.fire(Signal.Wake);
  }

  // The actions of the states.

  gather(): Decision {
    const { records } = this;
    if (records.count === 0 && this.refusals.length === 0) return Decision.No;
    this.review();
    let orphans = 0;
    let device: RecordSource | undefined;
    let at = records.first();
    // Drops records until the oldest is one whose device has, or will have, a managed object.
    while (at >= 0) {
      device = this.agent.devices[records.source(at)];
      const isKnown = device !== undefined && records.template(at) !== UNKNOWN;
      if (!isKnown && this.agent.telemetry.isEarly) {
        // The app may still declare its device: until then the record is held back, and the others pass.
        const isToHold = device === undefined && !this.isHeld(-1);
        if (isToHold) this.hold(-1);
        at = isToHold ? records.first() : -1;
        if (isToHold) continue;
      }
      // Records of a removed child are sent, unless they are refused, because its object still exists.
      if (at < 0 || (isKnown && (!device?.gone || (device.known && this.refusalOf(device) === undefined)))) break;
      records.acknowledge(1);
      orphans++;
      at = records.first();
    }
    if (orphans > 0) this.tellOrphans(orphans);
    if (at < 0 || device?.known !== true || (!this.isOpen && this.isHeld(device.index))) return Decision.No;
    return Number.isNaN(records.timeMs(at, this.agent.hal.clock)) ? Decision.No : Decision.Yes;
  }

  writeBatch(request: RequestWriter): void {
    const { records } = this;
    // A record of a refused device is tried alone.
    const isAlone = this.refusals.length > 0 && this.refusalOf(this.device()) !== undefined;
    const most = isAlone ? 1 : Math.min(this.#limit, records.count);
    const asCollection = this.subject.collection !== undefined && most > 1;
    request.start(Method.Post).constant(this.subject.path);
    request.headers(asCollection ? this.subject.collection : this.subject.media, undefined);
    if (asCollection) request.put(Json.Measurements);
    let at = records.first();
    let count = 0;
    const start = request.end;
    while (at >= 0 && count < most) {
      const device = this.agent.devices[records.source(at)];
      const time = records.timeMs(at, this.agent.hal.clock);
      const template = records.template(at);
      // A record that has to wait ends the batch, because order is kept.
      if (device === undefined || !device.known || Number.isNaN(time) || template === UNKNOWN) break;
      if (count > 0 && this.refusalOf(device) !== undefined) break;
      if (count > 0) request.put(Json.Comma);
      this.writeRecord(request, at, device, template, time);
      count++;
      if (count === most || request.end - start > BATCH_BYTES) break;
      at = records.next(at);
    }
    if (asCollection) request.put(Json.ListEnd);
    // The device lost its object while this waited in line: a request without fields is not sent.
    if (count === 0) request.start(Method.Get);
    this.#sent = count;
    this.#goneBefore = records.gone;
  }

  arrived(): boolean {
    const { records } = this;
    // A full queue may have given up records of this request: they have arrived, so they are not lost.
    const gone = Math.min(records.gone - this.#goneBefore, this.#sent);
    if (gone > 0) {
      this.agent.telemetry.countLost(-gone);
      records.told(gone);
    }
    const left = this.#sent - gone;
    let at = records.first();
    const device = at < 0 ? undefined : this.agent.devices[records.source(at)];
    if (left > 0) device?.touched();
    for (let i = 1; i < left; i++) {
      at = records.next(at);
      this.agent.devices[records.source(at)]?.touched();
    }
    records.acknowledge(left);
    this.#drops = 0;
    if (this.#suspects > 0) this.#suspects -= this.#sent;
    if (this.#suspects <= 0) this.#limit = this.subject.batch;
    const refusal = this.refusalOf(device);
    if (refusal !== undefined) this.readmit(refusal);
    if (records.untold > 0) this.agent.telemetry.reportLoss(records, this.subject.name);
    return true;
  }

  halve(): Decision {
    if (this.#sent === 0) return Decision.Yes;
    if (this.#sent === 1) return Decision.No;
    if (this.#suspects <= 0) this.#suspects = this.#sent;
    this.#limit = Math.ceil(this.#sent / 2);
    return Decision.Yes;
  }

  writeLookUp(request: RequestWriter): void {
    this.#foundId = undefined;
    const device = this.device();
    writeIdentityLookUp(request, device?.externalIdType ?? '', device?.externalId ?? '');
  }

  readLookUp(body: Body): boolean {
    this.#foundId = readManagedObjectId(body);
    return this.#foundId !== undefined;
  }

  judge(): Decision {
    if (this.hasLeft) return Decision.Yes;
    const device = this.device();
    if (device?.gone === false && device.id !== this.#foundId) {
      this.agent.hal.log('warn', `${device.label} is now managed object ${this.#foundId}`);
      this.agent.renew(device);
      return Decision.No;
    }
    // After too many in a row the records are not at fault.
    return this.#drops < MOST_DROPS ? this.drop('the platform refuses a record') : Decision.No;
  }

  refuse(): Decision {
    if (this.#sent > 1) return this.halve();
    return this.hasLeft ? Decision.Yes : this.putOff(NOT_OWNER);
  }

  putOff(reason = 'the platform refuses all'): Decision {
    const device = this.device();
    if (device === undefined) return Decision.Yes;
    this.#suspects = 0;
    this.#limit = this.subject.batch;
    this.holdBack(device, reason, this.#drops >= MOST_DROPS);
    return Decision.Yes;
  }

  /** Whether the record that was sent alone was given up meanwhile to make room. */
  private get hasLeft(): boolean {
    return this.records.gone !== this.#goneBefore;
  }

  private drop(reason: string): Decision {
    this.agent.hal.log('warn', `${this.subject.name}: ${reason} of ${this.device()?.label ?? 'nobody'}: dropped`);
    this.records.acknowledge(1);
    this.agent.telemetry.countLost(1);
    this.#suspects = 0;
    this.#drops++;
    this.#limit = this.#drops > 1 ? 1 : this.subject.batch;
    return Decision.Yes;
  }

  private device(): RecordSource | undefined {
    const at = this.records.first();
    return at < 0 ? undefined : this.agent.devices[this.records.source(at)];
  }

  private tellOrphans(count: number): void {
    const why = 'their child was removed before, or is not declared any more';
    this.agent.telemetry.countLost(count);
    this.agent.telemetry.tellLoss(count, this.subject.name, why);
  }

  private writeRecord(
    request: RequestWriter,
    at: number,
    device: RecordSource,
    template: number,
    timeMs: number,
  ): void {
    const { records } = this;
    const isEstimated = records.isEstimated(at);
    // Called before `view` and `bytes` are read, because it loads the record.
    const payload = records.payload(at);
    if (template === AS_TEXT) request.putRange(records.bytes, payload, payload + records.payloadBytes(at));
    else this.agent.telemetry.templates[template]?.write(request, records.view, payload);
    if (isEstimated) request.put(Json.Estimated);
    request.put(Json.Time).iso(timeMs).put(Json.AfterTime).put(device.idBytes).put(Json.SourceEnd);
  }
}
