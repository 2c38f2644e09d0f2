// SPDX-License-Identifier: Apache-2.0
/** A mod for a simulated machine, and the checks after its installation. */

import { installedSoftware } from '../../platform/inventory/software.ts';
import type { JsonObject, Operation } from '../../platform/model.ts';
import { createBinary } from '../../platform/operator.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { platformUrl, type World } from '../machine/world.ts';

const FRAGMENT = 'c8y_SoftwareUpdate';
const NAME = 'cellar';
const VERSION = '1.0';
const FIRMWARE = 'fractus';
/** Large enough for several pieces on the network. */
const ARCHIVE_BYTES = 9000;

/** An archive with the members that a fake machine reads. */
function archive(): Uint8Array {
  const bytes = Buffer.alloc(ARCHIVE_BYTES, 7);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write('XS_A', 4, 'latin1');
  return bytes;
}

/** Uploads and orders a mod, as a person does. */
function orderSoftware(life: Life): void {
  life.order({ [FRAGMENT]: [uploadSoftware(life)] });
}

/** Uploads the mod; returns the element of its operation. */
export function uploadSoftware(life: Pick<Life, 'world'>): JsonObject {
  const { id } = createBinary(life.world.platform, archive());
  const url = `${platformUrl}/inventory/binaries/${id}`;
  return { name: NAME, version: VERSION, url, softwareType: 'mod', action: 'install' };
}

/** The running mod agrees with the operation and the software list. */
export function checkSoftware(life: Life): void {
  const { device, world, operations } = life;
  const { place } = device.machine.modules;
  const ordered = operations.find(
    ({ fragments }) => fragments[FRAGMENT] !== undefined || fragments['c8y_DeviceProfile'] !== undefined,
  ) as Operation;
  const runs = place !== undefined;
  if (ordered.status === 'SUCCESSFUL' && !runs)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and nothing runs`);
  const list = (world.object?.fragments['c8y_SoftwareList'] ?? []) as { name: string; version: string }[];
  // The firmware is in the list, too.
  const mods = list.filter(({ name }) => name !== FIRMWARE).map(({ name, version }) => `${name} ${version}`);
  if (!isNamed(mods, life))
    throw new Error(`I1: the mod ${runs ? 'runs' : 'does not run'}, and the list is ${JSON.stringify(list)}`);
  if (place !== undefined && Buffer.compare(place, archive()) !== 0)
    throw new Error('I1: what is in the place is another one');
}

/** Whether this is the running mod with its name and version, and nothing else. */
function isNamed(mods: readonly string[], { device, plant }: Life): boolean {
  if (device.machine.modules.place === undefined) return mods.length === 0;
  const names = [`${NAME} ${VERSION}`];
  // Flash that ignores the note of its name, and does not say so: the archive itself has a digest only.
  if (plant.harmedWrites() > 0) names.push('mod 7070707');
  return mods.length === 1 && names.includes(mods[0] ?? '');
}

/**
 * Whether the service knows the mod, and the device knows the service: after a long outage, either may take some
 * minutes.
 */
function isTold({ device, world }: Life): boolean {
  const told = installedSoftware(world.platform.core, world.object?.id ?? '');
  return (
    declaresTypes(world) &&
    told.some(({ softwareType }) => softwareType === 'mod') === (device.machine.modules.place !== undefined)
  );
}

/** The service has the running mod with its name and type. */
function checkAdvanced(life: Life): void {
  checkSoftware(life);
  const { device, world } = life;
  const { object } = world;
  const told = object === undefined ? [] : installedSoftware(world.platform.core, object.id);
  const mods = told.filter(({ softwareType }) => softwareType === 'mod');
  if (
    !isNamed(
      mods.map(({ name, version }) => `${name} ${version}`),
      life,
    )
  )
    throw new Error(
      `I1: the mod ${device.machine.modules.place === undefined ? 'does not run' : 'runs'}, and the service has ${JSON.stringify(told)}`,
    );
}

function declaresTypes({ object }: World): boolean {
  return JSON.stringify(object?.fragments['c8y_SupportedSoftwareTypes']) === '["mod"]';
}

export const SOFTWARE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'software',
    meaning: 'c8y_SoftwareUpdate: a mod is downloaded, runs after a restart, and is in the list',
    begin: 'listening',
    mods: true,
    act: orderSoftware,
    check: checkSoftware,
  },
  {
    name: 'software-advanced',
    meaning: 'the same in a tenant with the service advanced software management, which gets the list too',
    begin: 'listening',
    mods: true,
    advanced: true,
    act: orderSoftware,
    done: isTold,
    check: checkAdvanced,
  },
];
