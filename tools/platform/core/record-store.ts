// SPDX-License-Identifier: Apache-2.0
/** Bounded stores for measurements, events, alarms and operations, which find the records of one device. */

import { invalid } from '../http/http.ts';
import type { AlarmRecord } from '../model.ts';
import { Watched } from './watched.ts';

interface StoreOptions<T> {
  /** Id of the device that a record belongs to. */
  readonly deviceOf: (record: T) => string;
  /** Most records per device, as long as there are few devices. */
  readonly maxPerDevice: number;
  /** Approximate total; with many devices, each has its share. */
  readonly maxTotal: number;
  /** Whether the record may be dropped to make room. Default: always. */
  readonly mayGo?: (record: T) => boolean;
  /** Called once per device, when its first record is dropped to make room. */
  readonly onFull: (deviceId: string, most: number) => void;
}

const LEAST_PER_DEVICE = 10;
const MOST_AT_ONCE = 100;

/** Records by id, in order of arrival. */
export class RecordStore<T extends { readonly id: string }> extends Watched<T> {
  readonly #options: StoreOptions<T>;
  readonly #byDevice = new Map<string, Map<string, T>>();
  readonly #full = new Set<string>();
  #kept = 0;

  constructor(options: StoreOptions<T>) {
    super();
    this.#options = options;
  }

  /** The records of one device, in order of arrival. */
  of(deviceId: string): Iterable<T> {
    return this.#byDevice.get(deviceId)?.values() ?? [];
  }

  /** Number of all records so far, including dropped ones. */
  get total(): number {
    return this.#kept;
  }

  /**
   * Stores a new record and drops the oldest droppable ones of its device if necessary. Throws when none may be
   * dropped.
   */
  keep(record: T): T {
    const { deviceOf, onFull } = this.#options;
    const deviceId = deviceOf(record);
    const own = this.#byDevice.get(deviceId);
    const most = this.#share;
    if (own !== undefined && own.size >= most) {
      // Each new device makes the shares smaller, so several records may have to go, but not too many at once.
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

/** The store of alarms. Uncleared alarms are found by source and type, and are never dropped. */
export class AlarmStore extends RecordStore<AlarmRecord> {
  readonly #active = new Map<string, Map<string, AlarmRecord>>();

  constructor(options: Pick<StoreOptions<AlarmRecord>, 'maxPerDevice' | 'maxTotal' | 'onFull'>) {
    super({ ...options, deviceOf: ({ sourceId }) => sourceId, mayGo: isCleared });
  }

  /** The active alarm of this source and type, which a new one would only repeat. */
  active(sourceId: string, type: string): AlarmRecord | undefined {
    return this.#active.get(alarmKey(sourceId, type))?.values().next().value;
  }

  /** Must be called when the status of an alarm has changed. */
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
