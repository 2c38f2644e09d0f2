// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/capabilities`: the capabilities that an author may choose from. One that nobody imports is in no firmware.
 */

import type { Capability } from './capability.ts';
import { command } from './command.ts';
import { configuration, sendConfiguration } from './configuration.ts';
import { firmware } from './firmware.ts';
import { logs } from './logs.ts';
import { measurementRequest } from './measurement-request.ts';
import { restart } from './restart.ts';

export type { UploadSource } from '../transfers/upload.ts';
export type { Attachment, Attachments } from './attachment.ts';
export { attachments } from './attachments.ts';
export { type ChildFirmware, childFirmware } from './child-firmware.ts';
export type { PackageSink, WantedPackage } from './child-packages.ts';
export { type ChildSoftware, childSoftware, type InstalledPackage } from './child-software.ts';
export { agentConfiguration, type ConfigurationFile, configurationFiles } from './configuration-files.ts';
export { deviceProfile } from './device-profile.ts';
export { enrolment } from './enrolment.ts';
export { message } from './message.ts';
export { type NetworkOptions, network } from './network.ts';
export { onlyNewer } from './newer-firmware.ts';
export { parameters } from './parameters.ts';
export {
  type ChoiceParameter,
  type FlagParameter,
  type NumberParameter,
  type Parameter,
  type ParameterSet,
  type ParameterValue,
  parameterSet,
  type TextParameter,
} from './parameters-set.ts';
export { relay } from './relay.ts';
export { relayArray } from './relay-array.ts';
export { type RemoteAccessOptions, type RemoteHost, remoteAccess } from './remote-access.ts';
export type { Service, ServiceCommand, ServiceDefinition } from './service.ts';
export { services } from './services.ts';
export { shell } from './shell.ts';
export { signedFirmware } from './signed-firmware.ts';
export { software } from './software.ts';
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
