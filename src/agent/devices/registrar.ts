import { readManagedObjectId, writeIdentityLookUp } from '../../cumulocity/identity.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import type { ResponseHead } from '../../http/response.ts';
import { writeString } from '../../json/write.ts';
import type { Agent } from '../agent.ts';
import { type BodySink, Decision, Event, Machine } from '../machine.ts';
import { wasDamaged } from '../stored-state.ts';
import type { Body } from '../uplink/requests.ts';
import { type Device, Standing } from './device.ts';
import { writeCreation, writeUpdate } from './device-document.ts';
import { OwnObjects } from './own-objects.ts';
import { Register, registerTable } from './registrar-table.ts';

/** On flash: external ids of devices whose creation was begun and has not come to its end, one a line. */
const INTENT = 'creating';
/** More is not noted: what is there says already that an object may be there. */
const NOTED_MAX_CHARS = 2000;
const WAIT_MS = 5000;
const MOST_WAIT_MS = 60_000;

/** Registers the devices one after the other. */
export class Registrar extends Machine {
  #device: Device | undefined = undefined;
  #foundId = '';
  /** There while an object is looked for that may have been made. */
  #own: OwnObjects | undefined = undefined;
  /** Id of the object that this start has made for the device, while nobody else can know it. */
  #madeId = '';
  #waits = 0;

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
  }

  // What the table's states do.

  /** Yes: one to register. Other: one to remove. No: all is done. */
  next(): Decision {
    this.cease();
    this.#own = undefined;
    this.#madeId = '';
    const devices = this.agent.devices;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i];
      if (device === undefined) continue;
      this.#device = device;
      if (device.standing === Standing.Unregistered) return Decision.Yes;
      if (device.standing === Standing.Removing) return Decision.Other;
    }
    this.#device = undefined;
    this.agent.onAllRegistered();
    return Decision.No;
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

  /** Yes: here it is. Again: there are more pages. No: it was never made. */
  judgeOwn(): Decision {
    if (this.own.turnPage()) return Decision.Again;
    this.#foundId = this.own.foundId;
    this.#own = undefined;
    if (this.#foundId === '') return Decision.No;
    this.agent.hal.log('info', `${this.#device?.label}: managed object ${this.#foundId} was made before: adopted`);
    return Decision.Yes;
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

  readCreate(head: ResponseHead): boolean {
    this.#foundId = this.#madeId = head.locationId ?? '';
    return true;
  }

  /** No: the platform has not said which object it made. */
  keep(): Decision {
    if (this.#foundId === '') return Decision.No;
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
    this.#waits = 0;
    if (device !== undefined && device.standing === Standing.Unregistered) {
      device.standing = Standing.Registered;
      this.agent.onRegistered(device);
    }
    return Decision.Yes;
  }

  /** Yes: a child; said so, and the others go on. No: the board itself; nothing works until a person acts. */
  refused(): Decision {
    const device = this.#device;
    const advice = `the platform refuses ${this.agent.uplink.user} the managed object ${device?.id || '(new)'}: is it the owner?`;
    this.agent.hal.log('error', `${device?.label}: ${advice}`);
    if (device === undefined || device.isBoard) return Decision.No;
    this.agent.board.event('c8y_ChildRefused', `Child ${device.childId}: ${advice}`);
    return Decision.Yes;
  }

  wait(): undefined {
    this.#waits++;
    // A child that finds no parent: the board itself is to be looked up again, before it.
    if (this.#device?.isBoard === false) this.agent.board.unsettle();
    this.fireAfter(Math.min(WAIT_MS * 2 ** Math.min(this.#waits - 1, 10), MOST_WAIT_MS));
    return undefined;
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
    if (this.#device !== undefined) this.#device.standing = Standing.Removed;
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
    if (!device.isBoard || before.length === 0 || before === device.idBytes) return;
    // The children stand under the object that the board had before.
    const devices = this.agent.devices;
    for (let i = 1; i < devices.length; i++) devices[i]?.unsettle();
  }
}

/** Whether the creation of this device's object was begun. */
function isNoted(noted: string, device: Device): boolean {
  return noted.split('\n').includes(device.externalId);
}
