// SPDX-License-Identifier: Apache-2.0

import { NO_BYTES } from '../bytes/text.ts';
import { isNumberEnd, JsonAutomaton, Stand } from './automaton.ts';
import { type ElementList, type ElementOwner, NULL } from './element-list.ts';
import {
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isSpace,
  MAX_DEPTH,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipLevels,
} from './grammar.ts';
import { stringEquals } from './read.ts';
import { Is } from './splitter-flags.ts';

/** The longest value that an element too large keeps: an id in its quotes. */
const SHORT_VALUE_BYTES = 66;

const SMALL_N = 0x6e;

/**
 * Reads one of the two kinds of list that the platform sends, `[{…},{…}]` and `{"name":[{…},{…}],…}`, in pieces of any
 * size, and hands over one element at a time. White space costs nothing: it keeps a long poll alive.
 *
 * An element larger than the buffer, or deeper than 30 levels, does not fail. Its values longer than an id are replaced
 * by null where they belong to a member at `memberDepth` or above, so that ids and names survive in any place. A member
 * that the owner keeps stays whole, but leaves an eighth of the buffer to the others. The second half of the buffer
 * takes only kept members, texts, and the objects around them; when it is full, the members that follow are left out.
 */
export class ElementSplitter {
  readonly #list: ElementList;
  readonly #owner: ElementOwner;
  readonly #text = new JsonAutomaton();
  /** Empty until an element arrives in more than one piece. */
  #buffer: Uint8Array = NO_BYTES;
  #end = 0;
  /** Bits out of `Is`. */
  #flags = 0;
  /** Level of the innermost object of the element whose members are collected; 0: the element is not an object. */
  #level = 0;
  /** Index of the current member in the buffer, and of its value; -1: no value yet. */
  #memberAt = 0;
  #valueAt = -1;

  constructor(list: ElementList, owner: ElementOwner) {
    this.#list = list;
    this.#owner = owner;
  }

  /** Prepares for the next text and gives the buffer back. */
  reset(): void {
    this.#text.reset();
    this.#flags = 0;
    this.#end = 0;
    this.#buffer = NO_BYTES;
  }

  /** Takes the next bytes. Returns false, from then on, when the text is malformed or not a list of this shape. */
  feed(bytes: Uint8Array, from: number, to: number): boolean {
    let i = from;
    while (i < to && !this.is(Is.Failed)) {
      const end = this.is(Is.InList) && bytes[i] === OPEN_OBJECT ? this.takeWhole(bytes, i, to) : -1;
      if (end >= 0) i = end;
      else if (!this.take(bytes[i++] as number)) this.#flags |= Is.Failed;
    }
    return !this.is(Is.Failed);
  }

  /** Whether the text is complete. */
  end(): boolean {
    return !this.is(Is.Failed) && this.#text.complete;
  }

  /** Whether the text contained the list. A text without it says nothing about the elements that exist. */
  get found(): boolean {
    return this.is(Is.Found);
  }

  /** Whether the text has contained a text `next`: the address of one more page. */
  get more(): boolean {
    return this.is(Is.More);
  }

  private is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  /** Hands over, in place, an element that has arrived in one piece. Returns the index after it, or -1. */
  private takeWhole(bytes: Uint8Array, at: number, to: number): number {
    const text = this.#text;
    if (text.depth !== this.#list.depth || (text.stand !== Stand.Value && text.stand !== Stand.ValueOrEnd)) return -1;
    const end = skipLevels(bytes, at, to, MAX_DEPTH - this.#list.depth);
    if (end < 0 || end - at > this.#list.limitBytes) return -1;
    text.stand = Stand.AfterValue;
    this.#owner.onElement(bytes, at, end, false);
    return end;
  }

  private take(byte: number): boolean {
    const text = this.#text;
    const stand = text.stand;
    const depth = text.depth;
    if (!text.step(byte)) return false;
    if (this.is(Is.InElement)) {
      // A number ends with the byte after it, which is not part of it.
      if (depth === this.#list.depth && isNumberEnd(stand) && !(text.stand < Stand.Literal)) this.deliver();
      else {
        if (stand <= Stand.Unicode || !isSpace(byte)) this.collect(byte, stand, depth);
        if (text.depth === this.#list.depth && text.stand === Stand.AfterValue) this.deliver();
        return true;
      }
    }
    if (this.is(Is.InList)) this.betweenElements(byte, stand);
    else if (depth <= 1) return this.outside(byte, stand, depth);
    return true;
  }

  /** Takes a byte before or after the list; finds the member that is the list. */
  private outside(byte: number, stand: Stand, depth: number): boolean {
    const list = this.#list;
    const isArray = byte === OPEN_ARRAY && (stand === Stand.Value || stand === Stand.ValueOrEnd);
    if (depth === 0) {
      if (this.#text.depth === 0) return isSpace(byte);
      if (list.listName === undefined) this.#flags |= Is.InList | Is.Found;
      return list.listName === undefined ? isArray : byte === OPEN_OBJECT;
    }
    if (list.listName === undefined) return true;
    if (stand === Stand.Name || stand === Stand.NameOrEnd) {
      this.#end = 0;
      if (byte === QUOTE) this.append(byte);
    } else if (stand <= Stand.Unicode) {
      // A name longer than the buffer is not that of the list.
      if (this.#end < list.bufferBytes) this.append(byte);
    } else if (stand === Stand.Colon && byte === COLON) {
      if (stringEquals(this.#buffer, 0, this.#end, list.listName)) this.#flags |= Is.ListNext;
      else this.#flags &= ~Is.ListNext;
    } else if (isArray && this.is(Is.ListNext)) {
      this.#flags |= Is.InList | Is.Found;
    } else if (stand === Stand.Value && byte === QUOTE && this.#end === 6 && this.#buffer[1] === SMALL_N) {
      // Of the members of a list only this one begins so. A page that is not there comes empty.
      this.#flags |= Is.More;
    }
    return true;
  }

  private betweenElements(byte: number, stand: Stand): void {
    const text = this.#text;
    if (text.depth < this.#list.depth) this.#flags &= ~Is.InList;
    else if ((stand === Stand.Value || stand === Stand.ValueOrEnd) && !isSpace(byte)) {
      this.#flags = (this.#flags | Is.InElement) & ~Is.Lean;
      this.begin();
      this.collect(byte, Stand.Value, this.#list.depth);
    }
  }

  private begin(): void {
    this.#end = 0;
    this.#flags &= ~(Is.Elided | Is.Skipping | Is.Wanted);
    this.#level = 0;
    this.#memberAt = 0;
    this.#valueAt = -1;
  }

  private deliver(): void {
    this.#flags &= ~Is.InElement;
    this.#owner.onElement(this.#buffer, 0, this.#end, this.is(Is.Elided));
  }

  /** Takes a byte of the element, except white space between tokens; `stand` and `depth` are those before the byte. */
  private collect(byte: number, stand: Stand, depth: number): void {
    const level = this.#level;
    const structural = stand > Stand.Unicode && depth === this.#list.depth + level;
    if (this.is(Is.Skipping)) {
      if (!structural || level === 0 || (byte !== COMMA && byte !== CLOSE_OBJECT)) return;
      this.#flags &= ~Is.Skipping;
    }
    // No reader accepts a value this deep.
    if (depth === MAX_DEPTH && this.#text.stand === Stand.Deep) this.giveUp(byte);
    else if (!structural) this.put(byte);
    else if (stand === Stand.Value) this.startValue(byte);
    else if (level > 0 && byte === CLOSE_OBJECT) this.closeObject();
    else if ((level > 0 && byte === COMMA) || stand === Stand.NameOrEnd) this.startMember(byte);
    else this.put(byte);
  }

  private startValue(byte: number): void {
    if (this.is(Is.Lean) && this.isWanted()) this.#flags |= Is.Wanted;
    if (
      this.is(Is.Lean) &&
      !this.is(Is.Wanted) &&
      byte !== QUOTE &&
      (byte !== OPEN_OBJECT || this.#level === this.#list.memberDepth) &&
      this.#end > this.#list.limitBytes >> 1
    ) {
      // The second half of the buffer is for short texts, such as ids, however many members come first.
      this.leaveOut();
      return;
    }
    this.#valueAt = this.#end;
    if (!this.put(byte) || byte !== OPEN_OBJECT || this.#level >= this.#list.memberDepth) return;
    this.#level++;
    this.#valueAt = -1;
  }

  /** Begins with the comma, or with the quote of the first member; without comma if all members before were left out. */
  private startMember(byte: number): void {
    this.#memberAt = this.#end;
    this.#valueAt = -1;
    this.#flags &= ~Is.Wanted;
    if (byte === QUOTE || this.#buffer[this.#end - 1] !== OPEN_OBJECT) this.put(byte);
  }

  private closeObject(): void {
    this.append(CLOSE_OBJECT);
    this.#level--;
    this.#valueAt = -1;
    this.#flags &= ~Is.Wanted;
  }

  /** Whether the owner keeps the current member, whose name and colon are in the buffer. */
  private isWanted(): boolean {
    const nameAt = this.#memberAt + (this.#buffer[this.#memberAt] === COMMA ? 1 : 0);
    return (
      this.#level === this.#list.memberDepth &&
      this.#level > 0 &&
      this.#owner.keeps?.(this.#buffer, nameAt, this.#end - 1) === true
    );
  }

  /** Keeps a byte of a name or a value. False: there was no room, and its value or member is left out. */
  private put(byte: number): boolean {
    const end = this.#end;
    const { limitBytes } = this.#list;
    const isWanted = this.is(Is.Wanted);
    const tooLong = this.is(Is.Lean) && !isWanted && this.#valueAt >= 0 && end - this.#valueAt >= SHORT_VALUE_BYTES;
    if (!tooLong && end < (isWanted ? limitBytes - (limitBytes >> 3) : limitBytes)) {
      this.append(byte);
      return true;
    }
    this.giveUp(byte);
    return false;
  }

  /** Leaves out the value or member of this byte. */
  private giveUp(byte: number): void {
    if (!this.is(Is.Lean)) this.startOver(byte);
    else this.leaveOut();
  }

  private leaveOut(): void {
    this.#flags |= Is.Elided | Is.Skipping;
    const at = this.#valueAt;
    this.#end = at < 0 ? this.#memberAt : at;
    for (let i = 0; at >= 0 && i < NULL.length; i++) this.append(NULL[i] as number);
  }

  /**
   * Starts the element again, because it is too large: the collected bytes, and the byte without room, are read again
   * without long values. The write position never overtakes the read position.
   */
  private startOver(byte: number): void {
    const held = this.#end;
    const buffer = this.#buffer;
    const text = this.#text;
    this.#flags |= Is.Lean;
    text.rewind(this.#list.depth);
    this.begin();
    this.#flags |= Is.Elided;
    for (let i = 0; i <= held; i++) {
      const next = i < held ? (buffer[i] as number) : byte;
      const stand = text.stand;
      const depth = text.depth;
      text.step(next);
      this.collect(next, stand, depth);
    }
  }

  /** Appends a byte. The buffer doubles up to its maximum, which the callers respect. */
  private append(byte: number): void {
    if (this.#end === this.#buffer.length) {
      const { bufferBytes, bufferMaxBytes } = this.#list;
      const grown = new Uint8Array(Math.min(Math.max(this.#end * 2, bufferBytes), bufferMaxBytes));
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    this.#buffer[this.#end++] = byte;
  }
}
