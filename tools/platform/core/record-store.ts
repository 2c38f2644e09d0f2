// SPDX-License-Identifier: Apache-2.0
/** Measurements, events, alarms and operations, each kind in a store that finds those of one device and stays bounded. */

import { invalid } from '../http/http.ts';
import type { AlarmRecord } from '../model.ts';
import { Watched } from './watched.ts';

interface StoreOptions<T> {
  /** Id of the device that a record belongs to. */
  readonly deviceOf: (record: T) => string;
  /** How many are kept per device, as long as there are few devices. */
  readonly maxPerDevice: number;
  /** How many are kept in all, about: with many devices each has its share. */
  readonly maxTotal: number;
  /** Whether it may go to make room. Default: any may. */
  readonly mayGo?: (record: T) => boolean;
  /** Told once per device, when the first record goes to make room. */
  readonly onFull: (deviceId: string, most: number) => void;
}

const LEAST_PER_DEVICE = 10;
const MOST_AT_ONCE = 100;

/** By id, in the order they came. */
export class RecordStore<T extends { readonly id: string }> extends Watched<T> {
  readonly #options: StoreOptions<T>;
  readonly #byDevice = new Map<string, Map<string, T>>();
  readonly #full = new Set<string>();
  #kept = 0;

  constructor(options: StoreOptions<T>) {
    super();
    this.#options = options;
  }

  /** The records of one device in the order they came. */
  of(deviceId: string): Iterable<T> {
    return this.#byDevice.get(deviceId)?.values() ?? [];
  }

  /** How many there have been, those that are gone by now among them. */
  get total(): number {
    return this.#kept;
  }

  /** Stores a new record; the oldest of its device that may go makes room for it. Throws when none may. */
  keep(record: T): T {
    const { deviceOf, onFull } = this.#options;
    const deviceId = deviceOf(record);
    const own = this.#byDevice.get(deviceId);
    const most = this.#share;
    if (own !== undefined && own.size >= most) {
      // With each new device the shares get smaller: a step at a time.
      for (let i = 0; i < MOST_AT_ONCE && own.size >= most; i++) this.delete(this.#oldest(own).id);
      if (!this.#full.has(deviceId)) onFull(deviceId, most);
      this.#full.add(deviceId);
    }
    this.#kept += 1;
    this.set(record.id, record);
    return record;
  }

  get #share(): number {
    const { maxPerDevice, maxTotal } = this.#options;
    return Math.min(maxPerDevice, Math.max(LEAST_PER_DEVICE, Math.floor(maxTotal / Math.max(1, this.#byDevice.size))));
  }

  #oldest(own: ReadonlyMap<string, T>): T {
    const { mayGo } = this.#options;
    for (const record of own.values()) if (mayGo === undefined || mayGo(record)) return record;
    throw invalid(`The emulator keeps ${this.#share} per device, and none of them may go`);
  }

  override set(id: string, record: T): this {
    const deviceId = this.#options.deviceOf(record);
    const own = this.#byDevice.get(deviceId);
    if (own === undefined) this.#byDevice.set(deviceId, new Map([[id, record]]));
    else own.set(id, record);
    return super.set(id, record);
  }

  override delete(id: string): boolean {
    const record = this.get(id);
    if (record === undefined) return false;
    const deviceId = this.#options.deviceOf(record);
    const own = this.#byDevice.get(deviceId);
    own?.delete(id);
    if (own?.size === 0) this.#byDevice.delete(deviceId);
    return super.delete(id);
  }

  override clear(): void {
    this.#byDevice.clear();
    super.clear();
  }
}

/** Alarms: those that are not cleared are found by source and type, and never go to make room. */
export class AlarmStore extends RecordStore<AlarmRecord> {
  readonly #active = new Map<string, Map<string, AlarmRecord>>();

  constructor(options: Pick<StoreOptions<AlarmRecord>, 'maxPerDevice' | 'maxTotal' | 'onFull'>) {
    super({ ...options, deviceOf: ({ sourceId }) => sourceId, mayGo: isCleared });
  }

  /** The alarm that a new one of this source and type would only repeat. */
  active(sourceId: string, type: string): AlarmRecord | undefined {
    return this.#active.get(alarmKey(sourceId, type))?.values().next().value;
  }

  /** Call it when the status of an alarm has changed. */
  settle(alarm: AlarmRecord): void {
    const key = alarmKey(alarm.sourceId, String(alarm.fragments['type']));
    const same = this.#active.get(key);
    if (isCleared(alarm)) {
      same?.delete(alarm.id);
      if (same?.size === 0) this.#active.delete(key);
    } else if (same === undefined) this.#active.set(key, new Map([[alarm.id, alarm]]));
    else same.set(alarm.id, alarm);
  }

  override set(id: string, alarm: AlarmRecord): this {
    super.set(id, alarm);
    this.settle(alarm);
    return this;
  }

  override delete(id: string): boolean {
    const alarm = this.get(id);
    if (alarm === undefined) return false;
    this.#active.get(alarmKey(alarm.sourceId, String(alarm.fragments['type'])))?.delete(id);
    return super.delete(id);
  }

  override clear(): void {
    this.#active.clear();
    super.clear();
  }
}

function isCleared({ fragments }: AlarmRecord): boolean {
  return fragments['status'] === 'CLEARED';
}

function alarmKey(sourceId: string, type: string): string {
  return `${sourceId} ${type}`;
}
