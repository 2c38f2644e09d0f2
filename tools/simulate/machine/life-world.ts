// SPDX-License-Identifier: Apache-2.0
/** The world of a life before it begins, from its scenario, its seed and its past. */

import { FakeNetwork } from '../../../hal/fake/network.ts';
import type { FakeMachineOptions } from '../../../hal/fake/options.ts';
import type { VirtualTime } from '../../../hal/fake/time.ts';
import type { RawConfig } from '../../../src/index.ts';
import { restoreSnapshot, type TenantSnapshot } from '../../platform/core/snapshot.ts';
import { setTenantOption, trustAuthority } from '../../platform/operator.ts';
import { capabilitiesOf, type Equipment, equippedApp, machineOf, settingsOf } from './equipment.ts';
import { CERTIFIED_ID, type Identity } from './identity.ts';
import type { Plant, PlantPast } from './plant.ts';
import { World, type WorldOptions } from './world.ts';

/** The members of a scenario that shape its world. */
export interface Setting extends Equipment {
  readonly config?: RawConfig;
  /** The device authenticates with a certificate. */
  readonly certificate?: boolean;
  /** The board was replaced by a new one with the same device id. */
  readonly replaced?: boolean;
}

/** The state of a known board and of its tenant. */
export interface Past {
  readonly tenant: TenantSnapshot;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly nor: Uint8Array | undefined;
  readonly bootCount: number;
  readonly epochMs: number;
  readonly plant: PlantPast;
}

/** Seconds between samples, unless a scenario changes them. */
export const INTERVAL_S = 20;
const CONFIG: RawConfig = { measurementInterval: String(INTERVAL_S), pollTimeout: '60' };
const NOR = { sectorBytes: 512, sectors: 16 };
const NEW_BOARD = { serialNumber: 'fake-new', mac: '0200000000fb' };

/** The properties of a world that a seed selects, in addition to randomness. */
export function variant(
  seed: number,
): { config: RawConfig; withNor: boolean } & Pick<WorldOptions, 'pieces' | 'latencyMs'> {
  return {
    config: seed % 4 === 0 ? { connections: '1' } : {},
    withNor: seed % 8 !== 7,
    pieces: seed % 3 === 0 ? 'random' : 'whole',
    latencyMs: seed % 5 === 0 ? 300 : 20,
  };
}

interface WorldParts extends Pick<WorldOptions, 'keepExchanges' | 'countsCalls'> {
  readonly seed: number;
  readonly scenario: Setting;
  /** For scenarios with a certificate. */
  readonly identity: Identity;
  readonly time: VirtualTime;
  readonly plant: Plant;
  readonly past: Past | undefined;
}

/** Creates the world. The board is off; its flash and the tenant are as in the past. */
export function createWorld(parts: WorldParts): World {
  const { scenario, seed, identity, time, plant, past, keepExchanges, countsCalls } = parts;
  const { config, withNor, pieces, latencyMs } = variant(seed);
  const { certificate = false, replaced = false } = scenario;
  const machine: FakeMachineOptions = {
    nor: withNor ? NOR : undefined,
    bootCount: replaced ? 0 : past?.bootCount,
    ...(replaced && { board: NEW_BOARD }),
    ...machineOf(scenario),
    ...(certificate && { resources: identity.resources }),
  };
  const world: World = new World({
    seed,
    app: equippedApp(scenario, plant, () => world.device.machine.modules.place),
    pieces,
    latencyMs,
    keepExchanges,
    countsCalls,
    network: new FakeNetwork(time),
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
    capabilities: capabilitiesOf(scenario, plant),
    platform: { settings: settingsOf(scenario) },
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
