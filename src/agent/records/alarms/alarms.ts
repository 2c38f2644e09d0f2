// SPDX-License-Identifier: Apache-2.0

import type { Fragments, Severity } from '../../../api.ts';
import type { Body, BodySink } from '../../../base/body.ts';
import { ItemMachine } from '../../../base/item-machine.ts';
import { Decision, Signal } from '../../../base/outcome.ts';
import { checkName } from '../../../cumulocity/names.ts';
import { Media, Path } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import type { ResponseHead } from '../../../http/response.ts';
import { recordText } from '../record-text.ts';
import type { RecordSource, RecordsBase } from '../records-base.ts';
import {
  type AlarmEntry,
  alarmTime,
  createEntry,
  forgetAlarm,
  forgetSettled,
  Held,
  isSettled,
  isTextOf,
  readAlarm,
  storeAlarm,
  storedAlarms,
  writeChange,
  writeRaised,
} from './alarm-entry.ts';
import { AlarmLook } from './alarm-look.ts';
import { type AlarmsActions, alarmTable, Tell } from './alarms-table.ts';

/** The device is registered again once in this number of refusals. */
const RENEW_FAILURES = 4;
/** An alarm is looked for again after this time, because a person may have cleared it. */
const QUIET_MS = 3_600_000;
/** Discards the body when no alarm is looked for. */
const NOWHERE: BodySink = { feed() {} };
const SEVERITIES: readonly Severity[] = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];

/**
 * Keeps each alarm on the platform in the state that the device wants, with one entry for each source and type. Only
 * the latest wanted state counts, so the types in use bound the number of entries; none is dropped for lack of room.
 */
export class Alarms extends ItemMachine<RecordsBase> implements AlarmsActions {
  readonly #entries: AlarmEntry[] = [];
  #current: AlarmEntry | undefined;
  /** Set while an alarm is looked for. */
  #look: AlarmLook | undefined;
  /** Whether the current request changes the alarm; otherwise it clears it. */
  #isUpdate = false;
  #restored = false;

  constructor(agent: RecordsBase) {
    super(agent, alarmTable);
    this.enter(Tell.Idle);
  }

  raise(device: RecordSource, type: string, severity: Severity, text: string, fragments: Fragments | undefined): void {
    const known = this.find(device, type);
    checkName('alarm type', type);
    if (!SEVERITIES.includes(severity)) {
      throw new RangeError(`alarm ${type}: severity ${severity} is not allowed; allowed: ${SEVERITIES.join(', ')}`);
    }
    const isActive = known?.wanted === true;
    if (isActive && known.severity === severity && isTextOf(known, recordText('alarm', type, text))) return;
    const body = recordText('alarm', type, text, fragments);
    const entry = known ?? this.add(device, type);
    entry.severity = severity;
    entry.body = body.bytes.slice(0, body.end);
    entry.wanted = true;
    entry.changed = isActive;
    if (!isActive) {
      // The alarm was to be cleared before, and may have changed since, so it is looked for again.
      if (entry.held === Held.Active) entry.held = Held.Unknown;
      const clock = this.agent.hal.clock;
      const now = clock.now();
      entry.time = now ?? clock.ticks();
      entry.inTicks = now === undefined;
      entry.estimated = false;
    }
    storeAlarm(this.agent, entry);
    this.wakeUp();
  }

  /** @param isDerived the same cause clears it after each start, so it is not stored. */
  clear(device: RecordSource, type: string, isDerived = false): void {
    checkName('alarm type', type);
    const known = this.find(device, type);
    const entry = known ?? this.add(device, type);
    const isNew = known === undefined || known.wanted;
    entry.wanted = false;
    if (isNew && !isDerived) storeAlarm(this.agent, entry);
    this.wakeUp();
  }

  /** Takes up the alarms that an earlier start could not send. Alarms of this start take precedence. */
  restore(): void {
    this.#restored = true;
    for (const text of storedAlarms(this.agent)) {
      const [childId, type] = text.split('\n');
      const device = this.agent.devices.find((each) => each.childId === childId && !each.gone);
      if (device === undefined || !type || this.find(device, type) !== undefined) continue;
      readAlarm(this.agent, this.add(device, type), text);
    }
    this.wakeUp();
  }

  /** A device has been declared: its stored alarms are taken up. */
  declared(): void {
    if (this.#restored) this.restore();
  }

  /** The clock is known now: times in ticks become epoch times. */
  learnTime(): void {
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry?.inTicks !== true) continue;
      entry.time = alarmTime(this.agent, entry);
      entry.inTicks = false;
      if (entry.stored) storeAlarm(this.agent, entry);
    }
  }

  /** There may be something to send, because of an alarm, a registration, or the time. */
  wakeUp(): void {
    this.fire(Signal.Wake);
  }

  /** The number of active alarms, for the status. */
  get active(): number {
    let count = 0;
    for (let i = 0; i < this.#entries.length; i++) if (this.#entries[i]?.wanted === true) count++;
    return count;
  }

  override get isRetry(): boolean {
    return this.#current?.putOff === true;
  }

  /** Tries all alarms again, because the cause of their failures may be gone for all. */
  protected override onHealed(): void {
    for (const entry of this.#entries) entry.putOff = false;
  }

  // The actions of the states.

  next(): Decision {
    this.#current = undefined;
    this.#look = undefined;
    const { clock } = this.agent.hal;
    const clockKnown = clock.now() !== undefined;
    const ticks = clock.ticks();
    let isPutOff = false;
    let nextMs = Infinity;
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry === undefined) continue;
      if (entry.device.gone) {
        forgetAlarm(this.agent, entry);
        this.#entries.splice(i--, 1);
        continue;
      }
      if (!entry.device.known) continue;
      const quietMs = entry.heldTicks + QUIET_MS - ticks;
      if (isSettled(entry, quietMs)) {
        forgetAlarm(this.agent, entry);
        if (entry.wanted) nextMs = Math.min(nextMs, quietMs);
        continue;
      }
      if (entry.wanted && !clockKnown) continue;
      if (entry.putOff && ticks < this.resumeTicks) {
        isPutOff = true;
        nextMs = Math.min(nextMs, this.resumeTicks - ticks);
        continue;
      }
      this.#current = entry;
      if (entry.held === Held.Unknown || entry.held === Held.Stale) {
        this.#look = new AlarmLook(entry);
        return Decision.Again;
      }
      return entry.wanted && entry.held !== Held.Active ? Decision.Yes : Decision.Other;
    }
    if (!isPutOff) this.endTrouble(false);
    if (nextMs < Infinity) this.fireAfter(nextMs);
    return Decision.No;
  }

  writeLook(request: RequestWriter): void {
    this.#look?.write(request);
  }

  get lookSink(): BodySink {
    return this.#look?.splitter ?? NOWHERE;
  }

  override rewind(): void {
    super.rewind();
    this.#look?.rewind();
  }

  readLook(): boolean {
    const entry = this.#current;
    const look = this.#look;
    if (entry === undefined || look?.understood() !== true) return false;
    this.#look = undefined;
    // Only if its state was unknown: changes that people make to a raised alarm stay.
    if (entry.wanted && entry.held === Held.Unknown && look.differs) entry.changed = true;
    this.hold(entry, look.id === '' ? Held.None : Held.Active, look.id);
    forgetSettled(this.agent, this.#entries);
    return true;
  }

  /** Notes the state on the platform. */
  private hold(entry: AlarmEntry, held: number, id: string): void {
    entry.held = held;
    entry.id = id;
    entry.heldTicks = this.agent.hal.clock.ticks();
  }

  writeRaise(request: RequestWriter): void {
    request.start(Method.Post).put(Path.Alarms).headers(Media.Alarm, undefined);
    if (this.#current !== undefined) writeRaised(request, this.agent, this.#current);
  }

  raised(_body: Body, head: ResponseHead): boolean {
    const entry = this.#current;
    if (entry === undefined) return true;
    const id = head.locationId;
    entry.device.touched();
    this.hold(entry, Held.Active, id === undefined || id === 'null' ? '' : id);
    return true;
  }

  writeChange(request: RequestWriter): void {
    const entry = this.#current;
    request
      .start(Method.Put)
      .put(Path.Alarms)
      .byte(0x2f)
      .percentEncoded(entry?.id ?? '');
    request.headers(Media.Alarm, undefined);
    this.#isUpdate = entry?.wanted === true;
    if (entry !== undefined) writeChange(request, entry);
  }

  changed(): boolean {
    const entry = this.#current;
    if (entry === undefined) return true;
    this.hold(entry, this.#isUpdate ? Held.Active : Held.None, entry.id);
    forgetSettled(this.agent, this.#entries);
    return true;
  }

  giveUp(): Decision {
    const entry = this.#current;
    if (entry !== undefined) {
      this.agent.hal.log('warn', `alarm ${entry.type} of ${entry.device.label}: the platform refuses it`);
      this.hold(entry, entry.wanted ? Held.Active : Held.Refused, '');
      entry.changed = false;
      // The platform also refuses an alarm when the managed object is gone, so the device is registered again.
      this.agent.renew(entry.device);
    }
    return Decision.Yes;
  }

  putOff(): Decision {
    const entry = this.#current;
    if (entry === undefined) return Decision.Yes;
    const what = `alarm ${entry.type} of ${entry.device.label}`;
    // The platform also refuses an alarm when the managed object is gone, so the device is registered again.
    const isRefused = this.countRefusal(what, 'the platform refuses it');
    if (isRefused && (this.trouble?.failures ?? 0) % RENEW_FAILURES === 1) this.agent.renew(entry.device);
    entry.putOff = true;
    entry.held = Held.Unknown;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#entries.push(entry);
    return Decision.Yes;
  }

  private find(device: RecordSource, type: string): AlarmEntry | undefined {
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry?.device === device && entry.type === type) return entry;
    }
    return undefined;
  }

  private add(device: RecordSource, type: string): AlarmEntry {
    const entry = createEntry(device, type);
    this.#entries.push(entry);
    return entry;
  }
}
