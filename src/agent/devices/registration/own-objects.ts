// SPDX-License-Identifier: Apache-2.0

import { Media, Name, Path } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import { elementList } from '../../../json/element-list.ts';
import { Kind, kindAt, member, readId, readString } from '../../../json/scan.ts';
import { ObjectSearch } from './object-search.ts';

const OBJECTS = elementList({
  listName: Name.ManagedObjects,
  bufferBytes: 256,
  bufferMaxBytes: 4096,
  memberDepth: 1,
});

/** Searches the objects that a user owns for the one that was created for a device. */
export class OwnObjects extends ObjectSearch {
  /** Id of the object; empty: not found so far. */
  foundId = '';
  readonly #key: string;

  /** @param key the key that the device writes into the object that it creates */
  constructor(key: string) {
    super(OBJECTS);
    this.#key = key;
  }

  protected override rewind(): void {
    super.rewind();
    this.foundId = '';
  }

  writeRequest(request: RequestWriter, user: string): void {
    request.start(Method.Get).put(Path.ManagedObjects).text('?fragmentType=fractus_ExternalId&owner=');
    request.percentEncoded(user).byte(0x26);
    this.writePage(request);
    request.headers(undefined, Media.ManagedObjectCollection);
  }

  /** Goes to the next page. False: the object is found, or there is no next page. */
  turnPage(): boolean {
    return this.foundId === '' && this.advance();
  }

  protected override examine(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    const key = member(bytes, from, to, Name.ExternalId);
    // The request selects objects with this member, but the splitter may have left it out of a large one.
    const isLeftOut = key < 0 && elided && kindAt(bytes, from) === Kind.Object;
    if (!isLeftOut && kindAt(bytes, key) !== Kind.String) this.isGarbled = true;
    if (readString(bytes, key, to) !== this.#key) return;
    const id = readId(bytes, member(bytes, from, to, Name.Id), to);
    if (id === undefined) this.isGarbled = true;
    else if (this.foundId === '') this.foundId = id;
  }
}
