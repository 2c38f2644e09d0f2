// SPDX-License-Identifier: Apache-2.0
/*
 * The datagrams of DNS (RFC 1035 §4) for a client that looks up IPv4 addresses. No IPv6: the SDK's UDP sockets are IPv4
 * only, and its TCP sockets take an address as a text of at most 31 characters.
 */

const HEADER_BYTES = 12;
/** Limit over UDP without extensions (RFC 1035 §4.2.1). */
const LONGEST_BYTES = 512;
const LONGEST_LABEL = 63;
/** Without the length byte of the root (RFC 1035 §3.1). */
const LONGEST_NAME_BYTES = 254;
/** Type, class, time to live and length, after the name of a record. */
const RECORD_BYTES = 10;
/** The upper bits that mark a pointer in place of a length. */
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

/** Names seldom have more than three aliases; longer chains are not followed. */
const MOST_ALIASES = 8;
/** Further addresses of an answer are ignored. */
const MOST_ADDRESSES = 4;

/** The addresses of a host, valid for `ttlS` seconds. */
export interface Found {
  readonly addresses: readonly string[];
  readonly ttlS: number;
}

/** Writes a query for the addresses of `host`; undefined: `host` is no valid DNS name. */
export function writeQuestion(host: string, fillRandom: (into: Uint8Array) => void): Uint8Array | undefined {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  if (name === '' || name.length + 1 > LONGEST_NAME_BYTES) return undefined;
  const question = new Uint8Array(HEADER_BYTES + name.length + 2 + 4);
  // A random identifier: only a host that has seen the query can answer it (RFC 5452 §4.3).
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
 * Reads the answer to `question`. `none`: the name does not exist, or has no address; `failed`: this server cannot
 * answer; undefined: the datagram is no credible answer to that query.
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
  // A truncated answer may lack addresses; one is enough, so no second query over TCP is needed.
  if (found.addresses.length > 0) return found;
  if ((flags & TRUNCATED) !== 0) return 'failed';
  // A server that is not authoritative and does not recurse only refers to other servers.
  return (flags & AUTHORITATIVE) === 0 && (more & RECURSION_AVAILABLE) === 0 ? 'failed' : 'none';
}

/** Whether the identifier and the only question are the same; a server may change the case of letters. */
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

/** A record of the answer: the positions of its name and its data, both within the datagram. */
interface Entry {
  readonly nameAt: number;
  /** False: the data is the name that the alias stands for. */
  readonly isAddress: boolean;
  readonly ttlS: number;
  readonly dataAt: number;
}

/** The address and alias records of the answer; undefined when they are malformed. */
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
      // A time to live with the highest bit set counts as 0 (RFC 2181 §8).
      entries.push({ nameAt, isAddress, ttlS: seconds >= 2 ** 31 ? 0 : seconds, dataAt });
    }
    nameAt = end;
  }
  return entries;
}

/** The addresses of the name in the query, or of the name that it is an alias of. Records may come in any order. */
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

/** Undefined for an address that is not of a single host (RFC 1122 §3.2.1.3): some servers answer 0.0.0.0 for "no". */
function readAddress(datagram: Uint8Array, at: number): string | undefined {
  const first = datagram[at] as number;
  if (first === 0 || first >= 224) return undefined;
  return `${first}.${datagram[at + 1]}.${datagram[at + 2]}.${datagram[at + 3]}`;
}

/**
 * The end of the name at `from`; -1: the name is invalid. Each pointer leads further back, so that no name is endless.
 */
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

/** Compares two names that `nameEnd` has accepted. */
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

/** The position of the next label, after following all pointers. */
function labelAt(datagram: Uint8Array, from: number): number {
  let at = from;
  while ((datagram[at] as number) > LONGEST_LABEL) at = pointerAt(datagram, at);
  return at;
}

/** The target of the pointer at `at`; -1: there is no pointer. */
function pointerAt(datagram: Uint8Array, at: number): number {
  const high = datagram[at] as number;
  const low = datagram[at + 1];
  return high < POINTER || low === undefined ? -1 : ((high - POINTER) << 8) | low;
}

/** Lower case of ASCII letters (RFC 4343); length bytes are below the letters, so they do not change. */
function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
