// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/test`: an app under test. A `World` is a platform and boards in one process and one virtual time: hours pass in
 * milliseconds, and the same seed gives the same life, to the byte.
 */

import { narrowed } from '../src/narrowed.ts';
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

/** Registration, children and all, takes some seconds. */
const REGISTRATION_MS = 60_000;

/** What an author's test asks for, on top of the world that the simulator has. */
export class World extends SimulatedWorld {
  /** One more board on the same platform. Its app gets of the machine what is for apps. */
  override add({ app, ...options }: DeviceOptions): SimulatedDevice {
    return super.add({ ...options, app: app && narrowed(app) });
  }

  /** Switches all boards on and lets time pass until the first is registered; returns the id of its managed object. */
  connect(): string {
    this.start();
    this.runUntil(() => this.object !== undefined, REGISTRATION_MS);
    return this.objectId;
  }

  /** Of the first board; throws when it is not registered. */
  get objectId(): string {
    if (this.object === undefined) throw new Error(`${this.device.deviceId} is not registered`);
    return this.object.id;
  }

  /** Of the first board, in the order they came. */
  get measurements(): readonly DataRecord[] {
    return measurementsOf(this.platform, this.objectId);
  }

  /** Of the first board, in the order they came. */
  get events(): readonly EventRecord[] {
    return eventsOf(this.platform, this.objectId);
  }

  /** Of the first board, in the order they were raised. */
  get alarms(): readonly AlarmRecord[] {
    return alarmsOf(this.platform, this.objectId);
  }

  /** Sends an operation and lets time pass until it has ended. Throws when it has not within `withinMs`. */
  operate(fragments: JsonObject, options: { readonly objectId?: string; readonly withinMs?: number } = {}): Operation {
    const { objectId = this.objectId, withinMs = REGISTRATION_MS } = options;
    const operation = createOperation(this.platform, objectId, fragments);
    this.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', withinMs);
    return operation;
  }
}
