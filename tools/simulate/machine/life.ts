// SPDX-License-Identifier: Apache-2.0
/** One device in its own world, at the beginning of a scenario, with the actions of people. */

import { createRandom } from '../../../hal/common/random.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import { takeSnapshot } from '../../platform/core/snapshot.ts';
import type { AlarmRecord, JsonObject, Operation } from '../../platform/model.ts';
import { alarmsOf, createOperation, findDevice, measurementsOf } from '../../platform/operator.ts';
import type { SimulatedDevice } from './device.ts';
import type { Identity } from './identity.ts';
import { createWorld, INTERVAL_S, type Past, type Setting, variant } from './life-world.ts';
import { BOARD, Plant, TROUBLE } from './plant.ts';
import type { World } from './world.ts';

/** A scenario: the beginning of a life, the actions of people, and its end. */
export interface Scenario extends Setting {
  readonly name: string;
  readonly meaning: string;
  /**
   * `new`: an empty board; `start`: a known board that starts; `listening`: a board that listens. Everything after that
   * may be disturbed.
   */
  readonly begin: 'new' | 'start' | 'listening';
  readonly children?: readonly string[];
  /** Children that existed before. Default: `children`. */
  readonly known?: readonly string[];
  /** The platform has lost the device's object with all its data. */
  readonly forgets?: boolean;
  /** A person ends an operation while the device works on it, without the device being told. */
  readonly cancels?: boolean;
  /** The platform sets an operation back to PENDING that the device has begun. */
  readonly takesBack?: boolean;
  /** The app reports its alarm once, and relies on the agent. */
  readonly tellsOnce?: boolean;
  /** Actions before anything else, also in the past of a known device. */
  prepare?(life: Life): void;
  /** Temporary error of the platform's time, ms. */
  readonly skewMs?: number;
  /** The actions of people. */
  act?(life: Life): void;
  /** Whether the scenario has reached its end. */
  done?(life: Life): boolean;
  /** @throws Error when the end is wrong although no request was refused */
  check?(life: Life): void;
}

export interface LifeOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** For scenarios with a certificate. */
  readonly identity: Identity;
  readonly keepExchanges?: number | undefined;
  /** Counts calls into the HAL, which takes time. */
  readonly countsCalls?: boolean | undefined;
  /** Called with the world before anything happens in it. */
  readonly onWorld?: ((world: World) => void) | undefined;
}

/** Seconds between samples after the operation that changes them. */
const CHANGED_INTERVAL_S = 30;
export const CHANGED = `measurementInterval=${CHANGED_INTERVAL_S}`;
const PATIENCE_MS = 600_000;
/** Cache of pasts, which several lives share. */
const pasts = new Map<string, Past>();

export class Life {
  readonly scenario: Scenario;
  readonly world: World;
  readonly device: SimulatedDevice;
  readonly plant: Plant;
  /** Random source of the faults; the device's own is that of the world. */
  readonly random: () => number;
  readonly operations: Operation[] = [];
  #actMs = 0;
  #actRequests = 0;

  constructor({ scenario, seed, identity, keepExchanges = 0, countsCalls = false, onWorld }: LifeOptions) {
    this.scenario = scenario;
    this.random = createRandom(seed * 7919 + 17);
    const past = scenario.begin === 'new' && scenario.replaced !== true ? undefined : pastOf(scenario, seed, identity);
    const time = new VirtualTime(past?.epochMs);
    this.plant = new Plant({ time, children: scenario.children, past: past?.plant });
    this.world = createWorld({ scenario, seed, identity, time, plant: this.plant, past, keepExchanges, countsCalls });
    this.device = this.world.device;
    this.plant.machine = this.device.machine;
    onWorld?.(this.world);
    if (past === undefined) scenario.prepare?.(this);
    if (scenario.begin === 'listening') {
      this.world.start();
      this.world.runUntil(() => this.listening && this.plant.samples > 0, PATIENCE_MS);
      this.world.run(1500);
    }
  }

  /** Begins the scenario: people act, and devices that are off are switched on. */
  begin(): void {
    this.#actMs = this.world.time.nowMs;
    this.#actRequests = this.world.requests;
    this.scenario.act?.(this);
    this.world.start();
  }

  /** Whether the scenario has reached its end. */
  get done(): boolean {
    const { scenario } = this;
    const isLeft = !this.operations.every(isEnded);
    return !isLeft && this.complete && this.listening && (scenario.done?.(this) ?? true);
  }

  /** Seconds between samples in the last configuration. */
  get intervalS(): number {
    const isChanged = ({ status, fragments }: Operation) =>
      status === 'SUCCESSFUL' && JSON.stringify(fragments).includes(CHANGED);
    const firstS = Number(this.scenario.config?.['measurementInterval'] ?? INTERVAL_S);
    return this.operations.some(isChanged) ? CHANGED_INTERVAL_S : firstS;
  }

  get msSinceAct(): number {
    return this.world.time.nowMs - this.#actMs;
  }

  get requestsSinceAct(): number {
    return this.world.requests - this.#actRequests;
  }

  /** Whether the platform holds a poll of the device. */
  get listening(): boolean {
    if (!this.device.powered) return false;
    for (const session of this.world.platform.core.sessions.values()) if (session.hold !== undefined) return true;
    return false;
  }

  /** Whether the device and its children are registered, with their references. */
  get complete(): boolean {
    const { object } = this.world;
    if (object === undefined) return false;
    const { childDevices } = object.children;
    return (this.scenario.children ?? []).every((child) => {
      const found = this.childId(child);
      return found !== undefined && childDevices.has(found);
    });
  }

  /** Whether the newest samples of all sources have arrived; the last of each may be in transit. */
  get caughtUp(): boolean {
    const { plant, world, scenario } = this;
    if (scenario.forgets === true) return true;
    return [...plant.taken].every(([source, taken]) => {
      const id = source === BOARD ? world.object?.id : this.childId(source);
      const last = measurementsOf(world.platform, id ?? '').at(-1)?.fragments['level'];
      return taken.length < 2 || ((last as { L: { value: number } } | undefined)?.L.value ?? 0) >= taken.length - 1;
    });
  }

  childId(child: string): string | undefined {
    return findDevice(this.world.platform, `${this.device.deviceId}:${child}`)?.id;
  }

  /** Calls `act` `afterMs` after `condition` holds, which is checked every second. */
  when(condition: (life: Life) => boolean, afterMs: number, act: () => void): void {
    const { time } = this.world;
    time.schedule(1000, () => {
      if (condition(this)) time.schedule(afterMs, act);
      else this.when(condition, afterMs, act);
    });
  }

  /** Creates an operation for the device or a child, as a person does. */
  order(fragments: JsonObject, child?: string): Operation {
    const id = child === undefined ? this.world.object?.id : this.childId(child);
    if (id === undefined) throw new Error(`there is no device to order ${Object.keys(fragments)} of`);
    const operation = createOperation(this.world.platform, id, fragments);
    this.operations.push(operation);
    return operation;
  }
}

export function isEnded({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}

/** The active alarms of the app on the platform. */
export function activeAlarms({ world }: Pick<Life, 'world'>): AlarmRecord[] {
  return alarmsOf(world.platform, world.object?.id ?? '').filter(
    ({ fragments }) => fragments['type'] === TROUBLE && fragments['status'] !== 'CLEARED',
  );
}

/** An undisturbed cold start, run once for all lives that continue from it. */
function pastOf(scenario: Scenario, seed: number, identity: Identity): Past {
  const children = scenario.known ?? scenario.children;
  const { certificate = false, enrols = false, config, prepare, certificateLifeMs } = scenario;
  const { withNor } = variant(seed);
  const key = JSON.stringify([children, certificate, enrols && certificateLifeMs, withNor]);
  let past = pasts.get(key);
  if (past === undefined) {
    const cold: Scenario = {
      ...{ name: 'past', meaning: '', begin: 'new', certificate },
      ...(children && { children }),
      ...(enrols && { enrols, ...(config && { config }), ...(prepare && { prepare }), certificateLifeMs }),
    };
    // Another seed, which selects the same properties.
    past = live(new Life({ scenario: cold, seed: withNor ? 1 : 7, identity }));
    pasts.set(key, past);
  }
  return past;
}

function live(life: Life): Past {
  const { world, device, plant } = life;
  life.begin();
  world.runUntil(() => life.done, PATIENCE_MS);
  world.run(5000);
  world.stop();
  world.finish();
  const { flash, nor, bootCount } = device.machine;
  return {
    tenant: takeSnapshot(world.platform.core),
    values: new Map(flash.values),
    nor: nor?.bytes.slice(),
    bootCount,
    plant,
    // The board has been off for an hour.
    epochMs: world.time.epochMs + 3_600_000,
  };
}
