// SPDX-License-Identifier: Apache-2.0

import { ascii, NO_BYTES, steady } from '../bytes/text.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import { firstMember, Kind, kindAt, readBoolean, readNumber, readString, stringEquals } from '../json/scan.ts';
import { firstBytes, indexOfName, soundEnd, soundNext, soundValue } from '../json/sound.ts';

/** Indexes into `MEMBERS`, the members of a message. */
const Place = { OfChannel: 0, OfAdvice: 1, OfData: 2, OfSuccess: 3, OfError: 4, OfClient: 5 } as const;
const MEMBERS = [
  ascii('channel'),
  ascii('advice'),
  ascii('data'),
  ascii('successful'),
  ascii('error'),
  ascii('clientId'),
];
const FIRST_BYTES = firstBytes(MEMBERS);
/** Indexes into `ADVICES`, the members of the advice. */
const AdvicePlace = { OfReconnect: 0, OfInterval: 1, OfTimeout: 2 } as const;
const ADVICES = [ascii('reconnect'), ascii('interval'), ascii('timeout')];
const ADVICE_FIRST_BYTES = firstBytes(ADVICES);

const META_HANDSHAKE = ascii('/meta/handshake');
const META_SUBSCRIBE = ascii('/meta/subscribe');
const META_CONNECT = ascii('/meta/connect');
const RETRY = ascii('retry');
const HANDSHAKE = ascii('handshake');
const NONE = ascii('none');

const OPEN_HANDSHAKE = ascii(
  '[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"],"advice":{"timeout":',
);
const OPEN_SUBSCRIBE = ascii('[{"channel":"/meta/subscribe","subscription":"/');
const OPEN_CONNECT = steady('[{"channel":"/meta/connect","connectionType":"long-polling","clientId":"');
const CLIENT = ascii('","clientId":"');
const POLL_TIMEOUT = ascii('","advice":{"timeout":');
const END_ADVICE = ascii('}}]');
const END_INTERVAL = ascii(',"interval":0}}]');
const END = steady('"}]');

/** The server's advice for the next step (Bayeux §3.9). */
export const Reconnect = { Retry: 0, Handshake: 1, None: 2 } as const;

/** Flags of an answer. Bits, because as many fields would take 16 bytes each. */
const Is = { Replied: 1, Successful: 2, Bringing: 4 } as const;

const CLIENT_ID_MAX_CHARS = 256;
const CLIENT_ID_FORM = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** The longest interval between connects, whatever the advice. */
const INTERVAL_MAX_MS = 3_600_000;

export interface BayeuxOwner {
  /** Takes the range of a message's `data`, an operation as JSON; `elided`: parts were too large and read as null. */
  push(bytes: Uint8Array, from: number, to: number, elided: boolean): void;
  /** Whether a member of that name is needed although the operation is too large. */
  keeps(bytes: Uint8Array, from: number, to: number): boolean;
}

/**
 * One session of the Bayeux protocol, as far as a subscriber of one channel by long polling needs it. Writes the three
 * messages, and reads messages in any order and number. Knows nothing of time or connections.
 */
export class BayeuxSession {
  readonly #owner: BayeuxOwner;
  #clientId: Uint8Array = NO_BYTES;
  /** Bits out of `Is`. */
  #flags = 0;
  /** The number in the error `code:args:text`; 0: none. */
  errorCode = 0;
  reconnect: number = Reconnect.Retry;
  /** Milliseconds to wait before the next connect. */
  intervalMs = 0;
  /** Time for which the server holds a poll; NaN: unknown. */
  timeoutMs = NaN;

  constructor(owner: BayeuxOwner) {
    this.#owner = owner;
  }

  /** The current request has its reply. */
  get replied(): boolean {
    return (this.#flags & Is.Replied) !== 0;
  }

  /** The reply is successful. */
  get successful(): boolean {
    return (this.#flags & Is.Successful) !== 0;
  }

  /** The answer contained an operation. */
  get brought(): boolean {
    return (this.#flags & Is.Bringing) !== 0;
  }

  /** Forgets the session with the server. */
  restart(): void {
    this.#clientId = NO_BYTES;
    this.timeoutMs = NaN;
    this.intervalMs = 0;
  }

  /** Prepares for a new answer. */
  expect(): void {
    this.#flags = 0;
    this.errorCode = 0;
    this.reconnect = Reconnect.Retry;
  }

  writeHandshake(to: ByteWriter, timeoutMs: number): void {
    to.put(OPEN_HANDSHAKE).integer(timeoutMs).put(END_INTERVAL);
  }

  writeSubscribe(to: ByteWriter, channel: Uint8Array): void {
    to.put(OPEN_SUBSCRIBE).put(channel).put(CLIENT).put(this.#clientId).put(END);
  }

  /** @param timeoutMs requests another holding time for this poll; below 0: the agreed one */
  writeConnect(to: ByteWriter, timeoutMs: number): void {
    to.put(OPEN_CONNECT).put(this.#clientId);
    if (timeoutMs < 0) to.put(END);
    else to.put(POLL_TIMEOUT).integer(timeoutMs).put(END_ADVICE);
  }

  /** Takes one message of an answer. A message that is not understood is skipped; the others still count. */
  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    let channel = -1;
    let advice = -1;
    let data = -1;
    let dataEnd = -1;
    let successful = -1;
    let error = -1;
    let clientId = -1;
    for (let at = firstMember(bytes, from, to), end = 0; at >= 0; at = soundNext(bytes, end, to)) {
      const value = soundValue(bytes, at, to);
      end = soundEnd(bytes, value, to);
      switch (indexOfName(bytes, at, to, FIRST_BYTES, MEMBERS)) {
        case Place.OfChannel:
          channel = value;
          break;
        case Place.OfAdvice:
          advice = value;
          break;
        case Place.OfData:
          data = value;
          dataEnd = end;
          break;
        case Place.OfSuccess:
          successful = value;
          break;
        case Place.OfError:
          error = value;
          break;
        case Place.OfClient:
          clientId = value;
          break;
      }
    }
    if (channel < 0) return;
    if (advice >= 0) this.advise(bytes, advice, to);
    const handshake = stringEquals(bytes, channel, to, META_HANDSHAKE);
    if (
      handshake ||
      stringEquals(bytes, channel, to, META_SUBSCRIBE) ||
      stringEquals(bytes, channel, to, META_CONNECT)
    ) {
      const isSuccessful = readBoolean(bytes, successful, to) === true;
      this.reply(isSuccessful, readString(bytes, error, to));
      if (handshake && isSuccessful) this.begin(readString(bytes, clientId, to));
      return;
    }
    if (dataEnd < 0 || kindAt(bytes, data) !== Kind.Object) return;
    this.#flags |= Is.Bringing;
    this.#owner.push(bytes, data, dataEnd, elided);
  }

  keeps(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#owner.keeps(bytes, from, to);
  }

  private reply(isSuccessful: boolean, error: string | undefined): void {
    this.#flags = (this.#flags & Is.Bringing) | Is.Replied | (isSuccessful ? Is.Successful : 0);
    if (error !== undefined) this.errorCode = Number.parseInt(error, 10) || 0;
    // 402 on a subscribe comes without advice: the session is gone, whatever the reason.
    if (this.errorCode === 402) this.reconnect = Reconnect.Handshake;
  }

  /** Takes the id that the server gives this session. */
  private begin(id: string | undefined): void {
    const fit = id !== undefined && id.length <= CLIENT_ID_MAX_CHARS && CLIENT_ID_FORM.test(id);
    if (fit) this.#clientId = ascii(id);
    else this.#flags &= ~Is.Successful;
  }

  private advise(bytes: Uint8Array, advice: number, to: number): void {
    if (kindAt(bytes, advice) !== Kind.Object) return;
    let reconnect = -1;
    let intervalAt = -1;
    let timeoutAt = -1;
    for (
      let at = firstMember(bytes, advice, to), value = 0;
      at >= 0;
      at = soundNext(bytes, soundEnd(bytes, value, to), to)
    ) {
      value = soundValue(bytes, at, to);
      const name = indexOfName(bytes, at, to, ADVICE_FIRST_BYTES, ADVICES);
      if (name === AdvicePlace.OfReconnect) reconnect = value;
      else if (name === AdvicePlace.OfInterval) intervalAt = value;
      else if (name === AdvicePlace.OfTimeout) timeoutAt = value;
    }
    if (stringEquals(bytes, reconnect, to, HANDSHAKE)) this.reconnect = Reconnect.Handshake;
    else if (stringEquals(bytes, reconnect, to, NONE)) this.reconnect = Reconnect.None;
    else if (stringEquals(bytes, reconnect, to, RETRY)) this.reconnect = Reconnect.Retry;
    const interval = readNumber(bytes, intervalAt, to);
    if (interval >= 0 && interval < Number.POSITIVE_INFINITY) this.intervalMs = Math.min(interval, INTERVAL_MAX_MS);
    const timeout = readNumber(bytes, timeoutAt, to);
    if (timeout >= 0) this.timeoutMs = timeout;
  }
}
