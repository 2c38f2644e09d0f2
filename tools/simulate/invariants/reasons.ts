// SPDX-License-Identifier: Apache-2.0
/** The allowed reasons of failed operations, with their texts. */

import type { Operation } from '../../platform/model.ts';
import type { Injector } from '../faults/injector.ts';
import type { Life } from '../machine/life.ts';
import { BROKEN } from '../machine/plant.ts';
import { NEW_VERSION } from '../scenarios/firmware.ts';

export interface EndsOptions {
  readonly life: Life;
  readonly injector: Injector;
  /** Number of requests that were refused for good. */
  readonly refusals: number;
  /** Number of carried-out requests that may have been repeated. */
  readonly doubts: number;
}

/** The circumstances of a failed operation. */
export interface Circumstances extends EndsOptions {
  readonly operation: Operation;
  /** The device has started between its creation and its end. */
  readonly restarted: boolean;
}

/** The closed list of reasons, with the conditions of each. */
export const REASONS: readonly { readonly text: RegExp; isTrue(circumstances: Circumstances): boolean }[] = [
  {
    text: /^x_Unknown: not supported by the device; supported: c8y_Restart, .*, x_Work$/,
    isTrue: ({ operation }) => operation.fragments['x_Unknown'] !== undefined,
  },
  {
    text: /^the device restarted before the operation was finished$/,
    // The power may be cut between the note that work begins and its beginning.
    isTrue: ({ operation, restarted, life, injector }) =>
      restarted &&
      (life.plant.begun.has(operation.id) || injector.hitWrites > 0 || asks(operation, 'c8y_RemoteAccessConnect')),
  },
  {
    text: /^the device restarted before the operation was begun$/,
    // The platform may receive EXECUTING only after the restart.
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
  {
    text: /^the flash refuses to note the state, so nothing was switched$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_Relay') && injector.hitWrites > 0,
  },
  {
    // A portal has answered in place of the platform, or the platform with something else than the file.
    text: /^(the file is no recipe|the oven takes no such file|download: the file has more than [0-9]+ bytes)$/,
    isTrue: ({ operation, injector, life }) =>
      (asks(operation, 'c8y_DownloadConfigFile') || life.scenario.appliance === true) &&
      injector.applied.some(({ what }) =>
        ['portal', 'page', 'list', 'huge', 'null', 'broken', 'short', 'longer'].includes(what),
      ),
  },
  // Lies about files that are no passing faults of a connection.
  lied(/^download: the file is empty$/, 'empty'),
  lied(/^download: the answer has an unsupported content coding \(gzip\)$/, 'gzip'),
  lied(/^(the file is cut short: 500 bytes are missing|download: this is not the requested content)$/, 'short'),
  lied(/^download: the file has 8500 bytes, and its archive says 9000$/, 'short'),
  lied(/^download: the file has 9500 bytes, and its archive says 9000$/, 'longer'),
  {
    text: /^(recipe: it was applied, and another file is in force|x_Limits\.high: 99 was applied, and 50 is in force)$/,
    isTrue: ({ life }) => life.scenario.garbles === true,
  },
  {
    // It may throw while the former file is applied again, too.
    text: /^(.+; nor can the former (one|ones) be applied: )?hal\..+ throws, as a test has it$/,
    isTrue: ({ injector }) => injector.thrown !== undefined,
  },
  // The child was registered again, and the platform has refused to tell its parent.
  { text: /^this device has no such child$/, isTrue: ({ refusals }) => refusals > 0 },
  { text: new RegExp(`^${BROKEN}$`), isTrue: ({ operation, life }) => life.plant.failed.has(operation.id) },
  {
    text: /^download: HTTP [45][0-9]{2}$/,
    isTrue: ({ operation, refusals }) =>
      ['c8y_Firmware', 'c8y_SoftwareUpdate', 'c8y_DownloadConfigFile'].some((name) => asks(operation, name)) &&
      refusals > 0,
  },
  {
    // A server with another certificate gets no credentials and no second request.
    text: /^download: the server certificate is .+ \(as scripted\)$/,
    isTrue: ({ injector }) => injector.applied.some(({ on }) => on === 'connect'),
  },
  {
    // Two faults that last five minutes each.
    text: /^(download|upload): (.+; )?no progress for 10 minutes$/,
    isTrue: ({ injector }) => injector.applied.filter(({ what }) => what === 'slow' || what === 'portal').length > 1,
  },
  {
    text: /^the flash refuses to note (the file in force, so nothing was applied|that the file is in force)$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_DownloadConfigFile') && injector.hitWrites > 0,
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
    // The note of an attempt may be damaged, and a second cut ends the operation.
    text: /^cellar 1\.0 (is missing: the device restarted before it was installed|does not run, but mod [0-9a-f]+)$/,
    isTrue: ({ restarted, injector }) =>
      restarted && (injector.cuts > 1 || injector.harmedWrites > 0 || injector.thrown !== undefined),
  },
  {
    text: /^upload: HTTP [45][0-9]{2}$/,
    isTrue: ({ operation: { fragments }, refusals }) =>
      ['c8y_LogfileRequest', 'c8y_UploadConfigFile'].some((name) => fragments[name] !== undefined) && refusals > 0,
  },
  {
    text: /^c8y_LogfileRequest: not supported by the device; supported: c8y_Restart, .*, x_Work$/,
    isTrue: ({ life }) => life.device.machine.nor === undefined,
  },
  {
    // One attempt is lost by a power cut, the second by another cut or by an error of the HAL.
    text: new RegExp(`^${NEW_VERSION} did not listen for operations \\([a-z-]+\\): .+ is back$`),
    isTrue: ({ restarted, injector }) => restarted && (injector.cuts > 1 || injector.thrown !== undefined),
  },
  {
    text: /^(the new firmware did not start: .+ runs)$/,
    isTrue: ({ operation, injector }) =>
      asks(operation, 'c8y_Firmware') && (injector.harmedWrites > 0 || injector.thrown !== undefined),
  },
  {
    text: /^(download: the flash refuses (the image|an installation)|the board refuses the image)$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_Firmware') && injector.harmedWrites > 0,
  },
  {
    text: /^(download: the flash refuses the archive|the board refuses the archive: .+ the flash does not take it)$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_SoftwareUpdate') && injector.harmedWrites > 0,
  },
  {
    text: /^"Shed" was not joined in 5 attempts: it is out of reach, or the password is wrong: back to "House"$/,
    isTrue: ({ operation }) => asks(operation, 'c8y_Network'),
  },
  {
    // A slow network or a portal lasts longer than a trial.
    text: /^(the platform was not reached over "Barn"|"Barn" (was not joined|has given the device no address)) (within 60 s|in 5 attempts).*: back to "House"$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_Network') && injector.applied.length > 0,
  },
  {
    text: /^the device restarted while "\w+" was on trial: it is on the former network$/,
    isTrue: ({ operation, restarted }) => asks(operation, 'c8y_Network') && restarted,
  },
  {
    text: /^the flash refuses to (note the change, so nothing was done|keep "Barn": back to "House")$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_Network') && injector.hitWrites > 0,
  },
  {
    text: /^download: (the firmware is not signed; this device needs a signature by \S{8}|the signature is wrong: .+)$/,
    isTrue: ({ operation, life }) => asks(operation, 'c8y_Firmware') && life.scenario.signed === true,
  },
  {
    text: /^the image is damaged: its SHA-256 differs$/,
    isTrue: ({ operation, life }) => asks(operation, 'c8y_Firmware') && life.scenario.signed === true,
  },
  {
    // One of the two ends does not answer, closes the connection, or is replaced by a portal.
    text: /^(plc\.local:502: |the (platform|connection|server|host|TLS|answer) |not enough memory |no ).+$/,
    isTrue: ({ operation, injector }) => asks(operation, 'c8y_RemoteAccessConnect') && injector.applied.length > 0,
  },
  {
    // The reason was deleted once the platform had received it.
    text: /^it failed before the device restarted$/,
    isTrue: ({ life }) => life.scenario.takesBack === true,
  },
  { text: /^cancelled$/, isTrue: ({ life }) => life.scenario.cancels === true },
];

/** A reason that a lie of this kind about a file has. */
function lied(text: RegExp, lie: string): (typeof REASONS)[number] {
  return { text, isTrue: ({ injector }) => injector.applied.some(({ on, what }) => on === 'download' && what === lie) };
}

/** Whether the operation asks for this fragment; a profile asks for all of them. */
function asks({ fragments }: Operation, name: string): boolean {
  return fragments[name] !== undefined || fragments['c8y_DeviceProfile'] !== undefined;
}

export function askedRestarts({ device }: Life, { id }: Operation): number {
  return device.machine.restarts.filter((reason) => reason === `operation ${id}`).length;
}

/** Number of starts while the operation was EXECUTING. */
export function startsOf(life: Life, operation: Operation): number {
  const [before, last] = startsAround(life, operation);
  return last - before;
}

/** Numbers of the starts in which the operation began and ended. */
export function startsAround({ plant }: Life, { history, creationTimeMs }: Operation): [number, number] {
  const fromMs = history.find(({ status }) => status === 'EXECUTING')?.timeMs ?? creationTimeMs;
  const toMs = history.at(-1)?.timeMs ?? 0;
  const upTo = (limitMs: number) => plant.starts.filter((start) => start <= limitMs).length;
  return [upTo(fromMs - 1), upTo(toMs)];
}
