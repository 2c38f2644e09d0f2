// SPDX-License-Identifier: Apache-2.0

import { Query } from '../../../cumulocity/wire.ts';
import type { RequestWriter } from '../../../http/request.ts';
import type { ElementList, ElementOwner } from '../../../json/element-list.ts';
import { ElementSplitter } from '../../../json/splitter.ts';

/** The number of objects per page. */
const PAGE = 20;
/** The most pages of a search, because a faulty platform may page without end. A board has fewer objects. */
const MOST_PAGES = 100;

/** Searches a list of objects, page by page. */
export abstract class ObjectSearch implements ElementOwner {
  readonly splitter: ElementSplitter;
  /** Whether an element cannot be read, which may be the one that is searched for. */
  protected isGarbled = false;
  #page = 1;
  #elements = 0;

  constructor(list: ElementList) {
    this.splitter = new ElementSplitter(list, this);
  }

  /** Begins a new attempt at the page: discards the partial results of an earlier answer. */
  protected rewind(): void {
    this.splitter.reset();
    this.#elements = 0;
    this.isGarbled = false;
  }

  /** Whether the page has arrived in full and all its elements can be read. */
  understood(): boolean {
    return this.splitter.end() && this.splitter.found && !this.isGarbled;
  }

  /** Goes to the next page. False: there is none. */
  protected advance(): boolean {
    const isMore = this.#elements >= PAGE || (this.#elements > 0 && this.splitter.more);
    if (!isMore || this.#page >= MOST_PAGES) return false;
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

  /** Examines an element of the list. */
  protected abstract examine(bytes: Uint8Array, from: number, to: number, elided: boolean): void;
}
