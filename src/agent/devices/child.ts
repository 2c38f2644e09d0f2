// SPDX-License-Identifier: Apache-2.0

import type { ChildDefinition } from '../../api.ts';
import { checkExternalId } from '../../cumulocity/identity.ts';
import { Device } from './device.ts';
import type { DeviceBase } from './device-base.ts';
import { keyOf, Standing } from './registrant.ts';

const MOST_DEVICES = 200;
const UNREACHABLE = 'c8y_ChildUnreachable';

/** The services of the agent that a child uses, and the list that it joins. */
export interface ChildBase extends DeviceBase {
  /** The board first, then its children. */
  readonly devices: Device[];
}

/** A child device. Unlike the board, it can be unreachable and can be removed. */
export class Child extends Device {
  reachable(yes: boolean): void {
    if (yes) this.clear(UNREACHABLE);
    else this.alarm(UNREACHABLE, 'MAJOR', `${this.childId} does not answer`);
  }

  remove(): void {
    if (this.standing >= Standing.Removing) return;
    this.standing = Standing.Removing;
    this.agent.alarms.wakeUp();
    this.agent.register();
  }
}

/** Declares a child of the board. @throws RangeError when the id is not allowed or is taken. */
export function addChild(agent: ChildBase, id: string, definition: ChildDefinition): Child {
  const { devices } = agent;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    throw new RangeError(`child "${id.slice(0, 64)}": not allowed as an id; allowed: 1 to 64 of A-Z a-z 0-9 _ -`);
  }
  if (devices.some((device) => device.childId === id && !device.gone)) {
    throw new RangeError(`child ${id}: declared twice`);
  }
  // Flash holds hashes of the ids, so these must differ.
  const key = keyOf(id);
  if (devices.some((device) => device.childId !== id && device.key === key)) {
    throw new RangeError(`child ${id}: its id collides with another id: choose another`);
  }
  const serial = definition.hardware?.serialNumber;
  const twin = devices.find(
    (device) => serial !== undefined && device.serialNumber === serial && device.childId !== id,
  );
  if (twin !== undefined && !twin.gone) {
    throw new RangeError(`child ${id}: ${twin.label} has its serial number ${serial} already`);
  }
  const own = definition.externalId;
  if (own !== undefined) {
    checkExternalId(`child ${id}`, own);
    const isTaken = ({ gone, externalIdType, externalId }: Device) =>
      !gone && externalIdType === own.type && externalId === own.id;
    if (devices.some(isTaken)) throw new RangeError(`child ${id}: the external id ${own.id} is taken`);
  }
  const index = placeFor(agent, id);
  if (index > MOST_DEVICES) throw new RangeError(`child ${id}: more than ${MOST_DEVICES} children`);
  const child = new Child({ agent, index, childId: id, definition });
  devices[index] = child;
  agent.alarms.declared();
  agent.register();
  return child;
}

/** The index for a child. It reuses those of removed children, so that the list does not grow without bound. */
function placeFor({ devices, telemetry }: ChildBase, id: string): number {
  // A child that returns gets its former index, to which its waiting records refer.
  const left = devices.findIndex((device) => device.childId === id);
  if (left >= 0) return left;
  const free = devices.findIndex(
    ({ standing, executor, index }) =>
      standing === Standing.Removed && executor?.isIdle !== false && !telemetry.holds(index),
  );
  return free < 0 ? devices.length : free;
}
