// SPDX-License-Identifier: Apache-2.0

import { Media, Name, Path } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import { elementList } from '../../../json/element-list.ts';
import { member, readId } from '../../../json/scan.ts';
import { ObjectSearch } from './object-search.ts';

const OBJECTS = elementList({ listName: Name.ManagedObjects, bufferBytes: 256, bufferMaxBytes: 1024, memberDepth: 1 });

/** Finds the parents of a child. */
export class Parents extends ObjectSearch {
  readonly ids: string[] = [];

  constructor() {
    super(OBJECTS);
  }

  protected override rewind(): void {
    super.rewind();
    this.ids.length = 0;
  }

  writeRequest(request: RequestWriter, childId: string): void {
    request.start(Method.Get).put(Path.ManagedObjects).text('?childDeviceId=').percentEncoded(childId).byte(0x26);
    this.writePage(request);
    request.headers(undefined, Media.ManagedObjectCollection);
  }

  protected override examine(bytes: Uint8Array, from: number, to: number): void {
    const id = readId(bytes, member(bytes, from, to, Name.Id), to);
    if (id !== undefined) this.ids.push(id);
  }
}
