// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../../base/body.ts';
import type { Decision } from '../../../base/outcome.ts';
import type { Device } from '../device.ts';
import type { DeviceBase } from '../device-base.ts';

/** The services of the agent that the registration uses, and the receivers of its reports. */
export interface RegistrationBase extends DeviceBase {
  /** The board first, then its children. */
  readonly devices: readonly Device[];
  readonly board: Device;
  readonly uplink: DeviceBase['uplink'] & {
    /** The user of this device on the platform. */
    readonly user: string;
  };
  readonly telemetry: DeviceBase['telemetry'] & {
    /** Tries refused records again at once. */
    retryRefused(): void;
  };
  readonly backlog: {
    /** Lists PENDING operations, now or as soon as possible. */
    refresh(): void;
  };
  /** The device of this managed object; undefined: there is none. */
  deviceOf(id: string): Device | undefined;
  onRegistered(device: Device): void;
  /** All devices are registered, except those that have failed and are tried again. `isComplete`: none has failed. */
  onSettled(isComplete: boolean): void;
}

/** The data that the registrar and its delegates share: the present device, and the results about it. */
export interface Registration {
  readonly agent: RegistrationBase;
  readonly device: Device;
  /** Id of the object that the last answer has named; empty: none. */
  foundId: string;
  /** Whether the child is under the board. */
  isPlaced: boolean;
  /** Reads the object of an external id into `foundId`; false: the answer has none. */
  readLookUp(body: Body): boolean;
  /** Gives the device the object of this id. */
  adopt(id: string): void;
  /** The device is registered without this step, which is tried again later. */
  owe(what: string): Decision;
  /** Counts a failure that is not the failure of a request. */
  fail(what: string, reason: string): void;
}
