// SPDX-License-Identifier: Apache-2.0

import type { Sensor } from '../../../hal/hal.ts';
import type { RuleDefinition, SensorDefinition } from '../../api.ts';
import { reasonOf } from '../../bytes/text.ts';
import type { MeasurementTemplate } from '../../cumulocity/measurement.ts';
import { checkName, checkRange } from '../../cumulocity/names.ts';
import { NONE } from '../../none.ts';
import type { Deadline } from '../../timers/timers.ts';
import { recordText } from './record-text.ts';

const DAY_S = 86_400;

/**
 * One sensor of a device, and the measurement that it reports. A driver that throws, returns nothing or no valid number
 * loses only its own reading.
 */
export class SensorPort {
  readonly template: MeasurementTemplate;
  /** Number of the template in records. */
  readonly templateNumber: number;
  readonly rules: readonly Rule[];
  readonly sensor: Sensor;
  /** Set if the sensor has an interval of its own; null: it is sampled with the others. */
  readonly deadline: Deadline | null;
  readonly intervalMs: number;
  #sample: Readonly<Record<string, unknown>> | undefined;
  #fault: string | undefined;
  #isKnown = false;

  /** @throws RangeError when there is no sensor, or a rule is not valid */
  constructor(definition: SensorDefinition, templateNumber: number, deadline: Deadline | null = null) {
    this.template = definition.reports;
    this.templateNumber = templateNumber;
    this.sensor = definition.sensor;
    if (typeof this.sensor?.sample !== 'function')
      throw new RangeError(`sensor for ${this.template.type}: it has no sample()`);
    const { intervalS } = definition;
    if (intervalS !== undefined) checkRange(`sensor for ${this.template.type}: intervalS`, intervalS, 1, DAY_S);
    this.intervalMs = (intervalS ?? 0) * 1000;
    this.deadline = deadline;
    this.rules = definition.rules?.map((rule) => new Rule(rule)) ?? NONE;
  }

  /** Takes a sample; true when it has at least one value to report. */
  take(): boolean {
    this.#sample = undefined;
    this.#fault = undefined;
    try {
      const sample: unknown = this.sensor.sample();
      if (sample === undefined || sample === null) return false;
      this.#sample = sample as Readonly<Record<string, unknown>>;
    } catch (error) {
      this.#fault = reasonOf(error);
      return false;
    }
    const of = this.template.of;
    for (let i = 0; i < of.length; i++) {
      const value = this.value(of[i] as string);
      if (!Number.isNaN(value)) return true;
    }
    return false;
  }

  /**
   * The values that the first sample lacks, returned once, because a misspelt name would never be reported. Undefined:
   * no value is missing, or there was no sample yet.
   */
  takeHint(): string | undefined {
    const sample = this.#sample;
    if (this.#isKnown || sample === undefined) return undefined;
    this.#isKnown = true;
    const missing: string[] = [];
    for (const name of this.template.of) if (Number.isNaN(this.value(name))) missing.push(name);
    for (const { definition } of this.rules) if (Number.isNaN(this.value(definition.of))) missing.push(definition.of);
    if (missing.length === 0) return undefined;
    return `its sample has no number ${missing.join(', ')}; it has ${Object.keys(sample).join(', ')}`;
  }

  /** A value of the last sample, or NaN. */
  value(name: string): number {
    try {
      const value = this.#sample?.[name] as number;
      // Accepts finite numbers only; `typeof` would create a string each time.
      return value - 0 === value && value - value === 0 ? value : NaN;
    } catch {
      return NaN;
    }
  }

  /** The error of the last sample; undefined when there was none. */
  get fault(): string | undefined {
    return this.#fault;
  }
}

/**
 * An alarm that follows a value, with hysteresis and a minimum time. It begins undecided, so that the first value that
 * is clearly back clears an alarm that was raised before the start.
 */
export class Rule {
  readonly definition: RuleDefinition;
  #raised: boolean | undefined;
  /** Ticks since which the value is beyond the limit; NaN while it is not. */
  #sinceTicks = NaN;

  /** @throws RangeError without exactly one limit, with `back` on the wrong side, or if the alarm is not allowed. */
  constructor(definition: RuleDefinition) {
    checkName('alarm type', definition.type);
    recordText('alarm', definition.type, definition.text);
    const { above, below, back } = definition;
    if ((above === undefined) === (below === undefined)) {
      throw new RangeError(`rule ${definition.type}: give either above or below`);
    }
    if (back !== undefined && ((above !== undefined && back > above) || (below !== undefined && back < below))) {
      throw new RangeError(`rule ${definition.type}: back ${back} is beyond the limit`);
    }
    this.definition = definition;
  }

  /** Whether no value has decided yet. */
  get undecided(): boolean {
    return this.#raised === undefined;
  }

  /** Takes a value; returns true: raise, false: clear, undefined: nothing to do. */
  take(value: number, ticks: number): boolean | undefined {
    if (Number.isNaN(value)) return undefined;
    if (this.#raised !== true && this.isBeyond(value)) {
      if (Number.isNaN(this.#sinceTicks)) this.#sinceTicks = ticks;
      if (ticks - this.#sinceTicks < (this.definition.forS ?? 0) * 1000) return undefined;
      this.#raised = true;
      return true;
    }
    this.#sinceTicks = NaN;
    if (this.#raised === false || !this.isBack(value)) return undefined;
    this.#raised = false;
    return false;
  }

  private isBeyond(value: number): boolean {
    const { above, below } = this.definition;
    return above !== undefined ? value > above : below !== undefined && value < below;
  }

  private isBack(value: number): boolean {
    const { above, below, back } = this.definition;
    return above !== undefined ? value <= (back ?? above) : value >= (back ?? below ?? 0);
  }
}
