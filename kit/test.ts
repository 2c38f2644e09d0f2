// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/test`: tests of an app. A `World` is a platform and boards in one process and one virtual time: hours pass
 * in milliseconds, and the same seed gives the same run, byte for byte.
 */

import { narrowed } from '../src/narrowed.ts';
import { declared } from '../tools/author/declared.ts';
import { Samples } from '../tools/author/sampled.ts';
import type { AlarmRecord, DataRecord, EventRecord, JsonObject, Operation } from '../tools/platform/model.ts';
import { alarmsOf, createOperation, eventsOf, measurementsOf } from '../tools/platform/operator.ts';
import type { Rule } from '../tools/platform/rules.ts';
import type { SimulatedDevice } from '../tools/simulate/machine/device.ts';
import { type DeviceOptions, World as SimulatedWorld } from '../tools/simulate/machine/world.ts';

export type { CutPoint } from '../hal/fake/flash.ts';
export type { FakeMachine } from '../hal/fake/machine.ts';
export type { FakeNetwork } from '../hal/fake/network.ts';
export type { FakeMachineOptions } from '../hal/fake/options.ts';
export type { VirtualTime } from '../hal/fake/time.ts';
export type { Fault } from '../tools/platform/faults.ts';
export type { AlarmRecord, DataRecord, EventRecord, ManagedObject, Operation } from '../tools/platform/model.ts';
export type { Platform } from '../tools/platform/platform.ts';
export type { SimulatedDevice } from '../tools/simulate/machine/device.ts';
export type { DeviceOptions, PlatformSettings, WorldOptions } from '../tools/simulate/machine/world.ts';
export type { Exchange } from '../tools/simulate/wire/bridge.ts';
export * from './operator.ts';

/** Time for a registration, which takes some seconds, including children. */
const REGISTRATION_MS = 60_000;

/** Virtual time between two looks for promises. */
const PROMISE_MS = 100;

/** To whom an operation goes, and how long it may take. */
export interface OperateOptions {
  /** Default: the first board. */
  readonly objectId?: string;
  /** Default: a minute. */
  readonly withinMs?: number;
}

/** What the sensors of each board give; `add` is called before the members of a `World` of ours are there. */
const SAMPLES = new WeakMap<SimulatedDevice, Samples>();

/** The world of the simulator, with functions for the tests of authors. */
export class World extends SimulatedWorld {
  /** Adds a board on the same platform. Its app gets only the members of the HAL that are for apps, and its declarations are checked. */
  override add({ app, ...options }: DeviceOptions): SimulatedDevice {
    const samples = new Samples();
    const device = super.add({ ...options, app: app && narrowed(declared(app, samples)) });
    SAMPLES.set(device, samples);
    return device;
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

  /**
   * Ends the world: throws when a device broke a rule of the platform (except the allowed ones), a secret leaked, or an alarm
   * rule follows a name that no sample of its sensor has.
   */
  override finish(allowed: readonly Rule[] = []): void {
    for (const device of this.devices) this.troubles.push(...(SAMPLES.get(device)?.troubles ?? []));
    super.finish(allowed);
  }

  /**
   * Sends an operation and lets time pass until it has ended. Throws when it does not end within `withinMs`. For an app
   * whose handler or command gives a promise use `operateAsync`: no promise goes on in between.
   */
  operate(fragments: JsonObject, options: OperateOptions = {}): Operation {
    const { objectId = this.objectId, withinMs = REGISTRATION_MS } = options;
    const operation = createOperation(this.platform, objectId, fragments);
    this.runUntil(() => hasEnded(operation), withinMs);
    return operation;
  }

  /** As `operate`, and promises of the app go on in between. Rejects where that throws. */
  async operateAsync(fragments: JsonObject, options: OperateOptions = {}): Promise<Operation> {
    const { objectId = this.objectId, withinMs = REGISTRATION_MS } = options;
    const operation = createOperation(this.platform, objectId, fragments);
    const endMs = this.time.nowMs + withinMs;
    while (!hasEnded(operation) && this.time.nowMs < endMs) {
      // A promise goes on when nothing of this process runs; virtual time does not wait for that.
      await new Promise((resolve) => setImmediate(resolve));
      this.run(PROMISE_MS);
    }
    this.runUntil(() => hasEnded(operation), 0);
    return operation;
  }
}

function hasEnded({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}
