// SPDX-License-Identifier: Apache-2.0

import type { Decision } from '../table.ts';
import type { Body } from '../uplink/answer.ts';
import type { Device } from './device.ts';

/** What the parts of the registrar share: the device whose turn it is, and what was found out about it. */
export interface Registration {
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
