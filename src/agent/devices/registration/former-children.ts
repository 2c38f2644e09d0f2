// SPDX-License-Identifier: Apache-2.0

import { writeObject } from '../../../cumulocity/inventory.ts';
import { Media, Name, Path } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import { elementList } from '../../../json/element-list.ts';
import { member, readId, readString } from '../../../json/scan.ts';
import { ObjectSearch } from './object-search.ts';

const REFERENCES = elementList({
  listName: Name.References,
  bufferBytes: 256,
  bufferMaxBytes: 4096,
  memberDepth: 2,
});
const MOST_FOUND = 200;

/** Finds the children that a replaced device has left under its object, now this one's (guide, replacing a device). */
export class FormerChildren extends ObjectSearch {
  isComplete = false;
  readonly #parentId: string;
  readonly #ownPrefix: string;
  /** The key in the object of each child, and the id of the object. */
  readonly #found: [key: string, id: string][] = [];

  /** @param ownPrefix the prefix of the keys of this device's own children */
  constructor(parentId: string, ownPrefix: string) {
    super(REFERENCES);
    this.#parentId = parentId;
    this.#ownPrefix = ownPrefix;
  }

  isOf(parentId: string): boolean {
    return this.#parentId === parentId;
  }

  writeRequest(request: RequestWriter): void {
    writeObject(request, Method.Get, this.#parentId).put(Path.ChildDevices).byte(0x3f);
    this.writePage(request);
    request.headers(undefined, Media.ReferenceCollection);
  }

  /** Ends a page and goes to the next one, or sets `isComplete`. False: the page has not arrived in full. */
  read(): boolean {
    if (!this.understood()) return false;
    this.isComplete = !this.advance();
    return true;
  }

  /** Id of the object that was created for the child of this id; undefined when there is none. */
  idOf(childId: string): string | undefined {
    const end = `:${childId.slice(-50)}`;
    return this.#found.find(([key]) => key.endsWith(end))?.[1];
  }

  protected override examine(bytes: Uint8Array, from: number, to: number): void {
    const object = member(bytes, from, to, Name.ManagedObject);
    const key = readString(bytes, member(bytes, object, to, Name.ExternalId), to);
    const id = readId(bytes, member(bytes, object, to, Name.Id), to);
    if (key === undefined || id === undefined || key.startsWith(this.#ownPrefix)) return;
    if (this.#found.length < MOST_FOUND) this.#found.push([key, id]);
  }
}
