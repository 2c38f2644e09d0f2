/** One device in a world of its own, at the beginning of a scenario, and what people do with it. */

import { createRandom } from '../../hal/common/random.ts';
import type { FakeMachineOptions } from '../../hal/fake/machine.ts';
import { FakeNetwork } from '../../hal/fake/network.ts';
import { VirtualTime } from '../../hal/fake/time.ts';
import type { RawConfig } from '../../src/index.ts';
import type { JsonObject, Operation } from '../platform/model.ts';
import { createOperation, findDevice, setTenantOption, trustAuthority } from '../platform/operator.ts';
import { restoreSnapshot, type TenantSnapshot, takeSnapshot } from '../platform/snapshot.ts';
import type { SimulatedDevice } from './device.ts';
import { CERTIFIED_ID, type Identity } from './identity.ts';
import { Plant } from './plant.ts';
import type { Scenario } from './scenario.ts';
import { World, type WorldOptions } from './world.ts';

/** A board that is known, and the tenant that knows it. */
interface Past {
  readonly tenant: TenantSnapshot;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly nor: Uint8Array | undefined;
  readonly bootCount: number;
  readonly epochMs: number;
  readonly samples: number;
}

export interface LifeOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** For scenarios with a certificate. */
  readonly identity: Identity;
  readonly keepExchanges?: number | undefined;
  /** Calls into the HAL are counted, which takes time. */
  readonly countsCalls?: boolean | undefined;
}

const CONFIG: RawConfig = { measurementInterval: '20', pollTimeout: '60' };
const NOR = { sectorBytes: 512, sectors: 16 };
const NEW_BOARD = { serialNumber: 'fake-new', mac: '0200000000fb' };
const PATIENCE_MS = 600_000;
/** Lives with the same past need it only once. */
const pasts = new Map<string, Past>();

/** What a seed decides about a world, beside chance itself. */
function variant(seed: number): { config: RawConfig; withNor: boolean } & Pick<WorldOptions, 'pieces' | 'latencyMs'> {
  return {
    config: seed % 4 === 0 ? { connections: '1' } : {},
    withNor: seed % 8 !== 7,
    pieces: seed % 3 === 0 ? 'random' : 'whole',
    latencyMs: seed % 5 === 0 ? 300 : 20,
  };
}

export class Life {
  readonly scenario: Scenario;
  readonly world: World;
  readonly device: SimulatedDevice;
  readonly plant: Plant;
  /** Chance for what is done to it; its own chance is the world's. */
  readonly random: () => number;
  readonly operations: Operation[] = [];
  #actMs = 0;
  #actRequests = 0;

  constructor({ scenario, seed, identity, keepExchanges = 0, countsCalls = false }: LifeOptions) {
    this.scenario = scenario;
    this.random = createRandom(seed * 7919 + 17);
    this.plant = new Plant({ children: scenario.children });
    const past = scenario.begin === 'new' && scenario.replaced !== true ? undefined : pastOf(scenario, seed, identity);
    this.plant.samples = past?.samples ?? 0;
    this.world = createWorld({ scenario, seed, identity, plant: this.plant, past, keepExchanges, countsCalls });
    this.device = this.world.device;
    if (scenario.begin === 'listening') {
      this.world.start();
      this.world.runUntil(() => this.listening && this.plant.samples > 0, PATIENCE_MS);
      this.world.run(1500);
    }
  }

  /** The scenario begins: people act, and what does not run is turned on. */
  begin(): void {
    this.#actMs = this.world.time.nowMs;
    this.#actRequests = this.world.requests;
    this.scenario.act?.(this);
    this.world.start();
  }

  /** What the scenario is about has come to its end. */
  get done(): boolean {
    const { scenario } = this;
    return this.operations.every(isEnded) && this.complete && this.listening && (scenario.done?.(this) ?? true);
  }

  get msSinceAct(): number {
    return this.world.time.nowMs - this.#actMs;
  }

  get requestsSinceAct(): number {
    return this.world.requests - this.#actRequests;
  }

  /** The platform holds a poll of it. */
  get listening(): boolean {
    if (!this.device.powered) return false;
    for (const session of this.world.platform.core.sessions.values()) if (session.hold !== undefined) return true;
    return false;
  }

  /** It and its children are registered, in their places. */
  get complete(): boolean {
    const { object } = this.world;
    if (object === undefined) return false;
    const { childDevices } = object.children;
    return (this.scenario.children ?? []).every((child) => {
      const found = this.childId(child);
      return found !== undefined && childDevices.has(found);
    });
  }

  childId(child: string): string | undefined {
    return findDevice(this.world.platform, `${this.device.deviceId}:${child}`)?.id;
  }

  /** People order something of the device or a child. */
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

interface WorldParts extends Required<LifeOptions> {
  readonly plant: Plant;
  readonly past: Past | undefined;
}

function createWorld({ scenario, seed, identity, plant, past, keepExchanges, countsCalls }: WorldParts): World {
  const { config, withNor, pieces, latencyMs } = variant(seed);
  const { certificate = false, replaced = false } = scenario;
  const machine: FakeMachineOptions = {
    nor: withNor ? NOR : undefined,
    bootCount: replaced ? 0 : past?.bootCount,
    ...(replaced && { board: NEW_BOARD }),
    ...(certificate && { resources: identity.resources }),
  };
  const world = new World({
    seed,
    app: plant.app,
    pieces,
    latencyMs,
    keepExchanges,
    countsCalls,
    network: new FakeNetwork(new VirtualTime(past?.epochMs)),
    config: {
      ...CONFIG,
      ...config,
      ...scenario.config,
      deviceId: CERTIFIED_ID,
      ...(certificate && {
        ...{ auth: 'certificate', certificate: 'certificate', privateKey: 'privateKey', sendChain: 'no' },
        bootstrapPassword: undefined,
      }),
    },
    machine,
  });
  if (past !== undefined) recall(world, past, replaced);
  else if (certificate) {
    trustAuthority(world.platform, identity.authority);
    setTenantOption(world.platform, 'oauth.internal', 'device-token.lifespan.seconds', 3600);
  }
  return world;
}

function recall(world: World, past: Past, replaced: boolean): void {
  restoreSnapshot(world.platform.core, past.tenant);
  if (replaced) return;
  const { flash, nor } = world.device.machine;
  for (const [name, value] of past.values) flash.values.set(name, value.slice());
  if (past.nor !== undefined) nor?.bytes.set(past.nor);
}

/** A cold start in peace, once for all lives that follow on it. */
function pastOf(scenario: Scenario, seed: number, identity: Identity): Past {
  const children = scenario.known ?? scenario.children;
  const { certificate = false } = scenario;
  const { withNor } = variant(seed);
  const key = JSON.stringify([children, certificate, withNor]);
  let past = pasts.get(key);
  if (past === undefined) {
    const cold: Scenario = { name: 'past', meaning: '', begin: 'new', certificate, ...(children && { children }) };
    // The seed is another one, but one that decides the same.
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
    samples: plant.samples,
    // As if it had been off for an hour.
    epochMs: world.time.epochMs + 3_600_000,
  };
}
