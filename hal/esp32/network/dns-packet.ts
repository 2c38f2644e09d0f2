// SPDX-License-Identifier: Apache-2.0
/*
 * The datagrams of DNS (RFC 1035 §4), as a client sends and reads them that looks up IPv4 addresses. No IPv6: the SDK's
 * sockets for datagrams are IPv4, and those for TCP take an address as a text of at most 31 characters.
 */

const HEADER_BYTES = 12;
/** Over UDP, without the extensions that allow for more (RFC 1035 §4.2.1). */
const LONGEST_BYTES = 512;
const LONGEST_LABEL = 63;
/** Without the length of the root (RFC 1035 §3.1). */
const LONGEST_NAME_BYTES = 254;
/** Type, class, time to live and length, behind the name of a record. */
const RECORD_BYTES = 10;
/** The upper bits of a length that make it a pointer. */
const POINTER = 0xc0;

const TYPE_A = 1;
const TYPE_CNAME = 5;
const CLASS_IN = 1;

/* Bits of the third and the fourth byte. */
const RESPONSE = 0x80;
const OPCODE = 0x78;
const AUTHORITATIVE = 0x04;
const TRUNCATED = 0x02;
const RECURSION_DESIRED = 0x01;
const RECURSION_AVAILABLE = 0x80;
const RCODE = 0x0f;

const NO_ERROR = 0;
const NAME_ERROR = 3;

/** A name has seldom more than three aliases. */
const MOST_ALIASES = 8;
/** Of those that a server gives, the first. */
const MOST_ADDRESSES = 4;

/** Where a host is, for the next `ttlS` seconds. */
export interface Found {
  readonly addresses: readonly string[];
  readonly ttlS: number;
}

/** A question for the addresses of `host`; undefined: that is no name for DNS. */
export function writeQuestion(host: string, fillRandom: (into: Uint8Array) => void): Uint8Array | undefined {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  if (name === '' || name.length + 1 > LONGEST_NAME_BYTES) return undefined;
  const question = new Uint8Array(HEADER_BYTES + name.length + 2 + 4);
  // The identity: nobody who has not seen the question shall be able to answer it (RFC 5452 §4.3).
  fillRandom(question.subarray(0, 2));
  question[2] = RECURSION_DESIRED;
  question[5] = 1;
  let at = HEADER_BYTES;
  for (const label of name.split('.')) {
    if (label === '' || label.length > LONGEST_LABEL) return undefined;
    question[at++] = label.length;
    for (let i = 0; i < label.length; i++) {
      const code = label.charCodeAt(i);
      if (code <= 0x20 || code > 0x7e) return undefined;
      question[at++] = code;
    }
  }
  question[at + 2] = TYPE_A;
  question[at + 4] = CLASS_IN;
  return question;
}

/**
 * What a datagram says in answer to `question`. `none`: the name does not exist, or has no address; `failed`: this server
 * cannot tell; undefined: it is no answer to that question that could be believed.
 */
export function readAnswer(datagram: Uint8Array, question: Uint8Array): Found | 'none' | 'failed' | undefined {
  if (datagram.length > LONGEST_BYTES || !isAnswerTo(datagram, question)) return undefined;
  const flags = datagram[2] as number;
  const more = datagram[3] as number;
  const code = more & RCODE;
  if (code === NAME_ERROR) return 'none';
  if (code !== NO_ERROR) return 'failed';
  const records = readRecords(datagram, question.length);
  if (records === undefined) return undefined;
  const found = follow(datagram, records);
  // What was cut off may be more addresses; one is enough, so that nobody has to ask again over TCP.
  if (found.addresses.length > 0) return found;
  if ((flags & TRUNCATED) !== 0) return 'failed';
  // A server that neither knows nor asks others only says where else to ask.
  return (flags & AUTHORITATIVE) === 0 && (more & RECURSION_AVAILABLE) === 0 ? 'failed' : 'none';
}

/** The same identity and the same question, the only one; a server may change the case of letters. */
function isAnswerTo(datagram: Uint8Array, question: Uint8Array): boolean {
  if (datagram.length < question.length) return false;
  if (datagram[0] !== question[0] || datagram[1] !== question[1]) return false;
  if (((datagram[2] as number) & (RESPONSE | OPCODE)) !== RESPONSE) return false;
  if (datagram[4] !== 0 || datagram[5] !== 1) return false;
  for (let at = HEADER_BYTES; at < question.length; at++) {
    if (lower(datagram[at] as number) !== lower(question[at] as number)) return false;
  }
  return true;
}

/** A record of the answer: where its name and its data begin. Both lie within the datagram. */
interface Entry {
  readonly nameAt: number;
  /** Else the name of an alias. */
  readonly isAddress: boolean;
  readonly ttlS: number;
  readonly dataAt: number;
}

/** Those of the answer that matter; undefined when they are not whole. */
function readRecords(datagram: Uint8Array, from: number): Entry[] | undefined {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const isTruncated = ((datagram[2] as number) & TRUNCATED) !== 0;
  const entries: Entry[] = [];
  let nameAt = from;
  for (let left = view.getUint16(6); left > 0; left--) {
    const at = nameEnd(datagram, nameAt);
    const dataAt = at + RECORD_BYTES;
    const end = at < 0 || dataAt > datagram.length ? Infinity : dataAt + view.getUint16(at + 8);
    if (end > datagram.length) return isTruncated ? entries : undefined;
    const type = view.getUint16(at);
    const isAddress = type === TYPE_A;
    if (view.getUint16(at + 2) === CLASS_IN && (isAddress || type === TYPE_CNAME)) {
      if (isAddress ? end - dataAt !== 4 : nameEnd(datagram, dataAt) !== end) return undefined;
      const seconds = view.getUint32(at + 4);
      // With its highest bit set, it is none (RFC 2181 §8).
      entries.push({ nameAt, isAddress, ttlS: seconds >= 2 ** 31 ? 0 : seconds, dataAt });
    }
    nameAt = end;
  }
  return entries;
}

/** The addresses of the name that was asked for, or of what it is an alias of; in whatever order records have come. */
function follow(datagram: Uint8Array, records: readonly Entry[]): Found {
  let nameAt = HEADER_BYTES;
  let ttlS = Infinity;
  for (let i = 0; i < MOST_ALIASES; i++) {
    const alias = records.find((each) => !each.isAddress && isSameName(datagram, each.nameAt, nameAt));
    if (alias === undefined) break;
    nameAt = alias.dataAt;
    ttlS = Math.min(ttlS, alias.ttlS);
  }
  const addresses: string[] = [];
  for (const each of records) {
    if (!each.isAddress || !isSameName(datagram, each.nameAt, nameAt)) continue;
    const address = readAddress(datagram, each.dataAt);
    if (address === undefined || addresses.includes(address) || addresses.length === MOST_ADDRESSES) continue;
    addresses.push(address);
    ttlS = Math.min(ttlS, each.ttlS);
  }
  return { addresses, ttlS };
}

/** Undefined for what is no address of a single host (RFC 1122 §3.2.1.3): some servers say 0.0.0.0 for "no". */
function readAddress(datagram: Uint8Array, at: number): string | undefined {
  const first = datagram[at] as number;
  if (first === 0 || first >= 224) return undefined;
  return `${first}.${datagram[at + 1]}.${datagram[at + 2]}.${datagram[at + 3]}`;
}

/** Where the name at `from` ends in its place; -1: it is none. Each pointer leads further back, so that no name is endless. */
function nameEnd(datagram: Uint8Array, from: number): number {
  let end = -1;
  let first = from;
  let length = 0;
  for (let at = from; ; ) {
    const count = datagram[at];
    if (count === undefined) return -1;
    if (count === 0) return end < 0 ? at + 1 : end;
    if (count <= LONGEST_LABEL) {
      length += count + 1;
      at += count + 1;
      if (length > LONGEST_NAME_BYTES) return -1;
    } else {
      const target = pointerAt(datagram, at);
      if (target < HEADER_BYTES || target >= first) return -1;
      if (end < 0) end = at + 2;
      first = target;
      at = target;
    }
  }
}

/** Of two names that `nameEnd` has found good. */
function isSameName(datagram: Uint8Array, one: number, other: number): boolean {
  for (let a = one, b = other; ; ) {
    a = labelAt(datagram, a);
    b = labelAt(datagram, b);
    const count = datagram[a] as number;
    if (datagram[b] !== count) return false;
    if (count === 0) return true;
    for (let i = 1; i <= count; i++) {
      if (lower(datagram[a + i] as number) !== lower(datagram[b + i] as number)) return false;
    }
    a += count + 1;
    b += count + 1;
  }
}

/** Behind all pointers. */
function labelAt(datagram: Uint8Array, from: number): number {
  let at = from;
  while ((datagram[at] as number) > LONGEST_LABEL) at = pointerAt(datagram, at);
  return at;
}

/** -1: there is none. */
function pointerAt(datagram: Uint8Array, at: number): number {
  const high = datagram[at] as number;
  const low = datagram[at + 1];
  return high < POINTER || low === undefined ? -1 : ((high - POINTER) << 8) | low;
}

/** Of ASCII (RFC 4343); lengths are no letters. */
function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
