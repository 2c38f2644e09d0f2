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

/** The longest value that is kept of an element too large: an id in its quotes. */
const SHORT_VALUE_BYTES = 66;

/** What is true of a splitter; bits, for as many fields would take 16 bytes each. */
const Is = {
  Failed: 1,
  InList: 2,
  /** The member that began last is the list. */
  ListNext: 4,
  InElement: 8,
  /** The element is too large: long values are left out. */
  Lean: 16,
  Elided: 32,
  /** What comes belongs to a value or member that is left out. */
  Skipping: 64,
  /** The list was there. */
  Found: 128,
  /** The member is wanted: it may be long although the element is too large. */
  Wanted: 256,
} as const;

/**
 * Reads one of the two lists that the platform sends, `[{…},{…}]` and `{"name":[{…},{…}],…}`, as it comes in, however
 * it is cut, and hands over one element at a time. White space costs nothing: a long poll is kept alive by it.
 *
 * An element larger than the buffer, or deeper than 30 levels, does not fail. Its values longer than an id are replaced
 * by null where they belong to a member at `memberDepth` or above, so that ids and names survive wherever they stand.
 * What the owner wants is kept as long as it is, and leaves an eighth of the buffer to them. From half the buffer on only
 * that and texts are kept, and the objects on the way to them; if it is full even so, the members that follow are left out.
 */
export class ElementSplitter {
  readonly #list: ElementList;
  readonly #owner: ElementOwner;
  readonly #text = new JsonAutomaton();
  /** Empty until an element comes in more than one piece. */
  #buffer: Uint8Array = NO_BYTES;
  #end = 0;
  /** Bits out of `Is`. */
  #flags = 0;
  /** Level of the innermost object of the element whose members are looked at; 0: the element is no object. */
  #level = 0;
  /** Where the current member, and its value, begin in the buffer; no value yet: -1. */
  #memberAt = 0;
  #valueAt = -1;

  constructor(list: ElementList, owner: ElementOwner) {
    this.#list = list;
    this.#owner = owner;
  }

  /** Ready for the next text; the buffer is given back. */
  reset(): void {
    this.#text.reset();
    this.#flags = 0;
    this.#end = 0;
    this.#buffer = NO_BYTES;
  }

  /** False: the text is malformed, or no list of this shape; it stays so. */
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

  /** Whether the list was in it: a text without it says nothing about what there is. */
  get found(): boolean {
    return this.is(Is.Found);
  }

  private is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  /** An element that has come in one piece is handed over where it lies. Returns the index after it, or -1. */
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
      // A number ends with the byte after it, which is no part of it any more.
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

  /** Up to the list: which member it is. */
  private outside(byte: number, stand: Stand, depth: number): boolean {
    const { listName } = this.#list;
    const isArray = byte === OPEN_ARRAY && (stand === Stand.Value || stand === Stand.ValueOrEnd);
    if (depth === 0) {
      if (this.#text.depth === 0) return isSpace(byte);
      if (listName === undefined) this.#flags |= Is.InList | Is.Found;
      return listName === undefined ? isArray : byte === OPEN_OBJECT;
    }
    if (listName === undefined) return true;
    if (stand === Stand.Name || stand === Stand.NameOrEnd) {
      this.#end = 0;
      if (byte === QUOTE) this.append(byte);
    } else if (stand <= Stand.Unicode) {
      // No name longer than the buffer is the list's.
      if (this.#end < this.#list.bufferBytes) this.append(byte);
    } else if (stand === Stand.Colon && byte === COLON) {
      if (stringEquals(this.#buffer, 0, this.#end, listName)) this.#flags |= Is.ListNext;
      else this.#flags &= ~Is.ListNext;
    } else if (isArray && this.is(Is.ListNext)) {
      this.#flags |= Is.InList | Is.Found;
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

  /** Takes a byte of the element that is no white space between tokens; `stand` and `depth` are those before it. */
  private collect(byte: number, stand: Stand, depth: number): void {
    const level = this.#level;
    const structural = stand > Stand.Unicode && depth === this.#list.depth + level;
    if (this.is(Is.Skipping)) {
      if (!structural || level === 0 || (byte !== COMMA && byte !== CLOSE_OBJECT)) return;
      this.#flags &= ~Is.Skipping;
    }
    // Nobody could read a value that deep.
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
      // However many members come first: the second half is for short texts, among which are the ids.
      this.leaveOut();
      return;
    }
    this.#valueAt = this.#end;
    if (!this.put(byte) || byte !== OPEN_OBJECT || this.#level >= this.#list.memberDepth) return;
    this.#level++;
    this.#valueAt = -1;
  }

  /** With the comma, or with the quote if it is the object's first; there is no comma if all before were left out. */
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

  /** The name of the member that has begun is there, and its colon. */
  private isWanted(): boolean {
    const nameAt = this.#memberAt + (this.#buffer[this.#memberAt] === COMMA ? 1 : 0);
    return (
      this.#level === this.#list.memberDepth &&
      this.#level > 0 &&
      this.#owner.keeps?.(this.#buffer, nameAt, this.#end - 1) === true
    );
  }

  /** Keeps a byte of a name or a value. False: there was no room, and what it belongs to is gone. */
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

  /** What the byte belongs to is left out. */
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
   * The element turns out to be too large: what is held of it, and the byte for which there is no room, are read
   * again, now with long values left out. What is written then never overtakes what is read.
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

  /** The buffer doubles up to its bound, within which the caller stays. */
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
