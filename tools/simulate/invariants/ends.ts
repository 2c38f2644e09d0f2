// SPDX-License-Identifier: Apache-2.0
/** I1: the status of an operation agrees with what was done, and a failure has one of a closed list of reasons. */

import type { JsonObject, Operation } from '../../platform/model.ts';
import { BREAD } from '../machine/appliance.ts';
import { TARIFF } from '../machine/controller.ts';
import { CHANGED, isEnded, type Life } from '../machine/life.ts';
import { BROKEN, WORKED } from '../machine/plant.ts';
import { WORKBENCH_OPERATIONS } from '../machine/workbench.ts';
import { askedRestarts, type EndsOptions, REASONS, startsAround, startsOf } from './reasons.ts';
import { checkTime, type TimeRules } from './times.ts';

const PACKAGE = new RegExp(`^(${TARIFF.name}|${BREAD.name}): `);

/** Checks every operation of a finished life. */
export function checkEnds(options: EndsOptions): void {
  for (const operation of options.life.operations) {
    if (!isEnded(operation)) throw new Error(`I1: operation ${operation.id} is still ${operation.status}`);
    if (operation.status === 'FAILED') checkReason(options, operation);
    else if (operation.status === 'SUCCESSFUL') checkSuccess(options, operation);
  }
}

function checkReason(options: EndsOptions, operation: Operation): void {
  const { id, failureReason = '' } = operation;
  const circumstances = { ...options, operation, restarted: startsOf(options.life, operation) > 0 };
  const reason = REASONS.find(({ text }) => text.test(withoutPlace(failureReason)));
  if (reason?.isTrue(circumstances) !== true)
    throw new Error(`I1: operation ${id} FAILED, and why not: ${failureReason}`);
  // One value holds the notes of all operations, and a later write may have damaged it.
  const isNoted = options.life.plant.worked.get(id)?.isNoted === true && !options.injector.damaging;
  const isBroken = options.life.plant.failed.get(id) === true && !options.injector.damaging;
  if (isBroken && failureReason !== BROKEN)
    throw new Error(`I1: operation ${id} failed and noted why, not: ${failureReason}`);
  if (isNoted && failureReason !== 'cancelled') throw new Error(`I1: operation ${id} was done and noted, and FAILED`);
}

/** A profile names its failed part, and an update of a child its failed package. */
function withoutPlace(reason: string): string {
  return reason.replace(/^(firmware|software|configuration\[\d\]): /, '').replace(PACKAGE, '');
}

function checkSuccess({ life, refusals }: EndsOptions, operation: Operation): void {
  const { id, fragments } = operation;
  if (fragments['x_Unknown'] !== undefined) throw new Error(`I1: operation ${id} cannot have succeeded`);
  if (fragments['x_Work'] !== undefined && !life.plant.worked.has(id)) {
    throw new Error(`I1: operation ${id} is SUCCESSFUL and was never done`);
  }
  if (fragments['c8y_Restart'] !== undefined) {
    const asked = askedRestarts(life, operation);
    if (startsOf(life, operation) === 0) throw new Error(`I1: operation ${id} is SUCCESSFUL, and there was no restart`);
    if (asked > 1) throw new Error(`I2: operation ${id} has restarted the device ${asked} times`);
    // A power cut or panic between the note and the restart counts as the restart.
    if (asked === 0 && !isNoted(life, operation)) throw new Error(`I1: operation ${id} did not restart the device`);
  }
  if (fragments['c8y_Restart'] !== undefined && !hasLaterCount(life, operation))
    throw new Error(`I1: operation ${id} is SUCCESSFUL, and the count of starts has not grown`);
  const command = fragments['c8y_Command'] as { text: string; result?: string } | undefined;
  // After a refusal, the device reports the operation without its result.
  if (command !== undefined && refusals === 0) checkResult(life, operation, command);
}

/** Whether the flash has a note that the device was about to restart for this operation. */
function isNoted({ device }: Life, { id }: Operation): boolean {
  return [...device.machine.flash.values.values()].some((value) => Buffer.from(value).includes(`${id} `));
}

/** Whether the boot count has grown, which proves a restart. */
function hasLaterCount(life: Life, operation: Operation): boolean {
  const [before, last] = startsAround(life, operation);
  const { bootCounts } = life.plant;
  return (bootCounts.get(last) ?? 0) > (bootCounts.get(before) ?? 0);
}

const RESULTS: Readonly<Record<string, RegExp>> = {
  help: /^help: .+\nstatus: .+\n(\w+: .+\n)*inventory: .+\n(\w+: .+\n)*$/,
  [`config set ${CHANGED}`]: new RegExp(`^${CHANGED}\n$`),
  status:
    /^agent: fractus .+, start \d+ \(.+\)\nfirmware: .+\ndevice: .+, managed object \d+, \d+ children and services\nnetwork: up/,
};

/** Checks the result of a command, which is lost after a power cut. */
function checkResult(life: Life, operation: Operation, { text, result }: { text: string; result?: string }): void {
  if (result === undefined && startsOf(life, operation) > 0) return;
  if (RESULTS[text]?.test(result ?? '') !== true) {
    throw new Error(`I1: operation ${operation.id}: the result of ${text} is ${JSON.stringify(result)}`);
  }
}

/** Each event reports finished work with its source and time; returns the ids of the operations. */
export function checkEvents({ life, doubts }: EndsOptions, rules: TimeRules): ReadonlySet<string> {
  const { world, plant } = life;
  const told = new Set<string>();
  let again = 0;
  for (const event of world.platform.core.events.values()) {
    if (event.fragments['type'] !== WORKED) continue;
    const id = String(event.fragments['text']);
    const work = plant.worked.get(id);
    if (work === undefined) throw new Error(`I3: an event tells of work for ${id}, which was not done`);
    const source = work.source === '' ? world.object?.id : life.childId(work.source);
    if (event.sourceId !== source)
      throw new Error(`I3: the event of operation ${id} is of ${event.sourceId}, not ${source}`);
    checkTime(`the event of operation ${id}`, event, work, rules);
    if (told.has(id)) again += 1;
    told.add(id);
  }
  if (again > doubts) throw new Error(`I3: ${again} events came twice, ${doubts} were in doubt`);
  return told;
}

/** Checks the inventory of the device itself. */
export function checkInventory({ world, device, intervalS, scenario }: Life): void {
  const hasLog = scenario.logs === true && device.machine.nor !== undefined;
  const shown = world.object?.fragments ?? {};
  const supported = shown['c8y_SupportedOperations'];
  const expected = [
    ...['c8y_Restart', 'c8y_Configuration', 'c8y_SendConfiguration', 'c8y_MeasurementRequestOperation', 'c8y_Command'],
    ...(scenario.slots === true ? ['c8y_Firmware'] : []),
    ...(hasLog ? ['c8y_LogfileRequest'] : []),
    ...(scenario.mods === true ? ['c8y_SoftwareUpdate'] : []),
    ...(scenario.profiles === true ? ['c8y_DeviceProfile'] : []),
    ...(scenario.parameters === true ? ['c8y_ParameterUpdate'] : []),
    ...(scenario.wifi === true ? ['c8y_Network'] : []),
    ...(scenario.remote === true ? ['c8y_RemoteAccessConnect'] : []),
    ...(scenario.workbench === true ? WORKBENCH_OPERATIONS : []),
    'x_Work',
  ];
  if (JSON.stringify(supported) !== JSON.stringify(expected)) {
    throw new Error(`guide step 4: c8y_SupportedOperations is ${JSON.stringify(supported)}`);
  }
  const { serialNumber } = (shown['c8y_Hardware'] ?? {}) as JsonObject;
  const board = device.machine.hal?.board;
  if (serialNumber !== board?.serialNumber) throw new Error(`guide step 4: c8y_Hardware is of ${serialNumber}`);
  const { config } = (shown['c8y_Configuration'] ?? {}) as JsonObject;
  const lines = String(config).split('\n');
  if (!lines.includes(`measurementInterval=${intervalS}`) || !lines.includes('pollTimeout=60')) {
    throw new Error(`guide step 8: c8y_Configuration is ${JSON.stringify(config)}`);
  }
}
