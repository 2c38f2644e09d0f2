// SPDX-License-Identifier: Apache-2.0

import type { Fragments, SensorDefinition } from '../../api.ts';
import type { ByteWriter } from '../../bytes/writer.ts';
import type { MeasurementTemplate } from '../../cumulocity/measurement.ts';
import { checkName } from '../../cumulocity/names.ts';
import type { Deadline, DeadlineOwner } from '../../timers/timers.ts';
import { createQueue } from './queues/create-queue.ts';
import { eventSectors } from './queues/flash-parts.ts';
import { type Names, type Queue, RECORD_MAX_BYTES, RecordKind } from './record.ts';
import { checkSeries, recordText } from './record-text.ts';
import type { RecordSource, RecordsBase } from './records-base.ts';
import { Reporter } from './reporter.ts';
import { SensorPort } from './sensor-port.ts';
import { EVENTS, MEASUREMENTS } from './subject.ts';

/** For this time after a start, records and operations wait for a child or sensor that the app has not declared yet. */
export const UNKNOWN_MS = 300_000;

/** Guide steps 9 and 10: samples the sensors, keeps measurements and events in their queues and reports them. */
export class Telemetry implements DeadlineOwner, Names {
  /** Records refer to the template of their measurement by its index here. */
  readonly templates: MeasurementTemplate[] = [];
  readonly #agent: RecordsBase;
  readonly #measurements: Reporter;
  readonly #sampling: Deadline;
  /** Created with the first event. */
  #events: Reporter | undefined;
  /** Created when there is a sendInterval. */
  #sending: Deadline | undefined;
  #lost = 0;

  constructor(agent: RecordsBase) {
    this.#agent = agent;
    const { flash } = agent.hal;
    const first = eventSectors(flash);
    this.#measurements = new Reporter(
      agent,
      MEASUREMENTS,
      createQueue(agent, this, first, (flash?.sectors ?? 0) - first),
    );
    this.#sampling = agent.timers.create(this);
  }

  onDeadline(deadline: Deadline): void {
    if (deadline === this.#sampling) {
      deadline.start(this.#agent.runtime.measurementInterval * 1000);
      this.sampleAll(null);
    } else if (deadline === this.#sending) {
      deadline.start(this.#agent.runtime.sendInterval * 1000);
      this.#measurements.wakeUp();
    } else if (!this.#agent.stopped) {
      this.sampleAll(deadline);
    }
  }

  /** Adds a sensor to a device. @throws RangeError when there is no sensor, or its definition is not valid */
  add(device: RecordSource, definition: SensorDefinition): void {
    const { reports, intervalS } = definition;
    const deadline = intervalS === undefined ? null : this.#agent.timers.create(this);
    device.sensors.push(new SensorPort(definition, this.templateNumber(reports), deadline));
    if (this.#agent.started) deadline?.start(0);
  }

  /** The number by which records refer to this template. */
  templateNumber(template: MeasurementTemplate): number {
    // A template that is created again each time its child is declared is the same one.
    const known = this.templateOf(template.key);
    if (known >= 0) return known;
    if (this.templates.length > 255) throw new RangeError('more than 256 kinds of measurement');
    return this.templates.push(template) - 1;
  }

  /** Starts to sample after `delayMs`. Samples that are taken before the platform can be reached wait. */
  start(delayMs: number): void {
    if (this.#agent.hal.flash !== undefined) this.recover();
    this.#sampling.start(delayMs);
    for (const { sensors } of this.#agent.devices) for (const { deadline } of sensors) deadline?.start(delayMs);
    this.retime();
    this.#sending?.start(this.#agent.runtime.sendInterval * 1000 + delayMs);
  }

  /** The intervals have changed. */
  retime(): void {
    if (!this.#sampling.active) return;
    const intervalMs = this.#agent.runtime.measurementInterval * 1000;
    const waitMs = this.#sampling.dueMs - this.#agent.timers.ticks();
    if (waitMs > intervalMs) this.#sampling.start(intervalMs);
    const sendMs = this.#agent.runtime.sendInterval * 1000;
    this.#sending?.stop();
    if (sendMs > 0) {
      this.#sending ??= this.#agent.timers.create(this);
      this.#sending.start(sendMs);
    }
    this.wakeUp();
  }

  stop(): void {
    this.#sampling.stop();
    this.#sending?.stop();
    this.#measurements.stop();
    this.#events?.stop();
    this.#measurements.records.flush();
    this.#events?.records.flush();
  }

  /** The clock is known now. */
  learnTime(): void {
    const { clock } = this.#agent.hal;
    const nowMs = clock.now();
    if (nowMs === undefined) return;
    this.#measurements.records.learnTime(nowMs, clock.ticks());
    this.#events?.records.learnTime(nowMs, clock.ticks());
  }

  /** Wakes the reporters, which may wait for a registration or the time. */
  wakeUp(): void {
    this.#events?.wakeUp();
    this.#measurements.wakeUp();
  }

  /** Tries refused records again at once. */
  retryRefused(): void {
    this.#events?.retryAll();
    this.#measurements.retryAll();
  }

  get waiting(): number {
    return this.#measurements.records.count + (this.#events?.records.count ?? 0);
  }

  /** The number of records given up for lack of room or refused by the platform, since the start. */
  get lost(): number {
    return this.#lost;
  }

  countLost(count: number): void {
    this.#lost += count;
  }

  /**
   * Takes a sample of every sensor of every device and follows the alarm rules.
   * @param deadline only sensors with this deadline; null: only those that are sampled together; undefined: all
   */
  sampleAll(deadline?: Deadline | null): void {
    const devices = this.#agent.devices;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i];
      if (device === undefined || device.gone) continue;
      for (let k = 0; k < device.sensors.length; k++) {
        const port = device.sensors[k];
        if (port === undefined || (deadline !== undefined && port.deadline !== deadline)) continue;
        if (deadline !== undefined) port.deadline?.start(port.intervalMs);
        this.sample(device, port);
      }
    }
    this.noteLoss();
    if (this.#agent.runtime.sendInterval === 0) this.#measurements.wakeUp();
  }

  /** Sends the waiting measurements at once, whatever the interval. */
  flush(): void {
    this.#measurements.wakeUp();
  }

  measure(device: RecordSource, type: string, fragments: Fragments): void {
    checkName('measurement type', type);
    checkSeries(fragments);
    const text = recordText('measurement', type, undefined, fragments);
    this.append(this.#measurements.records, device, text);
    if (this.#agent.runtime.sendInterval === 0) this.#measurements.wakeUp();
  }

  event(device: RecordSource, type: string, text: string, fragments: Fragments | undefined): void {
    const written = recordText('event', type, text, fragments);
    const { events } = this;
    this.append(events.records, device, written);
    events.wakeUp();
  }

  /** Whether a waiting record has the device of this index as its source. */
  holds(source: number): boolean {
    return holds(this.#measurements, source) || (this.#events !== undefined && holds(this.#events, source));
  }

  // Names

  sourceKey(source: number): number {
    return this.#agent.devices[source]?.key ?? 0;
  }

  sourceOf(key: number): number {
    const devices = this.#agent.devices;
    for (let i = 0; i < devices.length; i++) if (devices[i]?.key === key) return i;
    return -1;
  }

  templateKey(template: number): number {
    return this.templates[template]?.key ?? 0;
  }

  templateOf(key: number): number {
    for (let i = 0; i < this.templates.length; i++) if (this.templates[i]?.key === key) return i;
    return -1;
  }

  /** Whether the app may still declare devices and measurements. */
  get isEarly(): boolean {
    return this.#agent.isSafe || this.#agent.upMs < UNKNOWN_MS;
  }

  /** Tells the platform how many records of a queue were given up. */
  reportLoss(records: Queue, what: string): void {
    const count = records.untold;
    this.tellLoss(count, what, 'there was no room for them');
    // Noted after the event, so that a power cut in between reports the loss twice rather than not at all.
    records.told(count);
  }

  tellLoss(count: number, what: string, why: string): void {
    const text = `${count} ${what} were lost: ${why}`;
    this.#agent.hal.log('warn', text);
    this.event(this.#agent.board, 'fractus_DataLost', text, { fractus_DataLost: { count, of: what } });
  }

  private get events(): Reporter {
    if (this.#events !== undefined) return this.#events;
    const { board, hal } = this.#agent;
    let sectors = eventSectors(hal.flash);
    for (let i = 0; i < board.capabilities.length; i++) sectors -= board.capabilities[i]?.flashSectors ?? 0;
    this.#events = new Reporter(this.#agent, EVENTS, createQueue(this.#agent, this, 0, sectors));
    return this.#events;
  }

  /** Takes up the records that an earlier start has left on flash. */
  private recover(): void {
    const { records } = this.events;
    if (records.count === 0 && records.untold === 0) this.#events = undefined;
    this.learnTime();
  }

  private sample(device: RecordSource, port: SensorPort): void {
    const before = port.fault;
    const isTaken = port.take();
    const trouble = port.fault ?? port.takeHint();
    if (trouble !== undefined && trouble !== before) {
      this.#agent.hal.log('warn', `sensor for ${port.template.type}: ${trouble}`);
    }
    if (!isTaken) return;
    const clock = this.#agent.hal.clock;
    const now = clock.now();
    const ticks = clock.ticks();
    const of = port.template.of;
    const records = this.#measurements.records;
    const count = of.length;
    const inTicks = now === undefined;
    let at = records.append(RecordKind.Template, device.index, port.templateNumber, now ?? ticks, inTicks, 8 * count);
    for (let i = 0; i < count; i++) {
      records.view.setFloat64(at, port.value(of[i] as string), true);
      at += 8;
    }
    records.commit();
    for (let i = 0; i < port.rules.length; i++) {
      const rule = port.rules[i];
      if (rule === undefined) continue;
      const { undecided } = rule;
      const verdict = rule.take(port.value(rule.definition.of), ticks);
      if (verdict !== undefined) device.follow(rule.definition, verdict, undecided);
    }
  }

  private append(records: Queue, device: RecordSource, text: ByteWriter): void {
    const clock = this.#agent.hal.clock;
    const now = clock.now();
    const at = records.append(RecordKind.Text, device.index, 0, now ?? clock.ticks(), now === undefined, text.end);
    if (at < 0) throw new RangeError(`a record of ${text.end} bytes is larger than ${RECORD_MAX_BYTES - 64}`);
    records.bytes.set(text.bytes.subarray(0, text.end), at);
    records.commit();
    this.noteLoss();
  }

  private noteLoss(): void {
    const lost = this.#measurements.records.takeLost() + (this.#events?.records.takeLost() ?? 0);
    if (lost === 0) return;
    if (this.#lost === 0) this.#agent.hal.log('warn', 'the queue is full: old records are lost');
    this.#lost += lost;
  }
}

function holds(reporter: Reporter, source: number): boolean {
  const { records } = reporter;
  for (let at = records.first(); at >= 0; at = records.next(at)) if (records.source(at) === source) return true;
  return reporter.isHeld(source);
}
