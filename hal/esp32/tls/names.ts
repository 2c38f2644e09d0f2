import { DerReader, equalBytes } from './der.ts';

/** In an alternative name of a certificate (RFC 5280 §4.2.1.6). */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

const STAR = 0x2a;
const DOT = 0x2e;

/**
 * RFC 6125 §6.4, RFC 9525: whether a certificate is for `host`. Only the subject's alternative names count. An address
 * is an address, and no name that looks like one.
 * @param alternativeNames as they stand in the certificate: there may be thousands, which would not fit as texts
 * @throws DerError
 */
export function namesHost(alternativeNames: Uint8Array, host: string): boolean {
  const address = parseAddress(host);
  const wanted = relativeName(host).toLowerCase();
  const names = new DerReader(alternativeNames);
  while (names.more) {
    const { tag } = names;
    const name = names.take(tag);
    if (address === undefined) {
      if (tag === DNS_NAME && wanted !== '' && matches(name, wanted)) return true;
    } else if (tag === IP_ADDRESS && equalBytes(name, address)) {
      return true;
    }
  }
  return false;
}

/** Without the dot that says that a name is complete: neither certificates nor SNI (RFC 6066 §3) have it. */
export function relativeName(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/**
 * A star stands for the whole first label and for one label only, and never for all names right below a top-level
 * domain.
 */
function matches(name: Uint8Array, host: string): boolean {
  const end = name[name.length - 1] === DOT ? name.length - 1 : name.length;
  if (name[0] !== STAR) return isText(name, 0, end, host, 0);
  const dot = host.indexOf('.');
  return dot > 0 && name.indexOf(DOT, 2) < end && name.indexOf(DOT, 2) > 0 && isText(name, 1, end, host, dot);
}

/** Whether these bytes are what follows in `text`, which is in lower case. */
function isText(bytes: Uint8Array, from: number, to: number, text: string, textFrom: number): boolean {
  if (to - from !== text.length - textFrom) return false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (lower >= 0x7f || lower !== text.charCodeAt(textFrom + at - from)) return false;
  }
  return true;
}
/** The 4 or 16 bytes of an IP address, or undefined when it is none. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let at = 0; at < 4; at++) {
    const part = parts[at] as string;
    const value = Number(part);
    // Some read 010 as 8, others as 10.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || value > 255) return undefined;
    bytes[at] = value;
  }
  return bytes;
}

/** RFC 4291 §2.2. */
function parseIPv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] as string);
  const tail = halves[1] === undefined ? [] : groups(halves[1]);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (let at = 0; at < 8; at++) {
    const value = all[at] as number;
    bytes[2 * at] = value >> 8;
    bytes[2 * at + 1] = value & 0xff;
  }
  return bytes;
}

/** The numbers of 16 bits, the last two of which may be written as an IPv4 address. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const result: number[] = [];
  for (const part of text.split(':')) {
    const address = part.includes('.') ? parseIPv4(part) : undefined;
    if (address !== undefined) {
      result.push(((address[0] as number) << 8) | (address[1] as number));
      result.push(((address[2] as number) << 8) | (address[3] as number));
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      result.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return result;
}
