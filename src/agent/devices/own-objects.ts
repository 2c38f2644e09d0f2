// SPDX-License-Identifier: Apache-2.0

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
  memberDepth: 1,
});

/** Looks among the objects that a user owns for the one that was made for a device, page by page. */
export class OwnObjects implements ElementOwner {
  /** Id of the object; empty: not found so far. */
  foundId = '';
  readonly splitter = new ElementSplitter(OBJECTS, this);
  readonly #key: string;
  #page = 1;
  #elements = 0;
  /** There is something in the list that cannot be read: perhaps the object. */
  #garbled = false;

  /** @param key what the device writes into each object it makes */
  constructor(key: string) {
    this.#key = key;
  }

  /** A new attempt at the page begins. */
  rewind(): void {
    this.splitter.reset();
    this.foundId = '';
    this.#elements = 0;
    this.#garbled = false;
  }

  writeRequest(request: RequestWriter, user: string): void {
    request
      .start(Method.Get)
      .put(Path.ManagedObjects)
      .text('?fragmentType=fractus_ExternalId&withChildren=false&owner=');
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
    const key = member(bytes, from, to, Name.ExternalId);
    // Only objects that have it are asked for; of a large one it may have been left out.
    const isLeftOut = key < 0 && elided && kindAt(bytes, from) === Kind.Object;
    if (!isLeftOut && kindAt(bytes, key) !== Kind.String) this.#garbled = true;
    if (readString(bytes, key, to) !== this.#key) return;
    const id = readId(bytes, member(bytes, from, to, Name.Id), to);
    if (id === undefined) this.#garbled = true;
    else if (this.foundId === '') this.foundId = id;
  }
}
