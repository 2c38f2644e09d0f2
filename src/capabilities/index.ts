// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/capabilities`: the capabilities that an author may choose from. One that nobody imports is in no firmware.
 */

import type { Capability } from '../capability.ts';
import { command } from './commands/command.ts';
import { configuration, sendConfiguration } from './configuration/configuration.ts';
import { firmware } from './firmware/firmware.ts';
import { logs } from './logs/logs.ts';
import { measurementRequest } from './measurement-request.ts';
import { restart } from './restart.ts';

export type { UploadSource } from '../transfers/upload.ts';
export type { Attachment, Attachments } from './attachments/attachment.ts';
export { attachments } from './attachments/attachments.ts';
export { type ChildFirmware, childFirmware } from './children/child-firmware.ts';
export type { PackageSink, WantedPackage } from './children/child-packages.ts';
export { type ChildSoftware, childSoftware, type InstalledPackage } from './children/child-software.ts';
export { shell } from './commands/shell.ts';
export type { ConfigurationFile } from './configuration/configuration-file.ts';
export { agentConfiguration, configurationFiles } from './configuration/configuration-files.ts';
export { enrolment } from './enrolment.ts';
export { onlyNewer } from './firmware/newer-firmware.ts';
export { signedFirmware } from './firmware/signed-firmware.ts';
export { type LogFile, logFiles } from './logs/log-files.ts';
export type { WantedLines } from './logs/log-request.ts';
export { message } from './message.ts';
export { type NetworkOptions, network } from './network.ts';
export { parameters } from './parameters/parameters.ts';
export {
  type ChoiceParameter,
  type FlagParameter,
  type NumberParameter,
  type Parameter,
  type ParameterSet,
  type ParameterValue,
  parameterSet,
  type TextParameter,
} from './parameters/parameters-set.ts';
export { deviceProfile } from './profile/device-profile.ts';
export { relay } from './relays/relay.ts';
export { relayArray } from './relays/relay-array.ts';
export { type RemoteAccessOptions, type RemoteHost, remoteAccess } from './remote-access.ts';
export { agentServices } from './services/agent-services.ts';
export type { Service, ServiceCommand, ServiceDefinition } from './services/service.ts';
export { services } from './services/services.ts';
export { software } from './software/software.ts';
export { command, configuration, firmware, logs, measurementRequest, restart, sendConfiguration };

/** The capabilities of the board itself when its author has not chosen any. */
export const CAPABILITIES: readonly Capability[] = [
  restart,
  configuration,
  sendConfiguration,
  measurementRequest,
  command,
  firmware,
];
