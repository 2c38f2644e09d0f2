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

/** Looks among the objects that a user owns for the one that was made for a device. */
export class OwnObjects extends ObjectSearch {
  /** Id of the object; empty: not found so far. */
  foundId = '';
  readonly #key: string;

  /** @param key what the device writes into each object it makes */
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

  /** True when the search has to go on, with the next page. */
  turnPage(): boolean {
    return this.foundId === '' && this.turn();
  }

  protected override examine(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    const key = member(bytes, from, to, Name.ExternalId);
    // Only objects that have it are asked for; of a large one it may have been left out.
    const isLeftOut = key < 0 && elided && kindAt(bytes, from) === Kind.Object;
    if (!isLeftOut && kindAt(bytes, key) !== Kind.String) this.isGarbled = true;
    if (readString(bytes, key, to) !== this.#key) return;
    const id = readId(bytes, member(bytes, from, to, Name.Id), to);
    if (id === undefined) this.isGarbled = true;
    else if (this.foundId === '') this.foundId = id;
  }
}
