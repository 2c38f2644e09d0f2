// SPDX-License-Identifier: Apache-2.0
/** I1: what an operation came to is what was done, and why it failed is one of a few reasons. */

import type { JsonObject, Operation } from '../platform/model.ts';
import { NEW_VERSION } from './firmware.ts';
import type { Injector } from './injector.ts';
import { CHANGED, isEnded, type Life } from './life.ts';
import { BROKEN, WORKED } from './plant.ts';
import { checkTime, type TimeRules } from './times.ts';

export interface EndsOptions {
  readonly life: Life;
  readonly injector: Injector;
  /** How many requests were refused for good. */
  readonly refusals: number;
  /** How often a request may have been repeated that had been carried out. */
  readonly doubts: number;
}

/** All that is known when an operation has failed. */
interface Circumstances extends EndsOptions {
  readonly operation: Operation;
  /** The device has started between its creation and its end. */
  readonly restarted: boolean;
}

/** The closed list: what a failure may give as its reason, and when. */
const REASONS: readonly { readonly text: RegExp; isTrue(circumstances: Circumstances): boolean }[] = [
  {
    text: /^x_Unknown: not supported by the device; supported: c8y_Restart, .*, x_Work$/,
    isTrue: ({ operation }) => operation.fragments['x_Unknown'] !== undefined,
  },
  {
    text: /^the device restarted before the operation was finished$/,
    // The power may go between the note that it is about to be begun and its beginning.
    isTrue: ({ operation, restarted, life, injector }) =>
      restarted && (life.plant.begun.has(operation.id) || injector.hitWrites > 0),
  },
  {
    text: /^the device restarted before the operation was begun$/,
    // The platform may hear of EXECUTING only after the restart.
    isTrue: ({ operation, life, injector }) =>
      startsOf(life, { ...operation, history: operation.history.slice(-1) }) > 0 &&
      (!life.plant.begun.has(operation.id) || injector.hitWrites > 0),
  },
  {
    text: /^the device lost power before it could restart as asked$/,
    isTrue: ({ operation, restarted, life, injector }) =>
      restarted && (askedRestarts(life, operation) === 0 || injector.hitWrites > 0),
  },
  {
    text: /^the device did not restart$/,
    isTrue: ({ operation, injector }) =>
      operation.fragments['c8y_Restart'] !== undefined && injector.applied.some(({ on }) => on === 'start'),
  },
  {
    text: /^the flash refused to note the restart, so the device did not restart$/,
    isTrue: ({ operation, life, injector }) => injector.hitWrites > 0 && askedRestarts(life, operation) === 0,
  },
  {
    text: /^the flash refuses the (configuration|parameters): nothing has changed$/,
    isTrue: ({ operation: { fragments }, injector }) =>
      ['c8y_Configuration', 'c8y_Command', 'c8y_ParameterUpdate'].some((name) => fragments[name] !== undefined) &&
      injector.hitWrites > 0,
  },
  { text: /^hal\..+ throws, as a test has it$/, isTrue: ({ injector }) => injector.thrown !== undefined },
  // It was registered anew, and the platform has refused to tell whose it is.
  { text: /^this device has no such child$/, isTrue: ({ refusals }) => refusals > 0 },
  { text: new RegExp(`^${BROKEN}$`), isTrue: ({ operation, life }) => life.plant.failed.has(operation.id) },
  {
    text: /^download: HTTP [45][0-9]{2}$/,
    isTrue: ({ operation, refusals }) =>
      (asks(operation, 'c8y_Firmware') || asks(operation, 'c8y_SoftwareUpdate')) && refusals > 0,
  },
  {
    // Whoever has another certificate gets no credentials, nor is he asked again.
    text: /^download: the server certificate is .+ \(as scripted\)$/,
    isTrue: ({ injector }) => injector.applied.some(({ on }) => on === 'connect'),
  },
  {
    // Two spells of five minutes.
    text: /^(download|upload): (.+; )?no progress for 10 minutes$/,
    isTrue: ({ injector }) => injector.applied.filter(({ what }) => what === 'slow' || what === 'portal').length > 1,
  },
  {
    text: /^the flash refuses to note (the profile, so nothing was done|that the profile is in force)$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_DeviceProfile') && injector.hitWrites > 0,
  },
  {
    text: /^the flash refuses to note the package, so nothing was installed$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_SoftwareUpdate') && injector.hitWrites > 0,
  },
  {
    // The note of a try may be spoilt, and a second cut is not forgiven.
    text: /^cellar 1\.0 is not (there: the device restarted before it was in its place|what runs: that is mod [0-9a-f]+)$/,
    isTrue: ({ restarted, injector }) =>
      restarted && (injector.cuts > 1 || injector.harmedWrites > 0 || injector.thrown !== undefined),
  },
  {
    text: /^upload: HTTP [45][0-9]{2}$/,
    isTrue: ({ operation, refusals }) => operation.fragments['c8y_LogfileRequest'] !== undefined && refusals > 0,
  },
  {
    text: /^c8y_LogfileRequest: not supported by the device; supported: c8y_Restart, .*, x_Work$/,
    isTrue: ({ life }) => life.device.machine.nor === undefined,
  },
  {
    // One try is given up by a power cut; the second by another one, or by what the HAL has thrown.
    text: new RegExp(`^${NEW_VERSION} did not get as far as listening for operations: .+ is back$`),
    isTrue: ({ restarted, injector }) => restarted && (injector.cuts > 1 || injector.thrown !== undefined),
  },
  {
    text: /^(the new firmware did not start: .+ runs)$/,
    isTrue: ({ operation, injector }) =>
      asks(operation, 'c8y_Firmware') && (injector.harmedWrites > 0 || injector.thrown !== undefined),
  },
  {
    text: /^"Shed" was not joined within 60 s: it is not in reach, or the password is wrong: back to "House"$/,
    isTrue: ({ operation }) => asks(operation, 'c8y_Network'),
  },
  {
    // What is slow, or answers in the place of the platform, does so for longer than a trial.
    text: /^(the platform was not reached over "Barn"|"Barn" (was not joined|has given the device no address)) within 60 s.*: back to "House"$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_Network') && injector.applied.length > 0,
  },
  {
    text: /^the device restarted while "\w+" was on trial: it is on the network before$/,
    isTrue: ({ operation, restarted }) => asks(operation, 'c8y_Network') && restarted,
  },
  {
    text: /^the flash refuses to (note the change, so nothing was done|keep "Barn": back to "House")$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_Network') && injector.hitWrites > 0,
  },
  {
    // How it failed was forgotten when the platform had heard it.
    text: /^it failed before the device restarted$/,
    isTrue: ({ life }) => life.scenario.takesBack === true,
  },
  { text: /^cancelled$/, isTrue: ({ life }) => life.scenario.cancels === true },
];

/** A profile asks for all of it. */
function asks({ fragments }: Operation, name: string): boolean {
  return fragments[name] !== undefined || fragments['c8y_DeviceProfile'] !== undefined;
}

function askedRestarts({ device }: Life, { id }: Operation): number {
  return device.machine.restarts.filter((reason) => reason === `operation ${id}`).length;
}

/** Looks at every operation of a life that is over. */
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
  // A profile says which part of it has failed.
  const own = operation.fragments['c8y_DeviceProfile'] === undefined ? '' : /^(firmware|software): /;
  const reason = REASONS.find(({ text }) => text.test(failureReason.replace(own, '')));
  if (reason?.isTrue(circumstances) !== true)
    throw new Error(`I1: operation ${id} FAILED, and why not: ${failureReason}`);
  // The note of all operations is one value, which a later write may have spoilt.
  const isNoted = options.life.plant.worked.get(id)?.isNoted === true && !options.injector.damaging;
  const isBroken = options.life.plant.failed.get(id) === true && !options.injector.damaging;
  if (isBroken && failureReason !== BROKEN)
    throw new Error(`I1: operation ${id} failed and noted why, not: ${failureReason}`);
  if (isNoted && failureReason !== 'cancelled') throw new Error(`I1: operation ${id} was done and noted, and FAILED`);
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
    // A power cut or a panic between the note and the restart is one as well.
    if (asked === 0 && !isNoted(life, operation)) throw new Error(`I1: operation ${id} did not restart the device`);
  }
  if (fragments['c8y_Restart'] !== undefined && !hasLaterCount(life, operation))
    throw new Error(`I1: operation ${id} is SUCCESSFUL, and the count of starts has not grown`);
  const command = fragments['c8y_Command'] as { text: string; result?: string } | undefined;
  // What is refused with it is told without it.
  if (command !== undefined && refusals === 0) checkResult(life, operation, command);
}

/** The flash says that the device was about to be restarted for it. */
function isNoted({ device }: Life, { id }: Operation): boolean {
  return [...device.machine.flash.values.values()].some((value) => Buffer.from(value).includes(`${id} `));
}

/** How often the machine started while the operation was EXECUTING. */
function startsOf(life: Life, operation: Operation): number {
  const [before, last] = startsAround(life, operation);
  return last - before;
}

/** Numbers of the starts that began and that ended it. */
function startsAround({ plant }: Life, { history, creationTimeMs }: Operation): [number, number] {
  const fromMs = history.find(({ status }) => status === 'EXECUTING')?.timeMs ?? creationTimeMs;
  const toMs = history.at(-1)?.timeMs ?? 0;
  const upTo = (limitMs: number) => plant.starts.filter((start) => start <= limitMs).length;
  return [upTo(fromMs - 1), upTo(toMs)];
}

/** The evidence of a restart. */
function hasLaterCount(life: Life, operation: Operation): boolean {
  const [before, last] = startsAround(life, operation);
  const { bootCounts } = life.plant;
  return (bootCounts.get(last) ?? 0) > (bootCounts.get(before) ?? 0);
}

const RESULTS: Readonly<Record<string, RegExp>> = {
  help: /^help: .+\nstatus: .+\n(\w+: .+\n)*inventory: .+\n(\w+: .+\n)*$/,
  [`config set ${CHANGED}`]: new RegExp(`^${CHANGED}\n$`),
  status:
    /^agent: fractus .+, start \d+ \(.+\)\nfirmware: .+\ndevice: .+, managed object \d+, \d+ children\nnetwork: up/,
};

/** The result text of a command outlives no power cut. */
function checkResult(life: Life, operation: Operation, { text, result }: { text: string; result?: string }): void {
  if (result === undefined && startsOf(life, operation) > 0) return;
  if (RESULTS[text]?.test(result ?? '') !== true) {
    throw new Error(`I1: operation ${operation.id}: the result of ${text} is ${JSON.stringify(result)}`);
  }
}

/** Each event tells of work that was done, from where and when; returns the ids of the operations. */
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

/** What the platform shows of the device itself. */
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
