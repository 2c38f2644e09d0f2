// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../../base/body.ts';
import { ItemMachine } from '../../../base/item-machine.ts';
import { Decision, Signal } from '../../../base/outcome.ts';
import { NOT_OWNER } from '../../../base/trouble.ts';
import type { Capability } from '../../../capability.ts';
import { readManagedObjectId, writeBinding, writeIdentityLookUp } from '../../../cumulocity/identity.ts';
import { writeObject, writeReference } from '../../../cumulocity/inventory.ts';
import { Media } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import { Acknowledged } from '../acknowledged.ts';
import type { Device } from '../device.ts';
import { writeUpdate } from '../device-document.ts';
import { isUnfinished, Standing } from '../registrant.ts';
import type { ChildrenPart } from './children-part.ts';
import { Creation } from './creation.ts';
import { FurtherIds } from './further-ids.ts';
import { forgetIntent } from './intents.ts';
import type { Placement } from './placement.ts';
import { Register } from './register-states.ts';
import { type RegistrarActions, registerTable } from './registrar-table.ts';
import type { Registration, RegistrationBase } from './registration.ts';
import type { Succession } from './succession.ts';
import { Tidings } from './tidings.ts';

/** The longest time for which the registration of children delays listening. */
const LISTEN_MS = 30_000;
/** A failure that is no refusal is reported at this number of failures in a row. */
const TOLD_FAILURES = 3;
/** The time for which a missing object is looked up again before the device goes on with the id that it has. */
const MISSING_MS = 60_000;

/** Registers the devices one after the other. */
export class Registrar extends ItemMachine<RegistrationBase> implements Registration, RegistrarActions {
  declare readonly agent: RegistrationBase;
  /** The present device. */
  device: Device;
  foundId = '';
  isPlaced = false;
  creation: Creation;
  readonly placement: Placement | undefined;
  furtherIds: FurtherIds;
  readonly succession: Succession | undefined;
  /** The capabilities in the current update. */
  #told: readonly Capability[] | undefined;
  /** The fragments that count as accepted once the current update has succeeded. */
  #acknowledged: Acknowledged | undefined;
  readonly #tidings: Tidings;
  /** Index of the device to be tried again first: the one after the last that has failed. */
  #nextIndex = 0;
  /** Ticks at which the agent listens at the latest. */
  #listenTicks = 0;

  /** @param children the part that registers children, if the firmware has it */
  constructor(agent: RegistrationBase, children: ChildrenPart['children'] | undefined) {
    super(agent, registerTable);
    this.device = agent.board;
    this.creation = new Creation(this);
    this.placement = children && new children.Placement(this);
    this.furtherIds = new FurtherIds(this);
    this.succession = children && new children.Succession(this);
    this.#tidings = new Tidings(agent);
    this.enter(Register.Idle);
  }

  /** There is a device to register or to remove, or there are credentials now. */
  wakeUp(): void {
    this.fire(Signal.Wake);
  }

  /** True also if this step has failed for another device: it may get no answer either, so its wait is limited. */
  override get isRetry(): boolean {
    return this.device.putOff || this.trouble?.state === this.state;
  }

  /** Whether the failed device itself has succeeded. Look-ups of further external ids do not count: others may fail. */
  protected override get isProgress(): boolean {
    return this.device.putOff && this.state !== Register.FurtherId;
  }

  /** Tries all devices again, because the cause of their failures may be gone for all. */
  protected override onHealed(): void {
    for (const device of this.agent.devices) device.putOff = false;
    this.agent.telemetry.retryRefused();
  }

  adopt(id: string): void {
    const { device } = this;
    const before = device.idBytes;
    device.id = id;
    if (before === device.idBytes) return;
    device.made = false;
    device.unsettle();
    if (!device.isBoard || before.length === 0) return;
    // The children are under the former object of the board.
    const devices = this.agent.devices;
    for (let i = 1; i < devices.length; i++) devices[i]?.unsettle();
  }

  // The actions of the states.

  next(): Decision {
    this.cease();
    const device = this.choose();
    if (device !== undefined) {
      this.begin(device);
      // Listening does not wait for children that take long.
      if (this.agent.board.registered && this.agent.hal.clock.ticks() > this.#listenTicks) this.agent.onSettled(false);
      return device.standing === Standing.Removing ? Decision.Other : Decision.Yes;
    }
    this.succession?.tell();
    this.#tidings.tell();
    const isComplete = !this.agent.devices.some(isUnfinished);
    if (isComplete) this.endTrouble(false);
    this.agent.onSettled(isComplete);
    return isComplete ? Decision.No : Decision.Again;
  }

  private begin(device: Device): void {
    this.device = device;
    this.isPlaced = false;
    this.creation = new Creation(this);
    this.placement?.begin();
    this.furtherIds = new FurtherIds(this);
    this.succession?.begin();
  }

  /** The first device that has not failed so far; after the pause, one that has failed. */
  private choose(): Device | undefined {
    const { board, devices, hal } = this.agent;
    // The board first, because a child can only be put under an existing object.
    if (isUnfinished(board) && !board.putOff) return board;
    const isDue = hal.clock.ticks() >= this.resumeTicks;
    if (!board.known) return isDue ? board : undefined;
    for (const device of devices) if (isUnfinished(device) && !device.putOff) return device;
    for (let i = 0; i < devices.length && isDue; i++) {
      const device = devices[(this.#nextIndex + i) % devices.length];
      if (device !== undefined && isUnfinished(device)) return device;
    }
    return undefined;
  }

  writeLookUp(request: RequestWriter): void {
    this.foundId = '';
    writeIdentityLookUp(request, this.device.externalIdType, this.device.externalId);
  }

  readLookUp(body: Body): boolean {
    this.foundId = readManagedObjectId(body) ?? '';
    return this.foundId !== '';
  }

  found(): Decision {
    if (!this.device.isBoard) return Decision.Other;
    this.adopt(this.foundId);
    return Decision.Yes;
  }

  absent(): Decision {
    return this.device.isBoard ? Decision.Yes : Decision.Other;
  }

  place(): Decision {
    forgetIntent(this.agent, this.device.externalId);
    return this.device.isBoard ? Decision.Yes : Decision.Other;
  }

  writeIdentify(request: RequestWriter): void {
    writeBinding(request, this.foundId, this.device.externalIdType, this.device.externalId);
  }

  compare(): Decision {
    const wasMade = this.creation.madeId !== '';
    if (wasMade && this.foundId === this.creation.madeId) return Decision.Yes;
    this.succession?.onBound();
    // The object was not created in this registration: it may have another owner.
    this.adopt(this.foundId);
    return wasMade ? Decision.Other : Decision.No;
  }

  writeRemoveOrphan(request: RequestWriter): void {
    writeObject(request, Method.Delete, this.creation.madeId).headers(undefined, undefined);
  }

  writeUpdate(request: RequestWriter): void {
    writeObject(request, Method.Put, this.device.id).headers(Media.ManagedObject, undefined);
    this.#told = this.device.capabilities;
    this.#acknowledged = writeUpdate(request, this.device);
  }

  updated(): boolean {
    // The app may have declared another operation meanwhile.
    this.device.owes = this.device.capabilities !== this.#told;
    this.#acknowledged?.keep();
    this.#acknowledged = undefined;
    return true;
  }

  done(): Decision {
    const { device } = this;
    device.looks = 0;
    if (!device.owes) {
      // Its operations were in no list while it was not under the board.
      if (device.failures > 0 && !device.isBoard) this.agent.backlog.refresh();
      this.#tidings.onHealed(device);
      device.failures = 0;
      if (device.putOff) this.endTrouble(true);
      device.putOff = false;
    }
    if (device.standing === Standing.Unregistered) {
      device.standing = Standing.Registered;
      if (device.isBoard) this.#listenTicks = this.agent.hal.clock.ticks() + LISTEN_MS;
      this.agent.onRegistered(device);
    }
    return Decision.Yes;
  }

  refused(): Decision {
    const { device } = this;
    const what = `managed object ${device.id || '(new)'} of ${device.label} for ${this.agent.uplink.user}`;
    if (this.countRefusal(what, NOT_OWNER) && !device.putOff) this.#tidings.onRefused(device);
    this.postpone();
    return Decision.Yes;
  }

  notOwner(): Decision {
    this.device.owes = true;
    return this.refused();
  }

  putOff(): Decision {
    this.countFailure('the registration fails');
    return Decision.Yes;
  }

  owe(what = 'the inventory is not updated'): Decision {
    this.device.owes = true;
    this.countFailure(what);
    return Decision.Yes;
  }

  missing(): Decision {
    const { failures, failingTicks } = this.device;
    return failures === 0 || this.agent.hal.clock.ticks() - failingTicks < MISSING_MS ? Decision.Yes : Decision.No;
  }

  wait(): undefined {
    this.fireWhenDue();
    return undefined;
  }

  /** Counts and reports a failure of the device. */
  private countFailure(what: string): void {
    const { device } = this;
    const isRefusal = this.countRefusal(device.label, what);
    // Reported once until it works: in the log, and for a child also as an event of the board.
    if (isRefusal ? !device.putOff : device.failures === TOLD_FAILURES) {
      device.told = isRefusal || !device.isBoard;
      this.agent.hal.log('error', `${device.label}: ${what}`);
      if (!device.isBoard) this.agent.board.event('c8y_ChildRefused', `Child ${device.childId}: ${what}`);
    }
    this.postpone();
  }

  /** Puts the device off, so that others go first. */
  private postpone(): void {
    const { device } = this;
    if (device.failures === 0) device.failingTicks = this.agent.hal.clock.ticks();
    device.putOff = true;
    device.failures++;
    this.#nextIndex = device.index + 1;
  }

  skipLookUp(): Decision | undefined {
    return this.device.known ? Decision.Yes : undefined;
  }

  readRemoved(body: Body): boolean {
    if (!this.readLookUp(body)) return false;
    this.adopt(this.foundId);
    return true;
  }

  writeUnlink(request: RequestWriter): void {
    const { agent, device } = this;
    writeReference(request, Method.Delete, agent.board.id, device.id, device.definition.type);
  }

  unlinked(): Decision {
    const { device } = this;
    device.standing = Standing.Removed;
    new Acknowledged(device, true).keep();
    // The success of the removal ends only a trouble of the removal itself.
    const state = this.trouble?.state;
    if (device.putOff && (state === Register.LookUpRemoved || state === Register.Unlink)) this.endTrouble(true);
    return Decision.Yes;
  }
}
