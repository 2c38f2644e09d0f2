// SPDX-License-Identifier: Apache-2.0
/** Orders for a child with firmware, software, a file and a log, and the checks after them. */

import { installedSoftware } from '../../platform/inventory/software.ts';
import type { JsonObject, Operation } from '../../platform/model.ts';
import { createBinary } from '../../platform/operator.ts';
import { applianceFile, BREAD, DIARY, FIRST_FIRMWARE, MENU, PROGRAM } from '../machine/appliance.ts';
import type { Life, Scenario } from '../machine/life.ts';
import { platformUrl } from '../machine/world.ts';
import { checkAttachments } from './bench-orders.ts';

const CHILD = 'meter';
const FIRMWARE = 'c8y_Firmware';
const SOFTWARE = 'c8y_SoftwareUpdate';
const PROFILE = 'c8y_DeviceProfile';
const LOG = 'c8y_LogfileRequest';
const NEW_FIRMWARE = { name: 'oven', version: '2' };
const IMAGE = applianceFile('code');
const CONTENT = applianceFile('knead');
const MENU_FILE = applianceFile('cake');
const RESTART_MS = 60_000;
const TOLD_MS = 15_000;

function urlOf({ world }: Life, content: Buffer): string {
  return `${platformUrl}/inventory/binaries/${createBinary(world.platform, content).id}`;
}

function program(life: Life): JsonObject {
  return { ...BREAD, url: urlOf(life, CONTENT), softwareType: PROGRAM, action: 'install' };
}

function orderFirmwareAndLog(life: Life): void {
  life.order({ [FIRMWARE]: { ...NEW_FIRMWARE, url: urlOf(life, IMAGE) } }, CHILD);
  life.order({ [LOG]: { logFile: DIARY, searchText: '', maximumLines: 10 } }, CHILD);
}

function orderProfile(life: Life): void {
  const profile = {
    firmware: { ...NEW_FIRMWARE, url: urlOf(life, IMAGE) },
    software: [program(life)],
    configuration: [{ name: 'sunday', type: MENU, url: urlOf(life, MENU_FILE) }],
  };
  life.order({ profileName: 'summer', profileId: '8', [PROFILE]: profile }, CHILD);
}

function orderedOf({ operations }: Life, name: string): Operation | undefined {
  return operations.find(({ fragments }) => fragments[name] !== undefined);
}

function objectOf(life: Life): JsonObject {
  return life.world.platform.core.objects.get(life.childId(CHILD) ?? '')?.fragments ?? {};
}

/** What the child has is whole and was ordered, and its object and its operations agree with it, also after a restart. */
function checkAppliance(life: Life): void {
  checkState(life, 'at the end');
  const log = orderedOf(life, LOG);
  if (log !== undefined) checkAttachments(life, LOG, log);
  life.device.reboot();
  life.world.run(RESTART_MS);
  if (life.plant.harmedWrites() === 0) checkState(life, 'after a restart');
}

function checkState(life: Life, when: string): void {
  const { firmware, image, programs } = life.plant.appliance;
  const isNew = firmware.version === NEW_FIRMWARE.version;
  const bread = programs.get(BREAD.name);
  if (!isNew && firmware !== FIRST_FIRMWARE) throw new Error(`I1: ${when} the child runs ${JSON.stringify(firmware)}`);
  if (isNew && image?.equals(IMAGE) !== true) throw new Error('I21: what the child runs is another image');
  if (bread !== undefined && !bread.content.equals(CONTENT)) throw new Error('I1: the child has another program');
  checkStatus(life, FIRMWARE, isNew, when);
  checkStatus(life, SOFTWARE, bread !== undefined, when);
  const shown = objectOf(life);
  const { name, version } = (shown[FIRMWARE] ?? {}) as JsonObject;
  if (name !== firmware.name || version !== firmware.version)
    throw new Error(`I8: ${when} the child runs ${firmware.version}, and the inventory says ${name} ${version}`);
  checkUrl(life, shown, when);
  const listed = Object.keys((shown['c8y_Software'] ?? {}) as JsonObject).includes(BREAD.name);
  if (listed !== (bread !== undefined)) throw new Error(`I1: ${when} the list says ${listed} of a program`);
  checkProfile(life, shown, when);
}

/** The inventory says where the firmware has come from. */
function checkUrl(life: Life, shown: JsonObject, when: string): void {
  const { fragments, status } = orderedOf(life, FIRMWARE) ?? orderedOf(life, PROFILE) ?? {};
  const asked = (fragments?.[FIRMWARE] ?? (fragments?.[PROFILE] as JsonObject | undefined)?.['firmware']) as
    | JsonObject
    | undefined;
  const { url } = (shown[FIRMWARE] ?? {}) as JsonObject;
  // The flash, or a HAL that throws, may refuse to note it.
  const isNoted = life.plant.harmedWrites() === 0 && !life.device.lines.some((line) => line.includes('is not noted'));
  if (status === 'SUCCESSFUL' && isNoted && url !== asked?.['url'])
    throw new Error(`I1: ${when} the inventory says that the firmware has come from ${url}`);
}

/** A SUCCESSFUL operation has its result; one that is FAILED may have it, too, if its end was lost. */
function checkStatus(life: Life, fragment: string, isDone: boolean, when: string): void {
  const ordered = orderedOf(life, fragment);
  if (ordered?.status === 'SUCCESSFUL' && !isDone)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and ${when} nothing of it is there`);
}

function checkProfile(life: Life, shown: JsonObject, when: string): void {
  const ordered = orderedOf(life, PROFILE);
  if (ordered === undefined) return;
  const { appliance } = life.plant;
  const isSuccessful = ordered.status === 'SUCCESSFUL';
  const isThere =
    appliance.firmware !== FIRST_FIRMWARE && appliance.programs.size === 1 && appliance.menu.equals(MENU_FILE);
  if (isSuccessful && !isThere)
    throw new Error(`I1: operation ${ordered.id} is SUCCESSFUL, and ${when} a part is missing`);
  const { profileExecuted } = (shown['c8y_Profile'] ?? {}) as JsonObject;
  if ((profileExecuted === true) !== isSuccessful)
    throw new Error(
      `I1: operation ${ordered.id} is ${ordered.status}, and ${when} profileExecuted is ${profileExecuted}`,
    );
}

/** The programs of the child that the service for advanced software management has. */
function toldPrograms(life: Life): readonly JsonObject[] {
  return installedSoftware(life.world.platform.core, life.childId(CHILD) ?? '').filter(
    ({ softwareType }) => softwareType === PROGRAM,
  );
}

/** After a long outage, the service may learn its list some minutes later. */
function isTold(life: Life): boolean {
  const isDeclared = JSON.stringify(objectOf(life)['c8y_SupportedSoftwareTypes']) === `["${PROGRAM}"]`;
  return isDeclared && toldPrograms(life).length === life.plant.appliance.programs.size;
}

function checkAdvanced(life: Life): void {
  checkAppliance(life);
  const told = toldPrograms(life).map(({ name, version }) => `${name} ${version}`);
  const due = [...life.plant.appliance.programs].map(([name, { version }]) => `${name} ${version}`);
  if (told.join() !== due.join()) throw new Error(`I1: the child has ${due.join()}, and the service ${told.join()}`);
}

const COMMON = { begin: 'listening', children: [CHILD], appliance: true } as const;

export const APPLIANCE_SCENARIOS: readonly Scenario[] = [
  {
    ...COMMON,
    name: 'child-firmware',
    meaning: 'c8y_Firmware and c8y_LogfileRequest of a child',
    act: orderFirmwareAndLog,
    check: checkAppliance,
  },
  {
    ...COMMON,
    name: 'child-profile',
    meaning: 'c8y_DeviceProfile of a child: firmware, software and a configuration file',
    act: orderProfile,
    check: checkAppliance,
  },
  {
    ...COMMON,
    name: 'child-advanced',
    meaning: 'c8y_SoftwareUpdate of a child in a tenant with the service advanced software management',
    advanced: true,
    // Until then the service has the list of this start.
    act: (life) => void life.world.time.schedule(TOLD_MS, () => life.order({ [SOFTWARE]: [program(life)] }, CHILD)),
    done: (life) => life.msSinceAct > TOLD_MS && isTold(life),
    check: checkAdvanced,
  },
];
