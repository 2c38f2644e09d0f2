// SPDX-License-Identifier: Apache-2.0

import type { Capability } from '../../capabilities/capability.ts';
import { readManagedObjectId, writeBinding, writeIdentityLookUp, writeUnbinding } from '../../cumulocity/identity.ts';
import { writeLink, writeObject, writeReference } from '../../cumulocity/inventory.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import type { Agent } from '../agent.ts';
import { ItemMachine } from '../item-machine.ts';
import { type BodySink, Decision, Event } from '../table.ts';
import type { Body } from '../uplink/answer.ts';
import { type Device, type OtherId, Standing } from './device.ts';
import { writeCreation, writeUpdate } from './device-document.ts';
import { forgetIntent, isIntended, noteIntent } from './intents.ts';
import { OwnObjects } from './own-objects.ts';
import { Parents } from './parents.ts';
import { Register, registerTable } from './registrar-table.ts';
import { Succession } from './succession.ts';

/** After an answer that was lost, an object is looked for so often before another one is made. */
const MOST_LOOKS = 3;
/** So long the registration of children goes before listening. */
const LISTEN_MS = 30_000;
/** A failure that is no refusal is told when it has come so often. */
const TOLD_FAILURES = 3;
/** So long an object that is missing is looked up anew before the device does with the id that it has. */
const MISSING_MS = 60_000;
/** Every so many times that a child finds no parent. */
const NO_PARENT_LOOKS = 4;

/** Registers the devices one after the other. */
export class Registrar extends ItemMachine {
  #device: Device | undefined = undefined;
  #foundId = '';
  /** The operations in the update that is under way. */
  #told: readonly Capability[] | undefined = undefined;
  /** There while an object is looked for that may have been made. */
  #own: OwnObjects | undefined = undefined;
  /** Id of the object that this start has made for the device, while nobody else can know it. */
  #madeId = '';
  /** Which device is first to be tried again: the one after that which has failed last. */
  #turn = 0;
  /** When the device listens at the latest, by the clock's ticks. */
  #listenTicks = 0;
  readonly #succession: Succession;
  /** Where the child is; there while that matters. */
  #parents: Parents | undefined = undefined;
  #leftId = '';
  /** The child is under the board. */
  #isPlaced = false;
  /** Its object is that of the device before. */
  #isClaimed = false;
  /** How many of its further external ids are seen to. */
  #others = 0;

  constructor(agent: Agent) {
    super(agent, registerTable);
    this.#succession = new Succession(agent);
    this.enter(Register.Idle);
  }

  /** There is a device to register or to remove, or there are credentials now. */
  look(): void {
    this.fire(Event.Wake);
  }

  override rewind(): void {
    super.rewind();
    this.#own?.rewind();
    this.#succession.former?.rewind();
    if (this.state === Register.Parents) this.#parents?.rewind();
  }

  override get isRetry(): boolean {
    return this.#device?.putOff === true;
  }

  /** That it knows one of its further external ids says nothing of the one that another has. */
  protected override get isProgress(): boolean {
    return this.state !== Register.OtherId;
  }

  /** What one can do again the others may be able to do, too. */
  protected override onHealed(): void {
    for (const device of this.agent.devices) device.putOff = false;
    this.agent.telemetry.retryRefused();
  }

  // What the table's states do.

  /** Yes: one to register. Other: one to remove. Again: what is left has failed, and waits. No: all is done. */
  next(): Decision {
    this.cease();
    this.#own = undefined;
    this.#parents = undefined;
    this.#madeId = '';
    this.#isPlaced = this.#isClaimed = false;
    this.#others = 0;
    this.#device = this.choose();
    const device = this.#device;
    if (device !== undefined) {
      // Children that take long keep nobody from listening either.
      if (this.agent.board.registered && this.agent.hal.clock.ticks() > this.#listenTicks) this.agent.onSettled(false);
      return device.standing === Standing.Removing ? Decision.Other : Decision.Yes;
    }
    this.#succession.tell();
    const isComplete = !this.agent.devices.some(isOpen);
    if (isComplete) this.endTrouble(false);
    this.agent.onSettled(isComplete);
    return isComplete ? Decision.No : Decision.Again;
  }

  /** The first that has not failed so far; then, when the pause is over, one of those that have. */
  private choose(): Device | undefined {
    const { board, devices, hal } = this.agent;
    // Without the board's object there is nothing that a child could be put under.
    if (isOpen(board) && !board.putOff) return board;
    const isDue = hal.clock.ticks() >= this.resumeTicks;
    if (!board.known) return isDue ? board : undefined;
    for (const device of devices) if (isOpen(device) && !device.putOff) return device;
    for (let i = 0; i < devices.length && isDue; i++) {
      const device = devices[(this.#turn + i) % devices.length];
      if (device !== undefined && isOpen(device)) return device;
    }
    return undefined;
  }

  writeLookUp(request: RequestWriter): void {
    this.#foundId = '';
    writeIdentityLookUp(request, this.#device?.externalIdType ?? '', this.#device?.externalId ?? '');
  }

  readLookUp(body: Body): boolean {
    this.#foundId = readManagedObjectId(body) ?? '';
    return this.#foundId !== '';
  }

  /** Yes: it is the board. Other: a child's object may be a new one, while the old one has stayed where it was. */
  found(): Decision {
    if (this.#device?.isBoard !== true) return Decision.Other;
    this.adopt(this.#foundId);
    return Decision.Yes;
  }

  writePlaced(request: RequestWriter): void {
    writeReference(request, Method.Get, this.agent.board.id, this.#foundId);
  }

  readPlaced(head: ResponseHead): boolean {
    this.#isPlaced = head.isCumulocity;
    return this.#isPlaced;
  }

  /** Yes: it is known who is there, or nobody can be. Again: the board first. */
  skipFormer(): Decision | undefined {
    const device = this.#device;
    const isGone = device?.known === true && this.#foundId === '' && !isIntended(this.agent, device.externalId);
    if (isGone && !device.isBoard) {
      // It is deleted. Perhaps the board's object is, too, and another one has the children.
      device.id = '';
      this.agent.board.unsettle();
      return Decision.Again;
    }
    return this.#succession.isKnown(this.#device) ? Decision.Yes : undefined;
  }

  writeFormer(request: RequestWriter): void {
    this.#succession.former?.writeRequest(request);
  }

  get formerSink(): BodySink | undefined {
    return this.#succession.former?.splitter;
  }

  readFormer(): boolean {
    return this.#succession.former?.read() === true;
  }

  /** Yes: what was found. Other: what the device before has left. Again: the same, in the place of what was found. No: nothing. */
  claim(): Decision {
    const foundId = this.#foundId;
    const formerId = this.#isPlaced ? undefined : this.#succession.formerId(this.#device, foundId);
    if (formerId !== undefined) {
      this.#foundId = formerId;
      this.#isPlaced = this.#isClaimed = true;
      if (foundId === '') return Decision.Other;
      this.#succession.onLeft(foundId);
      return Decision.Again;
    }
    if (foundId === '') return Decision.No;
    this.adopt(foundId);
    return Decision.Yes;
  }

  writeRelease(request: RequestWriter): void {
    writeUnbinding(request, this.#device?.externalIdType ?? '', this.#device?.externalId ?? '');
  }

  /** Yes: the intent is noted now. Other: there was one, so an object may be there. No: the flash refuses. */
  intend(): Decision {
    const decision = noteIntent(this.agent, this.#device?.externalId ?? '');
    // That the look-up before succeeds says nothing of the flash.
    if (decision === Decision.No) this.fail(`${this.#device?.label}: the registration`, 'the flash refuses the intent');
    return decision;
  }

  writeFindOwn(request: RequestWriter): void {
    this.own.writeRequest(request, this.agent.uplink.user);
  }

  get ownSink(): BodySink {
    return this.own.splitter;
  }

  readFindOwn(): boolean {
    return this.own.understood();
  }

  /** Yes: here it is. Again: there are more pages. Other: it may still come. No: it was never made. */
  judgeOwn(): Decision {
    if (this.own.turnPage()) return Decision.Again;
    this.#foundId = this.own.foundId;
    this.#own = undefined;
    if (this.#foundId === '') return this.isLate ? Decision.Other : Decision.No;
    this.agent.hal.log('info', `${this.#device?.label}: managed object ${this.#foundId} was made before: adopted`);
    return Decision.Yes;
  }

  /** The creation whose answer was lost may not be through yet. */
  private get isLate(): boolean {
    const device = this.#device;
    if (device === undefined || device.looks === 0) return false;
    device.looks--;
    return device.looks > 0;
  }

  private get own(): OwnObjects {
    this.#own ??= new OwnObjects(this.#device?.ownKey ?? '');
    return this.#own;
  }

  writeCreate(request: RequestWriter): void {
    this.#foundId = '';
    request.start(Method.Post).put(Path.ManagedObjects).headers(Media.ManagedObject, undefined);
    if (this.#device !== undefined) writeCreation(request, this.#device);
  }

  /** One that does not say which object was made is as good as lost. */
  readCreate(head: ResponseHead): boolean {
    this.#foundId = this.#madeId = head.locationId ?? '';
    return this.#foundId !== '';
  }

  keep(): Decision {
    this.adopt(this.#foundId);
    if (this.#device !== undefined) this.#device.made = true;
    this.agent.hal.log('info', `${this.#device?.label}: managed object ${this.#foundId}`);
    return Decision.Yes;
  }

  writeIdentify(request: RequestWriter): void {
    const device = this.#device;
    writeBinding(request, this.#foundId, device?.externalIdType ?? '', device?.externalId ?? '');
  }

  /** Yes: bound to what was just made. Other: that is an orphan. No: bound to what was there before. */
  compare(): Decision {
    const wasMade = this.#madeId !== '';
    if (wasMade && this.#foundId === this.#madeId) return Decision.Yes;
    if (this.#isClaimed) this.#succession.onTaken(this.#device);
    // What was found and not made here may be somebody else's.
    this.adopt(this.#foundId);
    return wasMade ? Decision.Other : Decision.No;
  }

  writeRemoveOrphan(request: RequestWriter): void {
    writeObject(request, Method.Delete, this.#madeId).headers(undefined, undefined);
  }

  writeUpdate(request: RequestWriter): void {
    writeObject(request, Method.Put, this.#device?.id ?? '').headers(Media.ManagedObject, undefined);
    if (this.#device === undefined) return;
    this.#told = this.#device.capabilities;
    writeUpdate(request, this.#device);
  }

  updated(): boolean {
    // The app may have declared another one meanwhile.
    if (this.#device !== undefined) this.#device.owes = this.#device.capabilities !== this.#told;
    return true;
  }

  /** The board is under nothing, and whoever is there already needs not be put there. */
  skipLink(): Decision | undefined {
    forgetIntent(this.agent, this.#device?.externalId ?? '');
    return this.#device?.isBoard === true || this.#isPlaced ? Decision.No : undefined;
  }

  writeLink(request: RequestWriter): void {
    writeLink(request, this.agent.board.id, this.#device?.id ?? '');
  }

  /** Only one that others can know, too, may be somewhere else. */
  skipParents(): Decision | undefined {
    return this.#device?.definition.externalId === undefined || this.#device.made ? Decision.Yes : undefined;
  }

  get parents(): Parents {
    this.#parents ??= new Parents();
    return this.#parents;
  }

  writeParents(request: RequestWriter): void {
    this.parents.writeRequest(request, this.#device?.id ?? '');
  }

  skipLeave(): Decision | undefined {
    do this.#leftId = this.parents.ids.pop() ?? '';
    while (this.#leftId === this.agent.board.id);
    return this.#leftId === '' ? Decision.No : undefined;
  }

  writeLeave(request: RequestWriter): void {
    writeReference(request, Method.Delete, this.#leftId, this.#device?.id ?? '');
  }

  stillThere(): Decision {
    return this.owe(`it is still under managed object ${this.#leftId} too: remove it there`);
  }

  private get other(): OtherId | undefined {
    return this.#device?.otherIds[this.#others];
  }

  skipOther(): Decision | undefined {
    return this.other === undefined ? Decision.No : undefined;
  }

  writeOther(request: RequestWriter): void {
    this.#foundId = '';
    writeIdentityLookUp(request, this.other?.type ?? '', this.other?.id ?? '');
  }

  /** Yes: it is that of this device. No: another one has it. */
  judgeOther(): Decision {
    if (this.#foundId !== this.#device?.id) return Decision.No;
    this.#others++;
    return Decision.Yes;
  }

  writeBindOther(request: RequestWriter): void {
    writeBinding(request, this.#device?.id ?? '', this.other?.type ?? '', this.other?.id ?? '');
  }

  boundOther(): boolean {
    this.#others++;
    return true;
  }

  oweOther(): Decision {
    const whose = this.#foundId === '' ? 'is not bound' : `is that of managed object ${this.#foundId}`;
    const what = `its external id ${this.other?.type} ${this.other?.id} ${whose}`;
    this.#others++;
    return this.owe(what);
  }

  done(): Decision {
    const device = this.#device;
    if (device === undefined) return Decision.Yes;
    device.looks = 0;
    if (!device.owes) {
      // While it was not under the board, its operations were in no list.
      if (device.failures > 0 && !device.isBoard) this.agent.backlog.refresh();
      this.tellHealed(device);
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

  private tellHealed(device: Device): void {
    if (!device.told) return;
    device.told = false;
    const text = `${device.label} is registered after ${device.failures} failures`;
    this.agent.hal.log('info', text);
    this.agent.board.event('fractus_RegistrationHealed', text);
  }

  /** The platform does not let this device have what it needs: a person has to act. */
  refused(): Decision {
    const id = this.#device?.id || '(new)';
    this.countFailure(`the platform refuses ${this.agent.uplink.user} the managed object ${id}: is it the owner?`);
    return Decision.Yes;
  }

  notOwner(): Decision {
    if (this.#device !== undefined) this.#device.owes = true;
    return this.refused();
  }

  putOff(): Decision {
    this.countFailure('the registration fails');
    return Decision.Yes;
  }

  owe(what: string): Decision {
    if (this.#device !== undefined) this.#device.owes = true;
    this.countFailure(what);
    return Decision.Yes;
  }

  /** Yes: look it up anew after a while. */
  missing(): Decision {
    const { failures = 0, failingTicks = 0 } = this.#device ?? {};
    return failures === 0 || this.agent.hal.clock.ticks() - failingTicks < MISSING_MS ? Decision.Yes : Decision.No;
  }

  doubt(): Decision {
    if (this.#device !== undefined) this.#device.looks = MOST_LOOKS;
    return Decision.Yes;
  }

  /** The board itself is to be looked up again, before its child. */
  noParent(): Decision {
    if ((this.#device?.failures ?? 0) % NO_PARENT_LOOKS === 0) this.agent.board.unsettle();
    return Decision.Yes;
  }

  wait(): undefined {
    this.fireWhenDue();
    return undefined;
  }

  /** What the platform has refused is counted here; whatever else has failed is counted already. */
  private countFailure(what: string): void {
    const device = this.#device;
    if (device === undefined) return;
    const isRefusal = this.countRefusal(device.label, what);
    // Told once, until it works: to the log, and of a child to whoever looks at the device.
    if (isRefusal ? !device.putOff : device.failures === TOLD_FAILURES) {
      device.told = isRefusal || !device.isBoard;
      this.agent.hal.log('error', `${device.label}: ${what}`);
      if (!device.isBoard) this.agent.board.event('c8y_ChildRefused', `Child ${device.childId}: ${what}`);
    }
    if (device.failures === 0) device.failingTicks = this.agent.hal.clock.ticks();
    device.putOff = true;
    device.failures++;
    this.#turn = device.index + 1;
  }

  skipLookUp(): Decision | undefined {
    return this.#device?.known === true ? Decision.Yes : undefined;
  }

  readRemoved(body: Body): boolean {
    if (!this.readLookUp(body)) return false;
    this.adopt(this.#foundId);
    return true;
  }

  writeUnlink(request: RequestWriter): void {
    writeReference(request, Method.Delete, this.agent.board.id, this.#device?.id ?? '');
  }

  unlinked(): Decision {
    const device = this.#device;
    if (device === undefined) return Decision.Yes;
    device.standing = Standing.Removed;
    if (device.putOff) this.endTrouble(true);
    return Decision.Yes;
  }

  private adopt(id: string): void {
    const device = this.#device;
    if (device === undefined) return;
    const before = device.idBytes;
    device.id = id;
    if (before === device.idBytes) return;
    device.made = false;
    device.unsettle();
    if (!device.isBoard || before.length === 0) return;
    // The children stand under the object that the board had before.
    const devices = this.agent.devices;
    for (let i = 1; i < devices.length; i++) devices[i]?.unsettle();
  }
}

/** There is something to do for it. */
function isOpen(device: Device): boolean {
  const { standing } = device;
  return standing === Standing.Unregistered || standing === Standing.Removing || (device.owes && !device.gone);
}
