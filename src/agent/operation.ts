import { utf8 } from '../bytes/text.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import type { Capability } from '../capabilities/capability.ts';
import {
  firstElement,
  firstMember,
  Kind,
  kindAt,
  member,
  memberValue,
  nextElement,
  nextMember,
  readBoolean,
  readNumber,
  readString,
  skipValue,
} from '../json/scan.ts';
import { type Json, writeJson, writeString } from '../json/write.ts';
import type { Device } from './device.ts';

const MAX_REASON_CHARS = 400;

/** Members of an operation that belong to the platform: none of them is what is asked for. */
const PLATFORM_MEMBERS: readonly string[] = [
  'id',
  'self',
  'deviceId',
  'deviceName',
  'agentId',
  'deviceExternalIDs',
  'status',
  'creationTime',
  'description',
  'bulkOperationId',
  'failureReason',
  'deliveryType',
  'delivery',
  'externalSource',
  'c8y_DeliveryInfo',
];

/**
 * One operation on its way through this device: what was asked for, read straight from the platform's text (a name
 * chosen by a server must never become a property: XS keeps such names for ever), and what became of it.
 */
export class Operation {
  /** Next in the device's line; owned by the executor. */
  following: Operation | undefined = undefined;
  readonly id: string;
  readonly device: Device;
  /** It was EXECUTING when the board came up. */
  readonly interrupted: boolean;
  /** Name of the fragment that says what to do; empty when there is none. */
  readonly name: string;
  readonly capability: Capability | undefined;
  readonly foreign: boolean;
  /** Parts of it were larger than this device takes and read as null. */
  readonly elided: boolean;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  #finished = false;
  #reason: string | undefined = undefined;
  #fragments: [string, Json][] | undefined = undefined;
  #repeat: [string, string] | undefined = undefined;
  #onFinished: (() => void) | undefined = undefined;

  /** @param bytes the operation as JSON, all of it; kept, not copied. */
  constructor(options: {
    id: string;
    device: Device;
    /** It is for a device that is not here: nothing of it is carried out. */
    foreign: boolean;
    bytes: Uint8Array;
    elided: boolean;
    interrupted: boolean;
  }) {
    this.foreign = options.foreign;
    this.id = options.id;
    this.device = options.device;
    this.interrupted = options.interrupted;
    this.elided = options.elided;
    const bytes = options.bytes;
    this.#bytes = bytes;
    let name = '';
    let valueAt = -1;
    let capability: Capability | undefined;
    for (let at = firstMember(bytes, 0, bytes.length); at >= 0; at = nextMember(bytes, at, bytes.length)) {
      const each = readString(bytes, at, bytes.length);
      if (each === undefined || PLATFORM_MEMBERS.includes(each)) continue;
      const known = options.foreign ? undefined : options.device.capability(each);
      if (name !== '' && known === undefined) continue;
      name = each;
      valueAt = memberValue(bytes, at, bytes.length);
      capability = known;
      if (known !== undefined) break;
    }
    this.name = name;
    this.capability = capability;
    this.#at = valueAt;
  }

  /** A text in the operation's fragment; undefined when it is missing or not a text. */
  text(name: string): string | undefined {
    return readString(this.#bytes, this.value(name), this.#bytes.length);
  }

  /** A number in the operation's fragment; undefined when it is missing or not a number. */
  number(name: string): number | undefined {
    const number = readNumber(this.#bytes, this.value(name), this.#bytes.length);
    return Number.isNaN(number) ? undefined : number;
  }

  /** true or false in the operation's fragment; undefined when it is missing or neither. */
  flag(name: string): boolean | undefined {
    return readBoolean(this.#bytes, this.value(name), this.#bytes.length);
  }

  /** The texts of a fragment that is a list, as of `c8y_RelayArray`; undefined when it is not a list of texts. */
  texts(): string[] | undefined {
    const bytes = this.#bytes;
    if (this.#at < 0 || kindAt(bytes, this.#at) !== Kind.Array) return undefined;
    const texts: string[] = [];
    for (let at = firstElement(bytes, this.#at, bytes.length); at >= 0; at = nextElement(bytes, at, bytes.length)) {
      const text = readString(bytes, at, bytes.length);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return texts;
  }

  /** Has the platform's object updated with this fragment before the operation ends. */
  fragment(name: string, value: Json): void {
    if (this.#finished) return;
    this.#fragments ??= [];
    this.#fragments.push([name, value]);
  }

  /** Repeats the operation's whole fragment in the last update, with one more member of at most `maxBytes`. */
  repeat(name: string, value: string, maxBytes: number): void {
    if (!this.#finished) this.#repeat = [name, truncated(value, maxBytes)];
  }

  succeed(): void {
    this.finish(undefined);
  }

  /** @param reason for the operator: what went wrong, and what would be right. */
  fail(reason: string): void {
    this.finish(reason === '' ? 'failed' : reason.slice(0, MAX_REASON_CHARS));
  }

  /** What it asks for did not fit into this device's memory. */
  get tooLarge(): boolean {
    return this.elided && (this.#at < 0 || kindAt(this.#bytes, this.#at) === Kind.Null);
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** undefined: it succeeded. */
  get failureReason(): string | undefined {
    return this.#reason;
  }

  get hasFragments(): boolean {
    return this.#fragments !== undefined;
  }

  /** Tells once that it has ended; not at all when it already has. */
  onFinished(listener: (() => void) | undefined): void {
    this.#onFinished = listener;
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

  /** Writes the last update; `bare` leaves out everything but status and reason. */
  writeEnd(to: ByteWriter, bare: boolean): void {
    to.text(this.#reason === undefined ? '{"status":"SUCCESSFUL"' : '{"status":"FAILED"');
    if (this.#reason !== undefined) {
      to.text(',"failureReason":');
      writeString(to, this.#reason);
    }
    if (this.#repeat !== undefined && this.#reason === undefined && !bare) this.writeRepeated(to, this.#repeat);
    to.byte(0x7d);
  }

  private writeRepeated(to: ByteWriter, [name, value]: [string, string]): void {
    const bytes = this.#bytes;
    to.byte(0x2c);
    writeString(to, this.name);
    to.text(':{');
    for (let at = firstMember(bytes, this.#at, bytes.length); at >= 0; at = nextMember(bytes, at, bytes.length)) {
      if (readString(bytes, at, bytes.length) === name) continue;
      to.putRange(bytes, at, skipValue(bytes, memberValue(bytes, at, bytes.length), bytes.length));
      to.byte(0x2c);
    }
    writeString(to, name);
    to.byte(0x3a);
    writeString(to, value);
    to.byte(0x7d);
  }

  private value(name: string): number {
    if (this.#at < 0 || kindAt(this.#bytes, this.#at) !== Kind.Object) return -1;
    return member(this.#bytes, this.#at, this.#bytes.length, utf8(name));
  }

  private finish(reason: string | undefined): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#reason = reason;
    const listener = this.#onFinished;
    this.#onFinished = undefined;
    listener?.();
  }
}

/** Cuts a text so that its UTF-8 form has at most `maxBytes`, between characters. */
function truncated(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const pair = code >= 0xd800 && code < 0xdc00 && i + 1 < text.length;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : pair ? 4 : 3;
    if (bytes > maxBytes) return text.slice(0, i);
    if (pair) i++;
  }
  return text;
}
