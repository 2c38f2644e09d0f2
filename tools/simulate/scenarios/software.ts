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
export function checkSoftware({ device, world, plant, operations }: Life): void {
  const { place } = device.machine.modules;
  const ordered = operations.find(
    ({ fragments }) => fragments[FRAGMENT] !== undefined || fragments['c8y_DeviceProfile'] !== undefined,
  ) as Operation;
  const runs = place !== undefined;
  if (ordered.status === 'SUCCESSFUL' && !runs)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and nothing runs`);
  const list = (world.object?.fragments['c8y_SoftwareList'] ?? []) as { name: string; version: string }[];
  // After a harmed write, the mod may have a default name.
  const isHarmed = plant.harmedWrites() > 0;
  const isListed = list.some(
    ({ name, version }) => (name === NAME && version === VERSION) || (isHarmed && name === 'mod'),
  );
  if (isListed !== runs)
    throw new Error(`I1: the mod ${runs ? 'runs' : 'does not run'}, and the list is ${JSON.stringify(list)}`);
  if (place !== undefined && Buffer.compare(place, archive()) !== 0)
    throw new Error('I1: what is in the place is another one');
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
  const { device, world, plant } = life;
  const { object } = world;
  const isThere = device.machine.modules.place !== undefined;
  const told = object === undefined ? [] : installedSoftware(world.platform.core, object.id);
  const mods = told.filter(({ softwareType }) => softwareType === 'mod');
  const isRight = ({ name, version }: JsonObject) => name === NAME && version === VERSION;
  if (mods.length !== (isThere ? 1 : 0) || (plant.harmedWrites() === 0 && !mods.every(isRight)))
    throw new Error(`I1: the mod ${isThere ? 'runs' : 'does not run'}, and the service has ${JSON.stringify(told)}`);
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
