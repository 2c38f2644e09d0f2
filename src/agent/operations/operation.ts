// SPDX-License-Identifier: Apache-2.0

import { ascii, cut, cutBytes, steady } from '../../bytes/text.ts';
import type { ByteWriter } from '../../bytes/writer.ts';
import type { Operation as Asked, Capability } from '../../capability.ts';
import { checkFragment, FRAGMENTS_MAX_BYTES } from '../../cumulocity/inventory.ts';
import { PLATFORM_MEMBERS } from '../../cumulocity/operation.ts';
import { valueAtPath } from '../../json/path.ts';
import {
  firstElement,
  firstMember,
  Kind,
  kindAt,
  memberValue,
  nextElement,
  nextMember,
  readBoolean,
  readNumber,
  readString,
  skipValue,
} from '../../json/scan.ts';
import { type Json, writeJson, writeString } from '../../json/write.ts';

const MAX_REASON_CHARS = 400;

const SUCCESSFUL = steady('{"status":"SUCCESSFUL"');
const FAILED = ascii('{"status":"FAILED","failureReason":');

/** The device that an operation is for, and its capabilities. */
export interface OperationDevice {
  /** The child's id; empty for the board. */
  readonly childId: string;
  /** The capability for operations of this name; undefined: there is none. */
  capability(name: string): Capability | undefined;
}

/** Flags of an operation. They are bits, because an object of three flags would take 64 bytes. */
export const Trait = { None: 0, Interrupted: 1, Foreign: 2, Elided: 4, Begun: 8, Finished: 16, TakenBack: 32 } as const;

/**
 * One operation: its request, read directly from the platform's text, and its result. A name that a server chooses
 * never becomes a property, because XS keeps such names for ever.
 */
export class Operation implements Asked {
  /** The next operation in the line of the device; only the executor sets it. */
  following: Operation | undefined;
  readonly id: string;
  readonly device: OperationDevice;
  /** The name of the fragment that contains the request; empty when there is none. */
  readonly name: string;
  /** The whole operation as received: some capabilities read members beside their fragment. */
  readonly bytes: Uint8Array;
  readonly #idAt: number;
  #traits: number;
  /** Index of the fragment's name in `bytes`; -1 when there is none. */
  readonly #nameAt: number;
  #reason: string | undefined;
  #fragments: [string, Json][] | undefined;
  #fragmentBytes = 0;
  /** The value of the member that the final update adds to the fragment, and its name. */
  #addition: string | undefined;
  #additionName = '';
  #onFinished: (() => void) | undefined = undefined;
  #onNews: (() => void) | undefined = undefined;
  onTimeout: (() => void) | undefined = undefined;
  /** The progress to report next; empty when there is none. The executor clears it. */
  news = '';

  /**
   * @param bytes the whole operation as JSON; kept, not copied.
   * @param idAt index of the value of its id.
   * @param traits bits of `Trait`.
   */
  constructor(id: string, device: OperationDevice, bytes: Uint8Array, idAt: number, traits: number) {
    this.id = id;
    this.device = device;
    this.bytes = bytes;
    this.#idAt = idAt;
    this.#traits = traits;
    let name = '';
    let nameAt = -1;
    for (let at = firstMember(bytes, 0, bytes.length); at >= 0; at = nextMember(bytes, at, bytes.length)) {
      const each = readString(bytes, at, bytes.length);
      if (each === undefined || PLATFORM_MEMBERS.includes(each)) continue;
      const known = this.foreign ? undefined : device.capability(each);
      if (name !== '' && known === undefined) continue;
      name = each;
      nameAt = at;
      if (known !== undefined) break;
    }
    this.name = name;
    this.#nameAt = nameAt;
  }

  /** The capability that carries it out; undefined when there is none. */
  get capability(): Capability | undefined {
    return this.foreign ? undefined : this.device.capability(this.name);
  }

  /** Whether it was EXECUTING at the start, or the journal knows it from an earlier start. */
  get interrupted(): boolean {
    return (this.#traits & Trait.Interrupted) !== 0;
  }

  /** Whether an earlier start has called its handler. */
  get begun(): boolean {
    return (this.#traits & Trait.Begun) !== 0;
  }

  /** Whether an earlier start has begun it, but the platform has it PENDING. */
  get takenBack(): boolean {
    return (this.#traits & Trait.TakenBack) !== 0;
  }

  /** The platform has it EXECUTING again. */
  accepted(): void {
    this.#traits &= ~Trait.TakenBack;
  }

  /** Whether the agent does not have its device: it is not carried out. */
  get foreign(): boolean {
    return (this.#traits & Trait.Foreign) !== 0;
  }

  /** Whether parts of it were too large for this device, which are read as null. */
  get elided(): boolean {
    return (this.#traits & Trait.Elided) !== 0;
  }

  text(name: string): string | undefined {
    return readString(this.bytes, this.value(name), this.bytes.length);
  }

  number(name: string): number | undefined {
    const number = readNumber(this.bytes, this.value(name), this.bytes.length);
    return Number.isNaN(number) ? undefined : number;
  }

  flag(name: string): boolean | undefined {
    return readBoolean(this.bytes, this.value(name), this.bytes.length);
  }

  count(path: string): number | undefined {
    const bytes = this.bytes;
    const list = this.list(path);
    if (list < 0) return undefined;
    let count = 0;
    for (let at = firstElement(bytes, list, bytes.length); at >= 0; at = nextElement(bytes, at, bytes.length)) count++;
    return count;
  }

  texts(path = ''): string[] | undefined {
    const bytes = this.bytes;
    const list = this.list(path);
    if (list < 0) return undefined;
    const texts: string[] = [];
    for (let at = firstElement(bytes, list, bytes.length); at >= 0; at = nextElement(bytes, at, bytes.length)) {
      const text = readString(bytes, at, bytes.length);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return texts;
  }

  progress(text: string): void {
    if (this.finished) return;
    this.news = cut(text, MAX_REASON_CHARS);
    this.#onNews?.();
  }

  fragment(name: string, value: Json): void {
    if (this.finished) return;
    this.#fragmentBytes += checkFragment(name, value);
    if (this.#fragmentBytes > FRAGMENTS_MAX_BYTES) {
      throw new RangeError(
        `fragment ${name}: with it the operation has more than ${FRAGMENTS_MAX_BYTES} bytes of fragments`,
      );
    }
    this.#fragments ??= [];
    this.#fragments.push([name, value]);
  }

  repeat(name: string, value: string, maxBytes: number): void {
    if (this.finished) return;
    this.#additionName = name;
    this.#addition = cutBytes(value, maxBytes);
  }

  succeed(): void {
    this.finish(undefined);
  }

  fail(reason: string): void {
    this.finish(reason === '' ? 'failed' : cut(reason, MAX_REASON_CHARS));
  }

  /** Whether its fragment was too large for this device. */
  get tooLarge(): boolean {
    return this.elided && (this.valueAt < 0 || kindAt(this.bytes, this.valueAt) === Kind.Null);
  }

  get finished(): boolean {
    return (this.#traits & Trait.Finished) !== 0;
  }

  /** Undefined: it has not failed. */
  get failureReason(): string | undefined {
    return this.#reason;
  }

  get hasFragments(): boolean {
    return this.#fragments !== undefined;
  }

  /** The fragments for the inventory, as name and value. */
  get fragments(): readonly [string, Json][] {
    return this.#fragments ?? [];
  }

  /** Sets the listeners: `listener` is called once at the end, never if that is past; `onNews` at each progress. */
  onFinished(listener: (() => void) | undefined, onNews?: () => void): void {
    this.#onFinished = listener;
    this.#onNews = onNews;
  }

  /** Writes `{"fragment":…}` for the inventory. */
  writeFragments(to: ByteWriter): void {
    to.byte(0x7b);
    const fragments = this.#fragments ?? [];
    for (let i = 0; i < fragments.length; i++) {
      const [name, value] = fragments[i] as [string, Json];
      if (i > 0) to.byte(0x2c);
      writeString(to, name);
      to.byte(0x3a);
      writeJson(to, value);
    }
    to.byte(0x7d);
  }

  /** Writes the id as it is in URLs. */
  writeId(to: ByteWriter): void {
    const bytes = this.bytes;
    const end = skipValue(bytes, this.#idAt, bytes.length);
    const quotes = kindAt(bytes, this.#idAt) === Kind.String ? 1 : 0;
    to.putRange(bytes, this.#idAt + quotes, end - quotes);
  }

  /** Writes the final update; `bare` leaves out everything but status and reason. */
  writeEnd(to: ByteWriter, bare: boolean): void {
    if (this.#reason === undefined) {
      to.put(SUCCESSFUL);
      if (this.#addition !== undefined && !bare) this.writeRepeated(to, this.#additionName, this.#addition);
    } else {
      to.put(FAILED);
      writeString(to, this.#reason);
    }
    to.byte(0x7d);
  }

  /** Writes the fragment as received, with one more member. */
  private writeRepeated(to: ByteWriter, name: string, value: string): void {
    const bytes = this.bytes;
    to.byte(0x2c).putRange(bytes, this.#nameAt, skipValue(bytes, this.#nameAt, bytes.length));
    to.byte(0x3a).byte(0x7b);
    for (let at = firstMember(bytes, this.valueAt, bytes.length); at >= 0; at = nextMember(bytes, at, bytes.length)) {
      if (readString(bytes, at, bytes.length) === name) continue;
      to.putRange(bytes, at, skipValue(bytes, memberValue(bytes, at, bytes.length), bytes.length)).byte(0x2c);
    }
    writeString(to, name);
    to.byte(0x3a);
    writeString(to, value);
    to.byte(0x7d);
  }

  private value(name: string): number {
    return valueAtPath(this.bytes, this.valueAt, this.bytes.length, name);
  }

  /** Index of the list at `path`, or of the fragment itself; -1: there is none. */
  private list(path: string): number {
    const at = path === '' ? this.valueAt : this.value(path);
    return at >= 0 && kindAt(this.bytes, at) === Kind.Array ? at : -1;
  }

  /** Index of the fragment's value; -1 when there is none. */
  private get valueAt(): number {
    return this.#nameAt < 0 ? -1 : memberValue(this.bytes, this.#nameAt, this.bytes.length);
  }

  private finish(reason: string | undefined): void {
    if (this.finished) return;
    this.#traits |= Trait.Finished;
    this.#reason = reason;
    const listener = this.#onFinished;
    this.#onFinished = undefined;
    listener?.();
  }
}
