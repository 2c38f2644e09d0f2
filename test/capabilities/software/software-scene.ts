// SPDX-License-Identifier: Apache-2.0
/** A board with a mod slot, working and broken mods, and the operations on them. */

import type { ExecutionContext } from 'ava';
import { isWhole } from '../../../hal/esp32/mods/archive.ts';
import { type Mod, withMod } from '../../../hal/esp32/mods/mod.ts';
import type { PartitionIo } from '../../../hal/esp32/platform.ts';
import { CAPABILITIES, software } from '../../../src/capabilities/index.ts';
import type { App } from '../../../src/index.ts';
import type { Json, JsonObject, Operation } from '../../../tools/platform/model.ts';
import { createBinary, createOperation } from '../../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { objectOf, settle } from '../../agent/scene.ts';
import { MemoryValues } from '../../support/memory-values.ts';
import { archive, createMd5, idOf } from '../../support/mod-archives.ts';

export const CAPACITY_BYTES = 4000;
export const minuteMs = 60_000;

/** The behaviour of mods, by their archives. */
const mods = new Map<string, Mod>();

/** An archive of this many bytes with a mod in it. */
export function modOf(seed: number, mod: Mod = () => {}, length = 1500): Uint8Array {
  const bytes = archive(length, seed);
  mods.set(idOf(bytes), mod);
  return bytes;
}

/** A world whose board loads the mod in its slot, like an author's board; it listens. */
export function createScene(t: ExecutionContext, options: WorldOptions = {}, own: App = () => {}): World {
  const world: World = new World({
    capabilities: [...CAPABILITIES, software()],
    ...options,
    machine: { modulesBytes: CAPACITY_BYTES, ...options.machine },
    app: withMod({
      app: own,
      slot: placeOf(() => world.device.machine.modules.place),
      modules: {
        archive: ['mod'],
        importNow: () => mods.get(idOf(world.device.machine.modules.place ?? new Uint8Array(64))),
      },
      values: new MemoryValues(),
    }),
  });
  world.device.machine.modules.isWhole = (bytes) =>
    isWhole((count, at) => bytes.slice(at, at + count).buffer as ArrayBuffer, bytes.length, createMd5());
  t.teardown(() => world.finish());
  world.start();
  settle(world);
  return world;
}

function placeOf(place: () => Uint8Array | undefined): PartitionIo {
  return {
    status: () => ({ size: 8192, blockLength: 4096 }),
    eraseBlock() {},
    read: (count, at) => (place() ?? new Uint8Array(64).fill(0xff)).slice(at, at + count).buffer as ArrayBuffer,
    write() {},
  };
}

/** Stores a file on the platform; returns its address. */
export function upload(world: World, content: Uint8Array | string): string {
  const { id } = createBinary(world.platform, Buffer.from(content));
  return `https://platform.test/inventory/binaries/${id}`;
}

/** The newer version of the package that `install` has installed, or the one to remove. */
export const packageOf = (url: string, action = 'install') => [{ name: 'cellar', version: '2.0', url, action }];

export function order(world: World, packages: Json): Operation {
  return createOperation(world.platform, objectOf(world).id, { c8y_SoftwareUpdate: packages });
}

export function isEnded({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}

/** Orders the operation and waits for its end. */
export function update(world: World, packages: Json): Operation {
  const operation = order(world, packages);
  world.runUntil(() => isEnded(operation), 60 * minuteMs);
  world.run(2000);
  return operation;
}

export function install(world: World, content: Uint8Array | string, more: JsonObject = {}): Operation {
  const url = upload(world, content);
  return update(world, [{ name: 'cellar', version: '1.0', url, softwareType: 'mod', action: 'install', ...more }]);
}

/** Name and version as the platform shows them, without the software of the firmware. */
export function listed(world: World): string[] {
  const { c8y_SoftwareList: list, c8y_Software: byName } = objectOf(world).fragments;
  const packages = list as { name: string; version: string }[];
  const shown = packages.map(({ name, version }) => `${name} ${version}`);
  const named = Object.entries(byName as JsonObject).map(([name, version]) => `${name} ${version}`);
  if (JSON.stringify(shown) !== JSON.stringify(named)) throw new Error(`${shown} in the list, by name ${named}`);
  return shown.filter((each) => !each.startsWith('fractus '));
}
