// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../base/body.ts';
import type { Decision } from '../../base/outcome.ts';
import type { Device } from '../device.ts';
import type { DeviceBase } from '../device-base.ts';

/** What the registration of devices needs of the agent, and what it tells it. */
export interface RegistrationBase extends DeviceBase {
  /** The board first, then its children. */
  readonly devices: readonly Device[];
  readonly board: Device;
  readonly uplink: DeviceBase['uplink'] & {
    /** As whom the platform knows this device. */
    readonly user: string;
  };
  readonly telemetry: DeviceBase['telemetry'] & {
    /** What was refused is tried at once. */
    retryRefused(): void;
  };
  readonly backlog: {
    /** What is PENDING has to be listed. */
    refresh(): void;
  };
  /** Undefined: nobody here has this object. */
  deviceOf(id: string): Device | undefined;
  onRegistered(device: Device): void;
  /** All are registered that can be: the others have failed, and are tried again. */
  onSettled(isComplete: boolean): void;
}

/** What the parts of the registrar share: the device whose turn it is, and what was found out about it. */
export interface Registration {
  readonly agent: RegistrationBase;
  readonly device: Device;
  /** Id of the object that the last answer has named; empty: none. */
  foundId: string;
  /** The child is under the board. */
  isPlaced: boolean;
  /** Reads whose an external id is; false: the answer does not say. */
  readLookUp(body: Body): boolean;
  /** The device has the object of this id from now on. */
  adopt(id: string): void;
  /** The device is registered but for this, which is tried again later. */
  owe(what: string): Decision;
  /** Counts a failure that is none of a request. */
  fail(what: string, reason: string): void;
}
