// SPDX-License-Identifier: Apache-2.0

import { Query } from '../../../cumulocity/wire.ts';
import type { RequestWriter } from '../../../http/request.ts';
import type { ElementList, ElementOwner } from '../../../json/element-list.ts';
import { ElementSplitter } from '../../../json/splitter.ts';

/** Objects a page. */
const PAGE = 20;
/** A platform that pages without an end is not followed; a board does not have so many objects. */
const MOST_PAGES = 100;

/** Looks through a list of objects, page by page. */
export abstract class ObjectSearch implements ElementOwner {
  readonly splitter: ElementSplitter;
  /** There is something in the list that cannot be read: perhaps what is looked for. */
  protected isGarbled = false;
  #page = 1;
  #elements = 0;

  constructor(list: ElementList) {
    this.splitter = new ElementSplitter(list, this);
  }

  /** A new attempt at the page begins: forgets what an earlier answer has left half-way. */
  protected rewind(): void {
    this.splitter.reset();
    this.#elements = 0;
    this.isGarbled = false;
  }

  /** Whether the page has come, and nothing in it can be what is looked for unseen. */
  understood(): boolean {
    return this.splitter.end() && this.splitter.found && !this.isGarbled;
  }

  /** True when there may be another page, which is the present one then. */
  protected turn(): boolean {
    if (this.#elements < PAGE || this.#page >= MOST_PAGES) return false;
    this.#page++;
    return true;
  }

  protected writePage(request: RequestWriter): void {
    this.rewind();
    request.text('withChildren=false').put(Query.PageSize).integer(PAGE).put(Query.CurrentPage).integer(this.#page);
  }

  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    this.#elements++;
    this.examine(bytes, from, to, elided);
  }

  /** At an element of the list. */
  protected abstract examine(bytes: Uint8Array, from: number, to: number, elided: boolean): void;
}
