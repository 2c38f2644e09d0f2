// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/test`: tests of an app. A `World` is a platform and boards in one process and one virtual time: hours pass
 * in milliseconds, and the same seed gives the same run, byte for byte.
 */

import { narrowed } from '../src/narrowed.ts';
import { declared } from '../tools/author/declared.ts';
import type { AlarmRecord, DataRecord, EventRecord, JsonObject, Operation } from '../tools/platform/model.ts';
import { alarmsOf, createOperation, eventsOf, measurementsOf } from '../tools/platform/operator.ts';
import type { SimulatedDevice } from '../tools/simulate/device.ts';
import { type DeviceOptions, World as SimulatedWorld } from '../tools/simulate/world.ts';

export type { CutPoint } from '../hal/fake/flash.ts';
export type { FakeMachine } from '../hal/fake/machine.ts';
export type { FakeNetwork } from '../hal/fake/network.ts';
export type { FakeMachineOptions } from '../hal/fake/options.ts';
export type { VirtualTime } from '../hal/fake/time.ts';
export type { Fault } from '../tools/platform/faults.ts';
export type { AlarmRecord, DataRecord, EventRecord, ManagedObject, Operation } from '../tools/platform/model.ts';
export type { Platform } from '../tools/platform/platform.ts';
export type { Exchange } from '../tools/simulate/bridge.ts';
export type { SimulatedDevice } from '../tools/simulate/device.ts';
export type { DeviceOptions, PlatformSettings, WorldOptions } from '../tools/simulate/world.ts';
export * from './operator.ts';

/** Time for a registration, which takes some seconds, including children. */
const REGISTRATION_MS = 60_000;

/** The world of the simulator, with functions for the tests of authors. */
export class World extends SimulatedWorld {
  /** Adds a board on the same platform. Its app gets only the members of the HAL that are for apps, and its declarations are checked. */
  override add({ app, ...options }: DeviceOptions): SimulatedDevice {
    return super.add({ ...options, app: app && narrowed(declared(app)) });
  }

  /** Switches all boards on and lets time pass until the first is registered; returns the id of its managed object. */
  connect(): string {
    this.start();
    this.runUntil(() => this.object !== undefined, REGISTRATION_MS);
    return this.objectId;
  }

  /** Id of the managed object of the first board; throws when it is not registered. */
  get objectId(): string {
    if (this.object === undefined) throw new Error(`${this.device.deviceId} is not registered`);
    return this.object.id;
  }

  /** Measurements of the first board, in order of arrival. */
  get measurements(): readonly DataRecord[] {
    return measurementsOf(this.platform, this.objectId);
  }

  /** Events of the first board, in order of arrival. */
  get events(): readonly EventRecord[] {
    return eventsOf(this.platform, this.objectId);
  }

  /** Alarms of the first board, in the order in which they were raised. */
  get alarms(): readonly AlarmRecord[] {
    return alarmsOf(this.platform, this.objectId);
  }

  /** Sends an operation and lets time pass until it has ended. Throws when it does not end within `withinMs`. */
  operate(fragments: JsonObject, options: { readonly objectId?: string; readonly withinMs?: number } = {}): Operation {
    const { objectId = this.objectId, withinMs = REGISTRATION_MS } = options;
    const operation = createOperation(this.platform, objectId, fragments);
    this.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', withinMs);
    return operation;
  }
}
