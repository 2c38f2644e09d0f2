// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../../../bytes/text.ts';
import { Media, Name, Path, Query } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import { type ElementOwner, elementList } from '../../../json/element-list.ts';
import { firstMember, member, memberValue, nextMember, readId, readString, stringEquals } from '../../../json/scan.ts';
import { ElementSplitter } from '../../../json/splitter.ts';
import type { AlarmEntry } from './alarm-entry.ts';

/** Only id, severity and text of an alarm are read, whatever other members it has. */
const LOOKED_FOR = elementList({ listName: Name.Alarms, bufferBytes: 256, bufferMaxBytes: 2048, memberDepth: 1 });

const ACTIVE = ascii('&resolved=false&pageSize=1');

/** Looks for the active alarm of an entry's source and type. */
export class AlarmLook implements ElementOwner {
  readonly splitter = new ElementSplitter(LOOKED_FOR, this);
  readonly #entry: AlarmEntry;
  /** Id of the alarm; undefined: none was found; empty: its id cannot be read. */
  #foundId: string | undefined;
  #differs = false;

  constructor(entry: AlarmEntry) {
    this.#entry = entry;
  }

  isOf(entry: AlarmEntry | undefined): boolean {
    return this.#entry === entry;
  }

  write(request: RequestWriter): void {
    const { device, type } = this.#entry;
    request.start(Method.Get).put(Path.Alarms).put(Query.Source).percentEncoded(device.id);
    request.put(Query.Type).percentEncoded(type).put(ACTIVE);
    request.headers(undefined, Media.AlarmCollection);
  }

  /** Begins a new attempt: discards the partial result of the last one. */
  rewind(): void {
    this.splitter.reset();
    this.#foundId = undefined;
    this.#differs = false;
  }

  /** Whether the list has arrived in full and can be read. */
  understood(): boolean {
    return this.splitter.end() && this.splitter.found && this.#foundId !== '';
  }

  /** Id of the alarm; empty: there is none. */
  get id(): string {
    return this.#foundId ?? '';
  }

  /** Whether its severity or text differ from the wanted ones. */
  get differs(): boolean {
    return this.#differs;
  }

  keeps(bytes: Uint8Array, from: number, to: number): boolean {
    return stringEquals(bytes, from, to, Name.Text);
  }

  onElement(bytes: Uint8Array, from: number, to: number): void {
    this.#foundId ??= readId(bytes, member(bytes, from, to, Name.Id), to) ?? '';
    const { severity, body } = this.#entry;
    // The text is the second member.
    const wanted = memberValue(body, nextMember(body, firstMember(body, 0, body.length), body.length), body.length);
    const text = readString(bytes, member(bytes, from, to, Name.Text), to);
    this.#differs =
      readString(bytes, member(bytes, from, to, Name.Severity), to) !== severity ||
      (text !== undefined && text !== readString(body, wanted, body.length));
  }
}
