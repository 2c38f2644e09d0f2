// SPDX-License-Identifier: Apache-2.0

import { readManagedObjectId, writeIdentityLookUp } from '../../cumulocity/identity.ts';
import { Json, Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import type { Agent } from '../agent.ts';
import type { Device } from '../devices/device.ts';
import { Decision, Event, Machine } from '../machine.ts';
import type { Body } from '../uplink/answer.ts';
import { Kind, type Line, Records } from './records.ts';
import { Report, reportTable } from './reporter-table.ts';

/** Records of children that cannot be registered wait in so much memory; the oldest go. */
const ASIDE_MAX_RECORDS = 200;
const ASIDE_MAX_BYTES = 4096;
/** Before, all wait: a power cut takes what is set aside. */
const ASIDE_MS = 300_000;
/** So many records in a row may be refused before it is not the records that are suspected. */
const MOST_DROPS = 50;
/** A batch ends with the record that takes it past this, so that a request stays within its buffer. */
const BATCH_BYTES = 7000;

/** What is reported how; lies in flash. */
export interface Subject {
  readonly name: string;
  readonly path: Uint8Array;
  readonly media: Uint8Array;
  /** Media type of several at once; undefined where the platform takes one only. */
  readonly collection: Uint8Array | undefined;
  readonly batch: number;
}

export const MEASUREMENTS: Subject = {
  name: 'measurements',
  path: Path.Measurements,
  media: Media.Measurement,
  collection: Media.MeasurementCollection,
  batch: 50,
};

export const EVENTS: Subject = {
  name: 'events',
  path: Path.Events,
  media: Media.Event,
  collection: undefined,
  batch: 1,
};

/** Sends one line of records in order; a record leaves the line when the platform has answered for it. */
export class Reporter extends Machine {
  readonly records: Line;
  readonly #subject: Subject;
  /** Records that the next request takes at most; halves while an item at fault is sought. */
  #limit: number;
  /** Records of the refused batch that have not been cleared of suspicion. */
  #suspects = 0;
  #sent = 0;
  /** How many records had gone when the batch was written. */
  #goneBefore = 0;
  #foundId = '';
  /** Records in a row that were refused and dropped. */
  #drops = 0;
  /** There while records of children that cannot be registered are set aside. A power cut takes them. */
  #aside: Records | undefined = undefined;
  /** There while some of it can be sent. */
  #ready: Records | undefined = undefined;
  /** The line that is sent: `records`, or what was set aside. */
  #line: Line;
  /** Bytes of the id of the object that the refused record was for. */
  #refusedId: Uint8Array | undefined = undefined;

  constructor(agent: Agent, subject: Subject, records: Line) {
    super(agent, reportTable);
    this.records = records;
    this.#line = records;
    this.#subject = subject;
    this.#limit = subject.batch;
    this.enter(Report.Idle);
  }

  /** There may be something to send. */
  look(): void {
    this.fire(Event.Wake);
  }

  override stop(): void {
    super.stop();
    for (const aside of [this.#ready, this.#aside]) {
      for (let left = aside?.count ?? 0; aside !== undefined && left > 0; left--) {
        const at = aside.first();
        copy(aside, at, aside.time(at), this.records);
        aside.acknowledge(1);
      }
    }
  }

  // What the table's states do.

  /** Yes when the oldest record can be sent: its device is registered and its time known. */
  gather(): Decision {
    if (this.#aside !== undefined || this.#ready !== undefined) this.choose();
    const { clock } = this.agent.hal;
    for (;;) {
      const at = this.dropOrphans();
      if (at < 0) return Decision.No;
      const time = this.#line.timeMs(at, clock.now(), clock.ticks());
      const device = this.agent.devices[this.#line.source(at)];
      if (Number.isNaN(time) || device === undefined) return Decision.No;
      if (device.known) return Decision.Yes;
      if (device.isBoard || !device.putOff || clock.ticks() - device.failingTicks < ASIDE_MS) return Decision.No;
      this.setAside(at, time);
    }
  }

  writeBatch(request: RequestWriter): void {
    const records = this.#line;
    const clock = this.agent.hal.clock;
    const now = clock.now();
    const ticks = clock.ticks();
    const most = Math.min(this.#limit, records.count);
    const asCollection = this.#subject.collection !== undefined && most > 1;
    request.start(Method.Post).put(this.#subject.path);
    request.headers(asCollection ? this.#subject.collection : this.#subject.media, undefined);
    if (asCollection) request.put(Json.Measurements);
    let at = records.first();
    let count = 0;
    const start = request.end;
    while (count < most) {
      const device = this.agent.devices[records.source(at)];
      const time = records.timeMs(at, now, ticks);
      // A record that has to wait ends the batch, for order is kept.
      if (device === undefined || !device.known || Number.isNaN(time) || this.isUnreadable(at)) break;
      // Older ones of its device were set aside until just now.
      if (count > 0 && records === this.records && this.isAside(device.index)) break;
      if (count > 0) request.put(Json.Comma);
      this.writeRecord(request, at, device, time);
      count++;
      if (count === most || request.end - start > BATCH_BYTES) break;
      at = records.next(at);
    }
    if (asCollection) request.put(Json.ListEnd);
    this.#sent = count;
    this.#goneBefore = records.gone;
  }

  arrived(): boolean {
    const records = this.#line;
    // A full queue may have given up what was on its way: that has arrived all the same.
    const gone = Math.min(records.gone - this.#goneBefore, this.#sent);
    if (gone > 0) {
      this.agent.telemetry.countLost(-gone);
      records.told(gone);
    }
    const left = this.#sent - gone;
    let at = records.first();
    for (let i = 0; i < left; i++) {
      this.agent.devices[records.source(at)]?.touched();
      if (i + 1 < left) at = records.next(at);
    }
    records.acknowledge(left);
    this.#drops = 0;
    if (this.#suspects > 0) this.#suspects -= this.#sent;
    if (this.#suspects <= 0) this.#limit = this.#subject.batch;
    if (records.untold > 0) this.agent.telemetry.reportLoss(records, this.#subject.name);
    return true;
  }

  halve(): Decision {
    if (this.#sent <= 1) return Decision.No;
    if (this.#suspects <= 0) this.#suspects = this.#sent;
    this.#limit = Math.ceil(this.#sent / 2);
    return Decision.Yes;
  }

  writeLookUp(request: RequestWriter): void {
    this.#foundId = '';
    writeIdentityLookUp(request, this.agent.config.externalIdType, this.device()?.externalId ?? '');
  }

  readLookUp(body: Body): boolean {
    this.#foundId = readManagedObjectId(body) ?? '';
    return this.#foundId !== '';
  }

  /** Same object: the item is at fault and goes. Another one: the device has moved there. */
  judge(): Decision {
    if (this.hasLeft) return Decision.Yes;
    const device = this.device();
    if (device !== undefined && device.id !== this.#foundId) {
      this.agent.hal.log('warn', `${device.label} is now managed object ${this.#foundId}`);
      this.agent.renew(device);
      return Decision.No;
    }
    return this.drop('the platform refuses a record');
  }

  /** Yes: try again with less. No: it is the board itself that may not write; nothing is thrown away for that. */
  refuse(): Decision {
    if (this.#sent > 1) return this.halve();
    if (this.hasLeft) return Decision.Yes;
    return this.device()?.isBoard === true ? Decision.No : this.drop('not the owner');
  }

  /** Longer each time, until a record arrives. */
  wait(): undefined {
    const device = this.device();
    this.#refusedId = device?.idBytes;
    this.failAt(Report.Send, this.#subject.name, `the platform takes none of ${device?.label ?? 'nobody'}`);
    if (device !== undefined) this.agent.renew(device);
    this.fireWhenDue();
    return undefined;
  }

  /** Yes: the device has another object now. */
  woken(): Decision {
    return this.device()?.idBytes === this.#refusedId ? Decision.No : Decision.Yes;
  }

  /** The record that was sent alone has made room for a new one meanwhile. */
  private get hasLeft(): boolean {
    return this.#line.gone !== this.#goneBefore;
  }

  private drop(reason: string): Decision {
    this.agent.hal.log('warn', `${this.#subject.name}: ${reason} of ${this.device()?.label ?? 'nobody'}: dropped`);
    this.#line.acknowledge(1);
    this.agent.telemetry.countLost(1);
    this.#suspects = 0;
    this.#drops++;
    this.#limit = this.#drops > 1 ? 1 : this.#subject.batch;
    return this.#drops > MOST_DROPS ? Decision.No : Decision.Yes;
  }

  private device(): Device | undefined {
    const at = this.#line.first();
    return at < 0 ? undefined : this.agent.devices[this.#line.source(at)];
  }

  /** Where the oldest record begins whose device has, or will have, a place on the platform; -1: none. */
  private dropOrphans(): number {
    for (;;) {
      const at = this.#line.first();
      if (at < 0) return -1;
      const device = this.agent.devices[this.#line.source(at)];
      const isKnown = device !== undefined && !this.isUnreadable(at);
      if (!isKnown && this.agent.telemetry.isEarly) return -1;
      if (isKnown && !device.gone) return at;
      this.#line.giveUp();
    }
  }

  /** A child that cannot be registered for long holds up none of the others. */
  private setAside(at: number, timeMs: number): void {
    this.#aside ??= new Records(ASIDE_MAX_RECORDS, ASIDE_MAX_BYTES);
    copy(this.records, at, timeMs, this.#aside);
    this.agent.telemetry.countLost(this.#aside.takeLost());
    this.records.acknowledge(1);
  }

  /** What was set aside goes first, when its child is registered: it is older than all that is in line. */
  private choose(): void {
    const aside = this.#aside;
    for (let left = aside?.count ?? 0; aside !== undefined && left > 0; left--) {
      const at = aside.first();
      const device = this.agent.devices[aside.source(at)];
      if (device?.known === true && !device.gone) {
        this.#ready ??= new Records(ASIDE_MAX_RECORDS, ASIDE_MAX_BYTES);
        copy(aside, at, aside.time(at), this.#ready);
      } else if (device?.gone !== true) copy(aside, at, aside.time(at), aside);
      aside.acknowledge(1);
    }
    if (aside?.count === 0) this.#aside = undefined;
    if (this.#ready?.count === 0) this.#ready = undefined;
    this.#line = this.#ready ?? this.records;
  }

  private isAside(source: number): boolean {
    const aside = this.#aside;
    let at = aside?.first() ?? -1;
    for (let left = aside?.count ?? 0; aside !== undefined && left > 0; left--) {
      if (aside.source(at) === source) return true;
      if (left > 1) at = aside.next(at);
    }
    return false;
  }

  /** Its measurement is none that the app has declared: it may be that of an earlier firmware. */
  private isUnreadable(at: number): boolean {
    return this.#line.kind(at) === Kind.Template && this.#line.template(at) < 0;
  }

  private writeRecord(request: RequestWriter, at: number, device: Device, timeMs: number): void {
    const records = this.#line;
    const isEstimated = records.isEstimated(at);
    // Asked for before `view` and `bytes`, for it is what brings the record there.
    const payload = records.payload(at);
    if (records.kind(at) === Kind.Template) {
      this.agent.telemetry.templates[records.template(at)]?.write(request, records.view, payload);
    } else {
      request.putRange(records.bytes, payload, payload + records.payloadBytes(at));
    }
    if (isEstimated) request.put(Json.Estimated);
    request.put(Json.Time).iso(timeMs).put(Json.Quote).put(Json.Source);
    request.put(device.idBytes).put(Json.SourceEnd);
  }
}

/** Appends the record at `at` to another line, or to the end of its own. */
function copy(from: Line, at: number, timeMs: number, to: Line): void {
  const payload = from.payload(at);
  const count = from.payloadBytes(at);
  const bytes = from.bytes.slice(payload, payload + count);
  const place = to.append(from.kind(at), from.source(at), from.template(at), timeMs, false, count);
  if (place < 0) return;
  to.bytes.set(bytes, place);
  to.commit();
}
