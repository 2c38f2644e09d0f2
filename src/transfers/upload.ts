// SPDX-License-Identifier: Apache-2.0

import type { ByteStream } from '../../hal/hal.ts';
import { isPlatformError, outcomeOf } from '../base/answer.ts';
import { ascii } from '../bytes/text.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { Json, Media, Name, Path, Query } from '../cumulocity/wire.ts';
import type { Exchange } from '../http/exchange.ts';
import { Failure } from '../http/failure.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import type { ResponseHead } from '../http/response.ts';
import { type ElementOwner, elementList } from '../json/element-list.ts';
import { member, readId, readNumber, readString, stringEquals } from '../json/scan.ts';
import { ElementSplitter } from '../json/splitter.ts';
import { writeString } from '../json/write.ts';
import { Passage, type PassageEnds } from './passage.ts';
import type { TransferBase } from './transfer.ts';

/** The content of an upload. */
export interface UploadSource {
  /** Begins, perhaps again. @returns the number of bytes, up to 9,999,999 */
  open(): number;
  /**
   * Fills `into` with the next bytes; returns how many, never more than `open` has said. 0: the content is gone, and is
   * opened again.
   */
  read(into: Uint8Array): number;
}

export interface UploadOptions extends PassageEnds {
  /** Device of the event. Absent: the board. */
  readonly device?: { readonly idBytes: Uint8Array };
  /** Type of the event. */
  readonly type: string;
  /** Text of the event, which identifies it among the events of this type. */
  readonly text: string;
  /** Time of the event, epoch. */
  readonly timeMs: number;
  /** Name of the attached file: visible ASCII without quotes. */
  readonly fileName: string;
  readonly mediaType: string;
  readonly source: UploadSource;
  /** An earlier start may have created the event and its attachment. */
  readonly isAgain: boolean;
  /** The event exists, and all of the source is attached to it. */
  onDone(eventId: string): void;
}

/** The next request. */
const Step = {
  /** Looks for the event. */
  Find: 0,
  Create: 1,
  /** Looks whether the event has an attachment. */
  Look: 2,
  Attach: 3,
  Replace: 4,
} as const;
type Step = (typeof Step)[keyof typeof Step];

const SILENCE_MS = 60_000;
const PIECE_BYTES = 512;
const ANSWER_BYTES = 128;
const ANSWER_MAX_BYTES = 4096;
/** The newest events come first, and this event is one of them. */
const FEW = 5;

const BINARIES = ascii('/binaries');
const COLLECTION = ascii('application/vnd.com.nsn.cumulocity.eventcollection+json');
const IS_BINARY = ascii('c8y_IsBinary');
const LENGTH = ascii('length');
const NO_ANSWER = new ByteWriter(0, 0);
/** Only the id and the text of an event are read. */
const EVENTS = elementList({ listName: ascii('events'), bufferBytes: 256, bufferMaxBytes: 2048, memberDepth: 1 });

/**
 * An event of the board or a child, and its attachment, streamed in bounded memory as the connection takes it. The
 * platform keeps one attachment for each event, whole or not at all. After a lost answer the upload looks for its
 * result, so that there is one event with one attachment.
 */
export class Upload extends Passage implements Exchange, ElementOwner {
  readonly silenceMs = SILENCE_MS;
  readonly #options: UploadOptions;
  #step: Step;
  #eventId = '';
  // State of the current try to send the source.
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #pieceAt = 0;
  #pieceEnd = 0;
  /** Bytes read from the source. */
  #offset = 0;
  #totalBytes = 0;
  /** Bytes of the shortest try that was sent completely: the source may have grown since. 0: none yet. */
  #sentBytes = 0;
  // State of the current answer.
  #list: ElementSplitter | undefined;
  #answer: ByteWriter | undefined;

  constructor(base: TransferBase, options: UploadOptions) {
    super(base, 'upload', options);
    this.#options = options;
    this.#step = options.isAgain ? Step.Find : Step.Create;
  }

  protected override proceed(): void {
    this.send(this, this.base.config.endpoint, true);
  }

  // Exchange

  get idempotent(): boolean {
    // A replacement is one, too, but would be stored a second time.
    return this.#step === Step.Find || this.#step === Step.Look;
  }

  write(request: RequestWriter): boolean {
    this.#list = this.#answer = undefined;
    const step = this.#step;
    if (step === Step.Find) this.writeFind(request);
    else if (step === Step.Create) this.writeCreate(request);
    else if (step === Step.Look) this.writePath(request, Method.Get).headers(undefined, Media.Event);
    else return this.writeAttachment(request);
    return request.finish();
  }

  pour(stream: ByteStream): boolean {
    if (this.#step < Step.Attach) return true;
    for (;;) {
      if (this.#pieceAt === this.#pieceEnd) {
        if (this.#offset === this.#totalBytes) break;
        const count = this.#options.source.read(this.#piece);
        if (count <= 0 || this.#offset + count > this.#totalBytes) {
          this.again('the data to send is gone', NaN);
          return false;
        }
        this.#offset += count;
        this.#pieceAt = 0;
        this.#pieceEnd = count;
      }
      this.#pieceAt += stream.write(this.#piece, this.#pieceAt, this.#pieceEnd);
      const sentBytes = this.#offset - this.#pieceEnd + this.#pieceAt;
      if (sentBytes >= this.progressAt) this.advance(sentBytes);
      if (this.#pieceAt < this.#pieceEnd) return false;
    }
    this.#sentBytes = Math.min(this.#sentBytes || this.#totalBytes, this.#totalBytes);
    return true;
  }

  onHead(): void {}

  onBody(bytes: Uint8Array, from: number, to: number): void {
    if (this.#step === Step.Find && this.channel?.head.isSuccess === true) {
      this.#list ??= new ElementSplitter(EVENTS, this);
      this.#list.feed(bytes, from, to);
    } else {
      this.#answer ??= new ByteWriter(ANSWER_BYTES, ANSWER_MAX_BYTES);
      this.#answer.putRange(bytes, from, to);
    }
  }

  onDone(head: ResponseHead): void {
    const { status } = head;
    if (head.isSuccess) {
      this.taken(head);
    } else if (!isPlatformError(head, this.#answer ?? NO_ANSWER) && status !== 413) {
      this.doubt(`HTTP ${status} that is not the platform's`, head.retryAfterMs());
    } else if (outcomeOf(status) === undefined || status === 401 || this.isStale(status)) {
      this.doubt(`HTTP ${status}`, head.retryAfterMs());
    } else {
      this.fail(`HTTP ${status}`);
    }
  }

  onFail(failure: Failure): void {
    const reason = this.failureReason(failure);
    if (failure === Failure.Overflow) this.fail(reason);
    else this.doubt(reason, NaN);
  }

  // ElementOwner

  keeps(bytes: Uint8Array, from: number, to: number): boolean {
    return stringEquals(bytes, from, to, Name.Text);
  }

  onElement(bytes: Uint8Array, from: number, to: number): void {
    if (readString(bytes, member(bytes, from, to, Name.Text), to) !== this.#options.text) return;
    this.#eventId = readId(bytes, member(bytes, from, to, Name.Id), to) ?? '';
  }

  /** Handles a successful answer. */
  private taken(head: ResponseHead): void {
    const step = this.#step;
    if (step === Step.Find) {
      if (this.#list?.end() !== true || !this.#list.found) this.doubt('the events cannot be read', NaN);
      else this.enter(this.#eventId === '' ? Step.Create : Step.Look);
    } else if (step === Step.Create) {
      this.#eventId = (head.status === 201 && head.locationId) || '';
      if (this.#eventId === '') this.doubt('the answer names no event', NaN);
      else this.enter(Step.Attach);
    } else if (step === Step.Look) {
      this.examine();
    } else if (head.status !== 201 || this.#offset !== this.#totalBytes || this.#pieceAt !== this.#pieceEnd) {
      this.doubt("the answer is not the platform's", NaN);
    } else {
      this.done();
    }
  }

  /** Reads whether the event has an attachment. */
  private examine(): void {
    const { bytes, end, overflowed } = this.#answer ?? NO_ANSWER;
    const at = member(bytes, 0, end, IS_BINARY);
    const length = readNumber(bytes, member(bytes, at, end, LENGTH), end);
    if (overflowed || readId(bytes, member(bytes, 0, end, Name.Id), end) !== this.#eventId) {
      this.doubt('the event cannot be read', NaN);
    } else if (at < 0) {
      this.enter(Step.Attach);
    } else if (length < this.#sentBytes) {
      this.enter(Step.Replace);
    } else {
      // It is whole, and is that of an earlier start or of a try whose answer was lost.
      this.done();
    }
  }

  /** Whether the platform knows more of the attachment than this upload does. */
  private isStale(status: number): boolean {
    return (this.#step === Step.Attach && status === 409) || (this.#step === Step.Replace && status === 404);
  }

  private enter(step: Step): void {
    this.#step = step;
    this.proceed();
  }

  /** Looks after a pause, because the result of the request is unknown. */
  private doubt(reason: string, retryAfterMs: number): void {
    if (this.#step === Step.Create) this.#step = Step.Find;
    else if (this.#step >= Step.Attach) this.#step = Step.Look;
    this.again(reason, retryAfterMs);
  }

  private done(): void {
    this.stop();
    this.#options.onDone(this.#eventId);
  }

  private writeFind(request: RequestWriter): void {
    this.#eventId = '';
    request.start(Method.Get).put(Path.Events).put(Query.Source).put(this.deviceId);
    request.put(Query.Type).percentEncoded(this.#options.type).put(Query.PageSize).integer(FEW);
    request.headers(undefined, COLLECTION);
  }

  private writeCreate(request: RequestWriter): void {
    const { type, text, timeMs } = this.#options;
    request.start(Method.Post).put(Path.Events).headers(Media.Event, undefined).put(Json.Type);
    writeString(request, type);
    request.put(Json.AndText);
    writeString(request, text);
    request.put(Json.Time).iso(timeMs).put(Json.AfterTime);
    request.put(this.deviceId).put(Json.SourceEnd);
  }

  private get deviceId(): Uint8Array {
    return (this.#options.device ?? this.base.board).idBytes;
  }

  private writePath(request: RequestWriter, method: Method): RequestWriter {
    return request.start(method).put(Path.Events).byte(0x2f).text(this.#eventId);
  }

  private writeAttachment(request: RequestWriter): boolean {
    const { source, fileName, mediaType } = this.#options;
    this.#totalBytes = source.open();
    this.#offset = this.#pieceAt = this.#pieceEnd = 0;
    this.writePath(request, this.#step === Step.Attach ? Method.Post : Method.Put).put(BINARIES);
    request.extra(ascii(`Content-Disposition: attachment; filename="${fileName}"`));
    return request.headers(ascii(mediaType), undefined).finish(this.#totalBytes);
  }
}
