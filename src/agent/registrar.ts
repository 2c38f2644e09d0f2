import { Media, Name, Path } from '../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import { Kind, kindAt, member, readDecimalId, readString } from '../json/scan.ts';
import { ElementSplitter, elementList } from '../json/splitter.ts';
import { writeString } from '../json/write.ts';
import type { Agent } from './agent.ts';
import { type Device, Standing } from './device.ts';
import { Machine, Outcome, type Table } from './machine.ts';
import { readManagedObjectId } from './reporter.ts';
import type { Body } from './requests.ts';

const Register = {
  Idle: 0,
  Next: 1,
  LookUp: 2,
  Found: 3,
  Intend: 4,
  FindOwn: 5,
  FoundOwn: 6,
  Create: 7,
  Keep: 8,
  Identify: 9,
  LookAgain: 10,
  Compare: 11,
  RemoveOrphan: 12,
  Update: 13,
  Link: 14,
  Done: 15,
  Refused: 16,
  Wait: 17,
  Unlink: 18,
  Unlinked: 19,
  LookUpRemoved: 20,
} as const;

/**
 * Guide steps 1 to 5, for the board and then for each child: look the external id up; without one create the object
 * and bind the id to it; with one update the object; put a child under the board.
 */
export const registerTable: Table<Registrar> = [
  { name: 'idle', step: 'guide step 1', on: { [Outcome.Yes]: Register.Next } },
  {
    name: 'next device',
    step: 'guide step 5',
    enter: (registrar) => registrar.next(),
    on: { [Outcome.Yes]: Register.LookUp, [Outcome.Conflict]: Register.LookUpRemoved, [Outcome.No]: Register.Idle },
  },
  {
    name: 'look the external id up',
    step: 'guide step 1',
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readLookUp(body),
    on: { [Outcome.Ok]: Register.Found, [Outcome.NotFound]: Register.Intend },
  },
  {
    name: 'registered before',
    step: 'guide step 1',
    enter: (registrar) => registrar.found(),
    on: { [Outcome.Yes]: Register.Update },
  },
  {
    // The intent is on flash before the creation: after an answer that was lost, also by a power cut, comes a search.
    name: 'note the intent',
    step: 'guide step 2, before',
    enter: (registrar) => registrar.intend(),
    on: { [Outcome.Yes]: Register.FindOwn, [Outcome.Ok]: Register.Create, [Outcome.No]: Register.Wait },
  },
  {
    name: 'look for an own object',
    step: 'guide step 2, outcome unknown',
    request: (registrar, request) => registrar.writeFindOwn(request),
    sink: (registrar) => registrar.splitter,
    read: (registrar) => registrar.readFindOwn(),
    on: { [Outcome.Ok]: Register.FoundOwn, [Outcome.Forbidden]: Register.Wait },
  },
  {
    name: 'judge the own objects',
    step: 'guide step 2, outcome unknown',
    enter: (registrar) => registrar.judgeOwn(),
    on: { [Outcome.Yes]: Register.Keep, [Outcome.Ok]: Register.FindOwn, [Outcome.No]: Register.Create },
  },
  {
    name: 'create',
    step: 'guide step 2',
    once: true,
    request: (registrar, request) => registrar.writeCreate(request),
    read: (registrar, _body, head) => registrar.readCreate(head),
    on: {
      [Outcome.Ok]: Register.Keep,
      [Outcome.Unknown]: Register.FindOwn,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.Refused,
    },
  },
  {
    name: 'note the id',
    step: 'guide step 3, before',
    enter: (registrar) => registrar.keep(),
    on: { [Outcome.Yes]: Register.Identify, [Outcome.No]: Register.FindOwn },
  },
  {
    name: 'bind the external id',
    step: 'guide step 3',
    request: (registrar, request) => registrar.writeIdentify(request),
    on: {
      [Outcome.Ok]: Register.Link,
      [Outcome.Conflict]: Register.LookAgain,
      [Outcome.NotFound]: Register.Wait,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.Refused,
    },
  },
  {
    name: 'see whose the external id is',
    step: 'guide step 3, bound already',
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readLookUp(body),
    on: { [Outcome.Ok]: Register.Compare, [Outcome.NotFound]: Register.Wait },
  },
  {
    name: 'compare',
    step: 'guide step 3, bound already',
    enter: (registrar) => registrar.compare(),
    on: { [Outcome.Ok]: Register.Link, [Outcome.Conflict]: Register.RemoveOrphan },
  },
  {
    name: 'remove the orphan',
    step: 'guide step 3, bound already',
    request: (registrar, request) => registrar.writeRemoveOrphan(request),
    on: {
      [Outcome.Ok]: Register.Update,
      [Outcome.NotFound]: Register.Update,
      [Outcome.Forbidden]: Register.Update,
      [Outcome.Conflict]: Register.Update,
      [Outcome.Invalid]: Register.Update,
    },
  },
  {
    name: 'update',
    step: 'guide step 4',
    request: (registrar, request) => registrar.writeUpdate(request),
    on: {
      [Outcome.Ok]: Register.Link,
      // Deleted; its external id goes a little later.
      [Outcome.NotFound]: Register.Wait,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.Refused,
    },
  },
  {
    name: 'put under the board',
    step: 'guide step 5',
    enter: (registrar) => registrar.skipLink(),
    request: (registrar, request) => registrar.writeLink(request),
    on: {
      [Outcome.No]: Register.Done,
      [Outcome.Ok]: Register.Done,
      [Outcome.Conflict]: Register.Done,
      [Outcome.Invalid]: Register.Done,
      [Outcome.Forbidden]: Register.Done,
      [Outcome.NotFound]: Register.Wait,
    },
  },
  {
    name: 'registered',
    step: 'guide step 5',
    enter: (registrar) => registrar.done(),
    on: { [Outcome.Yes]: Register.Next },
  },
  {
    name: 'not the owner',
    step: 'guide, replacing a physical device',
    enter: (registrar) => registrar.refused(),
    on: { [Outcome.Yes]: Register.Done, [Outcome.No]: Register.Wait },
  },
  {
    name: 'wait',
    step: 'guide step 1, again',
    enter: (registrar) => registrar.wait(),
    on: { [Outcome.Time]: Register.Next, [Outcome.Yes]: Register.Next },
  },
  {
    name: 'take from under the board',
    step: 'guide step 5, removed',
    request: (registrar, request) => registrar.writeUnlink(request),
    on: {
      [Outcome.Ok]: Register.Unlinked,
      [Outcome.NotFound]: Register.Unlinked,
      [Outcome.Invalid]: Register.Unlinked,
      [Outcome.Conflict]: Register.Unlinked,
      [Outcome.Forbidden]: Register.Unlinked,
    },
  },
  {
    name: 'removed',
    step: 'guide step 5, removed',
    enter: (registrar) => registrar.unlinked(),
    on: { [Outcome.Yes]: Register.Next },
  },
  {
    // Declared removed before this start has registered it: it may be under the board since the time before.
    name: 'look up what is removed',
    step: 'guide step 5, removed',
    enter: (registrar) => registrar.skipLookUp(),
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readRemoved(body),
    on: {
      [Outcome.Yes]: Register.Unlink,
      [Outcome.Ok]: Register.Unlink,
      [Outcome.NotFound]: Register.Unlinked,
    },
  },
];

/** On flash while an object is being made: external id, and the new object's id once it is known. */
const INTENT = 'creating';
const OWN_PAGE = 20;
/** A platform that pages without an end is not followed; a board does not have so many objects. */
const MOST_PAGES = 100;
const OWN = elementList({
  listName: Name.ManagedObjects,
  bufferBytes: 256,
  bufferMaxBytes: 4096,
  // The serial number is a member of c8y_Hardware.
  memberDepth: 2,
});
const WAIT_MS = 5000;
const MOST_WAIT_MS = 60_000;

/** Registers the devices one after the other. */
export class Registrar extends Machine {
  #device: Device | undefined = undefined;
  #foundId = '';
  #own: ElementSplitter | undefined = undefined;
  #orphan = '';
  #page = 1;
  #elements = 0;
  /** There is something in the list that cannot be read: perhaps the own object. */
  #garbled = false;
  #waits = 0;

  constructor(agent: Agent) {
    super(agent, registerTable);
    this.enter(Register.Idle);
  }

  /** There is a device to register or to remove, or there are credentials now. */
  look(): void {
    this.fire(Outcome.Yes);
  }

  override rewind(): void {
    this.#own?.reset();
    this.#elements = 0;
    this.#garbled = false;
  }

  // What the table's states do.

  next(): number {
    this.cease();
    const devices = this.agent.devices;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i];
      if (device === undefined) continue;
      this.#device = device;
      if (device.standing === Standing.Unregistered) return Outcome.Yes;
      if (device.standing === Standing.Removing) return Outcome.Conflict;
    }
    this.#device = undefined;
    this.agent.onAllRegistered();
    return Outcome.No;
  }

  writeLookUp(request: RequestWriter): void {
    this.#foundId = '';
    request.start(Method.Get).put(Path.ExternalIds).percentEncoded(this.agent.config.externalIdType);
    request.byte(0x2f).percentEncoded(this.#device?.externalId ?? '');
    request.headers(undefined, Media.ExternalId);
  }

  readLookUp(body: Body): boolean {
    this.#foundId = readManagedObjectId(body) ?? '';
    return this.#foundId !== '';
  }

  found(): number {
    this.adopt(this.#foundId);
    this.forgetIntent();
    return Outcome.Yes;
  }

  /** Yes: there was an intent, so an object may be there. Ok: it is noted now. No: the flash refuses. */
  intend(): number {
    const device = this.#device;
    if (device === undefined) return Outcome.No;
    if (this.isIntended(device)) return Outcome.Yes;
    return this.agent.remember(INTENT, device.externalId) ? Outcome.Ok : Outcome.No;
  }

  writeFindOwn(request: RequestWriter): void {
    this.#foundId = '';
    request.start(Method.Get).put(Path.ManagedObjects).text('?fragmentType=c8y_Hardware&withChildren=false&owner=');
    request.percentEncoded(this.agent.user).text(`&pageSize=${OWN_PAGE}&currentPage=${this.#page}`);
    request.headers(undefined, Media.ManagedObjectCollection);
  }

  get splitter(): ElementSplitter {
    this.#own ??= new ElementSplitter(OWN, this);
    return this.#own;
  }

  readFindOwn(): boolean {
    return this.#own?.end() === true && this.#own.found && !this.#garbled;
  }

  /** Yes: here it is. Ok: there are more pages. No: it was never made. */
  judgeOwn(): number {
    if (this.#foundId === '' && this.#elements >= OWN_PAGE && this.#page < MOST_PAGES) {
      this.#page++;
      return Outcome.Ok;
    }
    this.#page = 1;
    this.#own = undefined;
    if (this.#foundId === '') return Outcome.No;
    this.agent.hal.log('info', `${this.#device?.label}: managed object ${this.#foundId} was made before: adopted`);
    return Outcome.Yes;
  }

  writeCreate(request: RequestWriter): void {
    this.#foundId = '';
    request.start(Method.Post).put(Path.ManagedObjects).headers(Media.ManagedObject, undefined);
    this.#device?.writeCreation(request);
  }

  readCreate(head: ResponseHead): boolean {
    this.#foundId = head.locationId() ?? '';
    return true;
  }

  /** No: the platform has not said which object it made. */
  keep(): number {
    if (this.#foundId === '') return Outcome.No;
    this.agent.remember(INTENT, `${this.#device?.externalId}\n${this.#foundId}`);
    this.adopt(this.#foundId);
    this.agent.hal.log('info', `${this.#device?.label}: managed object ${this.#foundId}`);
    return Outcome.Yes;
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

  /** Ok: bound to this very object. Conflict: to another one, so the one just made is an orphan. */
  compare(): number {
    if (this.#foundId === this.#device?.id) return Outcome.Ok;
    return Outcome.Conflict;
  }

  writeRemoveOrphan(request: RequestWriter): void {
    const device = this.#device;
    if (device !== undefined && device.id !== this.#foundId) {
      this.#orphan = device.id;
      this.adopt(this.#foundId);
    }
    request.start(Method.Delete).put(Path.ManagedObjects).byte(0x2f).percentEncoded(this.#orphan);
    request.headers(undefined, undefined);
  }

  writeUpdate(request: RequestWriter): void {
    request
      .start(Method.Put)
      .put(Path.ManagedObjects)
      .byte(0x2f)
      .percentEncoded(this.#device?.id ?? '');
    request.headers(Media.ManagedObject, undefined);
    this.#device?.writeUpdate(request);
  }

  /** The board is under nothing. */
  skipLink(): number | undefined {
    this.forgetIntent();
    return this.#device?.isBoard === true ? Outcome.No : undefined;
  }

  writeLink(request: RequestWriter): void {
    this.writeChildren(request, Method.Post);
    request.headers(Media.Reference, undefined);
    request.text('{"managedObject":{"id":');
    writeString(request, this.#device?.id ?? '');
    request.text('}}');
  }

  done(): number {
    const device = this.#device;
    this.#waits = 0;
    if (device !== undefined && device.standing === Standing.Unregistered) {
      device.standing = Standing.Registered;
      this.agent.onRegistered(device);
    }
    return Outcome.Yes;
  }

  /** Yes: a child; said so, and the others go on. No: the board itself; nothing works until a person acts. */
  refused(): number {
    const device = this.#device;
    const advice = `the platform refuses ${this.agent.user} the managed object ${device?.id || '(new)'}: is it the owner?`;
    this.agent.hal.log('error', `${device?.label}: ${advice}`);
    if (device === undefined || device.isBoard) return Outcome.No;
    this.agent.board.event('c8y_ChildRefused', `Child ${device.childId}: ${advice}`);
    return Outcome.Yes;
  }

  wait(): undefined {
    this.#waits++;
    // A child that finds no parent: the board itself is to be looked up again, before it.
    if (this.#device?.isBoard === false) this.agent.board.unsettle();
    this.fireAfter(Math.min(WAIT_MS * 2 ** Math.min(this.#waits - 1, 10), MOST_WAIT_MS));
    return undefined;
  }

  skipLookUp(): number | undefined {
    return this.#device?.known === true ? Outcome.Yes : undefined;
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

  unlinked(): number {
    if (this.#device !== undefined) this.#device.standing = Standing.Removed;
    return Outcome.Yes;
  }

  private writeChildren(request: RequestWriter, method: Method): void {
    request.start(method).put(Path.ManagedObjects).byte(0x2f).percentEncoded(this.agent.board.id);
    request.put(Path.ChildDevices);
    if (method === Method.Delete) request.byte(0x2f).percentEncoded(this.#device?.id ?? '');
  }

  /** Whether the creation of this device's object was begun. */
  private isIntended(device: Device): boolean {
    return this.agent.recall(INTENT)?.split('\n')[0] === device.externalId;
  }

  /** Only that of this device: after a power cut the one on flash may be for another, which has its turn later. */
  private forgetIntent(): void {
    if (this.#device !== undefined && this.isIntended(this.#device)) this.agent.remember(INTENT, undefined);
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

  /** Is this element of the list the object that this very piece of hardware has made? */
  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    this.#elements++;
    const hardware = member(bytes, from, to, Name.Hardware);
    // Only objects that have it are asked for; of a large one it may have been left out.
    const isLeftOut = hardware < 0 && elided && kindAt(bytes, from) === Kind.Object;
    if (!isLeftOut && kindAt(bytes, hardware) !== Kind.Object) this.#garbled = true;
    const serial = member(bytes, hardware, to, Name.SerialNumber);
    if (readString(bytes, serial, to) !== this.#device?.serialNumber) return;
    const id = readDecimalId(bytes, member(bytes, from, to, Name.Id), to);
    if (id === undefined) this.#garbled = true;
    else if (this.#foundId === '') this.#foundId = id;
  }
}
