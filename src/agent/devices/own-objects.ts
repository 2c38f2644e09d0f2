import { Media, Name, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import { Kind, kindAt, member, readId, readString } from '../../json/scan.ts';
import { type ElementOwner, ElementSplitter, elementList } from '../../json/splitter.ts';

const PAGE = 20;
/** A platform that pages without an end is not followed; a board does not have so many objects. */
const MOST_PAGES = 100;
const OBJECTS = elementList({
  listName: Name.ManagedObjects,
  bufferBytes: 256,
  bufferMaxBytes: 4096,
  // The serial number is a member of c8y_Hardware.
  memberDepth: 2,
});

/** Looks among the objects that a user owns for the one that a piece of hardware has made, page by page. */
export class OwnObjects implements ElementOwner {
  /** Id of the object; empty: not found so far. */
  foundId = '';
  readonly splitter = new ElementSplitter(OBJECTS, this);
  readonly #serialNumber: string;
  #page = 1;
  #elements = 0;
  /** There is something in the list that cannot be read: perhaps the object. */
  #garbled = false;

  constructor(serialNumber: string) {
    this.#serialNumber = serialNumber;
  }

  /** A new attempt at the page begins. */
  rewind(): void {
    this.splitter.reset();
    this.foundId = '';
    this.#elements = 0;
    this.#garbled = false;
  }

  writeRequest(request: RequestWriter, user: string): void {
    request.start(Method.Get).put(Path.ManagedObjects).text('?fragmentType=c8y_Hardware&withChildren=false&owner=');
    request.percentEncoded(user).text(`&pageSize=${PAGE}&currentPage=${this.#page}`);
    request.headers(undefined, Media.ManagedObjectCollection);
  }

  /** Whether the page has come, and nothing in it can be the object unseen. */
  understood(): boolean {
    return this.splitter.end() && this.splitter.found && !this.#garbled;
  }

  /** True when the search has to go on, with the next page. */
  turnPage(): boolean {
    if (this.foundId !== '' || this.#elements < PAGE || this.#page >= MOST_PAGES) return false;
    this.#page++;
    return true;
  }

  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    this.#elements++;
    const hardware = member(bytes, from, to, Name.Hardware);
    // Only objects that have it are asked for; of a large one it may have been left out.
    const isLeftOut = hardware < 0 && elided && kindAt(bytes, from) === Kind.Object;
    if (!isLeftOut && kindAt(bytes, hardware) !== Kind.Object) this.#garbled = true;
    const serial = member(bytes, hardware, to, Name.SerialNumber);
    if (readString(bytes, serial, to) !== this.#serialNumber) return;
    const id = readId(bytes, member(bytes, from, to, Name.Id), to);
    if (id === undefined) this.#garbled = true;
    else if (this.foundId === '') this.foundId = id;
  }
}
