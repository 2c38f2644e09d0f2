// SPDX-License-Identifier: Apache-2.0
/** `fractus/events`: events that can be updated. Part of the apps that import it, and of no other image. */

import { recordText } from '../agent/records/record-text.ts';
import { Outcome } from '../base/outcome.ts';
import { pauseMs } from '../base/trouble.ts';
import { ascii, NO_BYTES } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { CoreRequest, CoreSink } from '../core.ts';
import { Media, Name } from '../cumulocity/wire.ts';
import { Method } from '../http/request.ts';
import type { AppDevice, Fragments } from '../index.ts';
import { type ElementOwner, elementList } from '../json/element-list.ts';
import { member, readId, readString } from '../json/scan.ts';
import { ElementSplitter } from '../json/splitter.ts';
import { Asking } from './asking.ts';

/** Fragment that identifies an event. */
const KEY = ascii('fractus_Key');
const EVENTS = elementList({ listName: ascii('events'), bufferBytes: 256, bufferMaxBytes: 1024, memberDepth: 1 });
const COLLECTION = ascii('application/vnd.com.nsn.cumulocity.eventcollection+json');

/** Least pause before a missing event is looked for again; a growing pause is added. */
const MISSING_MS = 30_000;
/** Most searches for a missing event once nothing waits to be sent. */
const MOST_MISSES = 3;

/** An event that can be updated after it was sent: a door was opened, and in the end for how long. */
export interface OngoingEvent {
  /** Identifies the event after a restart: worth keeping (`fractus/state`) as long as it may be updated. */
  readonly key: string;
  /**
   * Changes the text, and adds fragments or replaces those of the same name; the others stay. The update is sent once
   * the event exists; several updates until then become one. In RAM only: a power cut loses what is not sent.
   * @throws RangeError as `event`
   */
  update(text: string | undefined, fragments?: Fragments): void;
}

/**
 * As `device.event`, for an event that can be updated. It is sent like all others, also after an outage and power cuts.
 */
export function ongoingEvent(device: AppDevice, type: string, text: string, fragments: Fragments = {}): OngoingEvent {
  const bytes = new Uint8Array(8);
  device.hal.secureRandom(bytes);
  let key = '';
  for (const byte of bytes) key += (byte + 0x100).toString(16).slice(1);
  device.event(type, text, { ...fragments, fractus_Key: key });
  return new Updater(device, type, key);
}

/** An event of an earlier start. @throws RangeError when `key` is not the key of an event */
export function resumedEvent(device: AppDevice, type: string, key: string): OngoingEvent {
  if (!/^[0-9a-f]{16}$/.test(key)) throw new RangeError(`event ${type}: not a key of an event`);
  return new Updater(device, type, key);
}

class Updater extends Asking implements OngoingEvent, ElementOwner {
  readonly key: string;
  readonly #type: string;
  /** Empty until the event is found. */
  #id = '';
  #misses = 0;
  /** Number of searches without result, including those while the event could not exist yet. */
  #looks = 0;
  /** Defined during a search. */
  #splitter: ElementSplitter | undefined;
  /** Changes that the platform has not taken yet. */
  #text: string | undefined;
  #fragments: Fragments = {};
  #body: Uint8Array = NO_BYTES;
  /** There are newer changes than those of the current update. */
  #hasMore = false;

  constructor(device: AppDevice, type: string, key: string) {
    super(device);
    this.#type = type;
    this.key = key;
  }

  update(text: string | undefined, fragments: Fragments = {}): void {
    const newest = { ...this.#fragments, ...fragments };
    const body = bodyOf(this.#type, text ?? this.#text, newest);
    if (this.#body === NO_BYTES) this.#count(1);
    this.#body = body;
    this.#text = text ?? this.#text;
    this.#fragments = newest;
    this.#hasMore = true;
    this.#misses = 0;
    this.ask();
  }

  get stateName(): string {
    return 'update an event';
  }

  get sink(): CoreSink | undefined {
    return this.#splitter;
  }

  write(request: CoreRequest): void {
    if (this.#id === '') {
      const query = `source=${this.device.id}&fragmentType=fractus_Key&fragmentValue=${this.key}&pageSize=10`;
      request
        .start(Method.Get)
        .given(ascii(`/event/events?${query}`))
        .headers(undefined, COLLECTION);
      return;
    }
    this.#hasMore = false;
    request
      .start(Method.Put)
      .given(ascii(`/event/events/${this.#id}`))
      .headers(Media.Event, undefined)
      .put(this.#body);
  }

  understand(): boolean {
    return this.#splitter === undefined || (this.#splitter.end() && this.#splitter.found);
  }

  rewind(): void {
    this.#splitter = this.#id === '' ? new ElementSplitter(EVENTS, this) : undefined;
  }

  onElement(bytes: Uint8Array, from: number, to: number): void {
    if (readString(bytes, member(bytes, from, to, KEY), to) !== this.key) return;
    this.#id = readId(bytes, member(bytes, from, to, Name.Id), to) ?? '';
  }

  protected override onOutcome(outcome: number): void {
    const wasLookedFor = this.#splitter !== undefined;
    this.#splitter = undefined;
    if (outcome !== Outcome.Ok) this.#end('the platform refuses it');
    else if (this.#id === '') this.#missed();
    else if (wasLookedFor || this.#hasMore) this.ask();
    else this.#end('');
  }

  /** The event waits to be sent, or was never taken. */
  #missed(): void {
    const { hal, telemetry } = this.device.agent;
    if (telemetry.waiting === 0 && ++this.#misses === MOST_MISSES) this.#end('it is not there');
    else this.askAfter(MISSING_MS + pauseMs(++this.#looks, hal.random()));
  }

  #end(trouble: string): void {
    if (trouble !== '') this.device.agent.hal.log('warn', `event ${this.#type} is not updated: ${trouble}`);
    if (this.#body !== NO_BYTES) this.#count(-1);
    this.#looks = 0;
    this.#text = undefined;
    this.#fragments = {};
    this.#body = NO_BYTES;
  }

  #count(more: number): void {
    const { agent } = this.device;
    agent.unsent = (agent.unsent ?? 0) + more;
  }
}

/** All changes, as JSON. */
function bodyOf(type: string, text: string | undefined, fragments: Fragments): Uint8Array {
  // The type cannot be changed, so it is left out.
  const { end } = recordText('event', type, undefined);
  const all = recordText('event', type, text, fragments);
  const body = new ByteWriter(64, all.end);
  body
    .byte(0x7b)
    .putRange(all.bytes, Math.min(end + 1, all.end), all.end)
    .byte(0x7d);
  return body.bytes.slice(0, body.end);
}
