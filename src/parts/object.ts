// SPDX-License-Identifier: Apache-2.0
/**
 * `fractus/object`: the content of a device's own managed object. Part of the apps that import it, and of no other
 * image.
 */

import { Outcome } from '../base/outcome.ts';
import { ascii } from '../bytes/text.ts';
import type { CoreRequest, CoreSink } from '../core.ts';
import { Media, Name } from '../cumulocity/wire.ts';
import { Method } from '../http/request.ts';
import type { AppDevice } from '../index.ts';
import { type ElementOwner, elementList } from '../json/element-list.ts';
import { valueAtPath } from '../json/path.ts';
import { member, readBoolean, readNumber, readString } from '../json/scan.ts';
import { ElementSplitter } from '../json/splitter.ts';
import { Asking } from './asking.ts';

const OBJECTS = elementList({
  listName: Name.ManagedObjects,
  bufferBytes: 512,
  bufferMaxBytes: 4096,
  memberDepth: 1,
});

/**
 * The fragments as they were read: by name, or by a path such as `acme_Plan.slots[2].start`. No name becomes a
 * property.
 */
export interface ObjectView {
  /** Undefined: there is no such value, or it is not a text. */
  text(path: string): string | undefined;
  number(path: string): number | undefined;
  flag(path: string): boolean | undefined;
}

/** The managed object of a device. */
export interface OwnObject {
  /**
   * Reads the fragments once the device is registered, also after an outage, and calls `onRead` with the result.
   * Undefined: the platform refuses, or the object does not exist any more. A second call during a request only
   * replaces `onRead`.
   */
  read(onRead: (view: ObjectView | undefined) => void): void;
}

/**
 * Fragments of the managed object of the board or of a child, as set by an operator or another system; for fragments of
 * the agent itself the device has the better source. Together they have at most 3,500 bytes: a fragment without room
 * seems to be missing.
 */
export function ownObject(device: AppDevice, names: readonly string[]): OwnObject {
  return new Reader(device, names);
}

class Reader extends Asking implements OwnObject, ElementOwner {
  readonly #names: readonly string[];
  readonly #splitter = new ElementSplitter(OBJECTS, this);
  #onRead: ((view: ObjectView | undefined) => void) | undefined = undefined;
  #view: View | undefined;

  constructor(device: AppDevice, names: readonly string[]) {
    super(device);
    this.#names = names;
  }

  read(onRead: (view: ObjectView | undefined) => void): void {
    this.#onRead = onRead;
    this.ask();
  }

  get stateName(): string {
    return 'read the object';
  }

  get sink(): CoreSink {
    return this.#splitter;
  }

  write(request: CoreRequest): void {
    const path = `/inventory/managedObjects?ids=${this.device.id}&withChildren=false&pageSize=1`;
    request.start(Method.Get).given(ascii(path)).headers(undefined, Media.ManagedObjectCollection);
  }

  understand(): boolean {
    return this.#splitter.end() && this.#splitter.found;
  }

  rewind(): void {
    this.#splitter.reset();
    this.#view = undefined;
  }

  protected override onOutcome(outcome: number): void {
    const onRead = this.#onRead;
    const view = outcome === Outcome.Ok ? this.#view : undefined;
    this.#onRead = undefined;
    this.rewind();
    onRead?.(view);
  }

  keeps(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#names.includes(readString(bytes, from, to) ?? '');
  }

  onElement(bytes: Uint8Array, from: number, to: number): void {
    if (readString(bytes, member(bytes, from, to, Name.Id), to) !== this.device.id) return;
    this.#view = new View(bytes.slice(from, to));
  }
}

class View implements ObjectView {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  text(path: string): string | undefined {
    return readString(this.#bytes, this.#at(path), this.#bytes.length);
  }

  number(path: string): number | undefined {
    const number = readNumber(this.#bytes, this.#at(path), this.#bytes.length);
    return Number.isNaN(number) ? undefined : number;
  }

  flag(path: string): boolean | undefined {
    return readBoolean(this.#bytes, this.#at(path), this.#bytes.length);
  }

  #at(path: string): number {
    return valueAtPath(this.#bytes, 0, this.#bytes.length, path);
  }
}
