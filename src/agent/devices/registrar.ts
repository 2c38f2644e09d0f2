// SPDX-License-Identifier: Apache-2.0

import { readManagedObjectId, writeIdentityLookUp } from '../../cumulocity/identity.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import { writeString } from '../../json/write.ts';
import type { Agent } from '../agent.ts';
import { type BodySink, Decision, Event, Machine } from '../machine.ts';
import { wasDamaged } from '../stored-state.ts';
import type { Body } from '../uplink/answer.ts';
import { type Device, Standing } from './device.ts';
import { writeCreation, writeUpdate } from './device-document.ts';
import { OwnObjects } from './own-objects.ts';
import { Register, registerTable } from './registrar-table.ts';

/** On flash: external ids of devices whose creation was begun and has not come to its end, one a line. */
const INTENT = 'creating';
/** More is not noted: what is there says already that an object may be there. */
const NOTED_MAX_CHARS = 2000;
/** After an answer that was lost, an object is looked for so often before another one is made. */
const MOST_LOOKS = 3;
/** So long the registration of children goes before listening. */
const LISTEN_MS = 30_000;
/** A failure that is no refusal is told when it has come so often. */
const TOLD_FAILURES = 3;
/** So often an object that is missing is looked up anew before the device does with the id that it has. */
const MOST_MISSING = 8;
/** Every so many times that a child finds no parent. */
const NO_PARENT_LOOKS = 4;

/** Registers the devices one after the other. */
export class Registrar extends Machine {
  #device: Device | undefined = undefined;
  #foundId = '';
  /** There while an object is looked for that may have been made. */
  #own: OwnObjects | undefined = undefined;
  /** Id of the object that this start has made for the device, while nobody else can know it. */
  #madeId = '';
  /** Which device is first to be tried again: the one after that which has failed last. */
  #turn = 0;
  /** When the device listens at the latest, by the clock's ticks. */
  #listenTicks = 0;
  /** The state that asked last. */
  #asked = -1;
  /** The failure was no refusal. */
  #isCounted = false;

  constructor(agent: Agent) {
    super(agent, registerTable);
    this.enter(Register.Idle);
  }

  /** There is a device to register or to remove, or there are credentials now. */
  look(): void {
    this.fire(Event.Wake);
  }

  override rewind(): void {
    this.#own?.rewind();
    this.#asked = this.state;
  }

  override fail(what: string, reason: string, retryAfterMs?: number): void {
    this.#isCounted = true;
    super.fail(what, reason, retryAfterMs);
  }

  /** What has failed is put off here, and the rest goes on. */
  override get dueTicks(): number {
    return 0;
  }

  /** That others are registered says nothing of the one that is not. */
  override get isRetry(): boolean {
    return this.#device?.putOff === true;
  }

  /** What one can do again the others may be able to do, too. */
  protected override onHealed(): void {
    for (const device of this.agent.devices) device.putOff = false;
  }

  // What the table's states do.

  /** Yes: one to register. Other: one to remove. Again: what is left has failed, and waits. No: all is done. */
  next(): Decision {
    this.cease();
    this.#own = undefined;
    this.#madeId = '';
    this.#device = this.choose();
    const device = this.#device;
    if (device !== undefined) {
      // Children that take long keep nobody from listening either.
      if (this.agent.board.registered && this.agent.hal.clock.ticks() > this.#listenTicks) this.agent.onSettled(false);
      return device.standing === Standing.Removing ? Decision.Other : Decision.Yes;
    }
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
    writeIdentityLookUp(request, this.agent.config.externalIdType, this.#device?.externalId ?? '');
  }

  readLookUp(body: Body): boolean {
    this.#foundId = readManagedObjectId(body) ?? '';
    return this.#foundId !== '';
  }

  found(): Decision {
    this.adopt(this.#foundId);
    this.forgetIntent();
    return Decision.Yes;
  }

  /** Yes: the intent is noted now. Other: there was one, so an object may be there. No: the flash refuses. */
  intend(): Decision {
    const device = this.#device;
    if (device === undefined) return Decision.No;
    const noted = this.agent.recall(INTENT) ?? '';
    if (isNoted(noted, device) || noted.length > NOTED_MAX_CHARS) return Decision.Other;
    // Whatever is noted, somebody's outcome is in doubt; what cannot be read may have been for any device.
    const isDoubtful = noted !== '' || wasDamaged(this.agent.hal.store, INTENT);
    const text = noted === '' ? device.externalId : `${noted}\n${device.externalId}`;
    if (!this.agent.remember(INTENT, text)) return Decision.No;
    return isDoubtful ? Decision.Other : Decision.Yes;
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
    this.agent.hal.log('info', `${this.#device?.label}: managed object ${this.#foundId}`);
    return Decision.Yes;
  }

  writeIdentify(request: RequestWriter): void {
    const device = this.#device;
    request.start(Method.Post).put(Path.GlobalIds);
    request.percentEncoded(device?.id ?? '').put(Path.GlobalIdsTail);
    request.headers(Media.ExternalId, undefined);
    request.text('{"type":');
    writeString(request, this.agent.config.externalIdType);
    request.text(',"externalId":');
    writeString(request, device?.externalId ?? '');
    request.text('}');
  }

  /** Yes: bound to what was just made. Other: that is an orphan. No: bound to what was there before. */
  compare(): Decision {
    const wasMade = this.#madeId !== '';
    if (wasMade && this.#foundId === this.#madeId) return Decision.Yes;
    // What was found and not made here may be somebody else's.
    this.adopt(this.#foundId);
    return wasMade ? Decision.Other : Decision.No;
  }

  writeRemoveOrphan(request: RequestWriter): void {
    request.start(Method.Delete).put(Path.ManagedObjects).byte(0x2f).percentEncoded(this.#madeId);
    request.headers(undefined, undefined);
  }

  writeUpdate(request: RequestWriter): void {
    request
      .start(Method.Put)
      .put(Path.ManagedObjects)
      .byte(0x2f)
      .percentEncoded(this.#device?.id ?? '');
    request.headers(Media.ManagedObject, undefined);
    if (this.#device !== undefined) writeUpdate(request, this.#device);
  }

  updated(): boolean {
    if (this.#device !== undefined) this.#device.owes = false;
    return true;
  }

  /** The board is under nothing. */
  skipLink(): Decision | undefined {
    this.forgetIntent();
    return this.#device?.isBoard === true ? Decision.No : undefined;
  }

  writeLink(request: RequestWriter): void {
    this.writeChildren(request, Method.Post);
    request.headers(Media.Reference, undefined);
    request.text('{"managedObject":{"id":');
    writeString(request, this.#device?.id ?? '');
    request.text('}}');
  }

  done(): Decision {
    const device = this.#device;
    if (device === undefined) return Decision.Yes;
    device.looks = 0;
    if (!device.owes) {
      // While it was not under the board, its operations were in no list.
      if (device.failures > 0 && !device.isBoard) this.agent.backlog.refresh();
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
    return (this.#device?.failures ?? 0) < MOST_MISSING ? Decision.Yes : Decision.No;
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
    const isRefusal = !this.#isCounted;
    this.#isCounted = false;
    // Told once, until it works: to the log, and of a child to whoever looks at the device.
    if (isRefusal ? !device.putOff : device.failures === TOLD_FAILURES) {
      this.agent.hal.log('error', `${device.label}: ${what}`);
      if (!device.isBoard) this.agent.board.event('c8y_ChildRefused', `Child ${device.childId}: ${what}`);
    }
    if (isRefusal) this.failAt(this.trouble?.state ?? this.#asked, device.label, what);
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
    this.writeChildren(request, Method.Delete);
    request.headers(undefined, undefined);
  }

  unlinked(): Decision {
    const device = this.#device;
    if (device === undefined) return Decision.Yes;
    device.standing = Standing.Removed;
    if (device.putOff) this.endTrouble(true);
    return Decision.Yes;
  }

  private writeChildren(request: RequestWriter, method: Method): void {
    request.start(method).put(Path.ManagedObjects).byte(0x2f).percentEncoded(this.agent.board.id);
    request.put(Path.ChildDevices);
    if (method === Method.Delete) request.byte(0x2f).percentEncoded(this.#device?.id ?? '');
  }

  /** Only that of this device: of another one the outcome is as open as before. */
  private forgetIntent(): void {
    const device = this.#device;
    const noted = this.agent.recall(INTENT);
    if (device === undefined || noted === undefined || !isNoted(noted, device)) return;
    const others = noted.split('\n').filter((each) => each !== device.externalId);
    this.agent.remember(INTENT, others.join('\n') || undefined);
  }

  private adopt(id: string): void {
    const device = this.#device;
    if (device === undefined) return;
    const before = device.idBytes;
    device.id = id;
    if (before !== device.idBytes) device.unsettle();
    if (!device.isBoard || before.length === 0 || before === device.idBytes) return;
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

/** Whether the creation of this device's object was begun. */
function isNoted(noted: string, device: Device): boolean {
  return noted.split('\n').includes(device.externalId);
}
