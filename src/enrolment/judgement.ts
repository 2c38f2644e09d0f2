// SPDX-License-Identifier: Apache-2.0

import { isPlatformError } from '../base/answer.ts';
import { civilDay, civilFromDays, civilMonth, civilYear, MS_PER_DAY } from '../bytes/calendar.ts';
import { ascii, cut, equalBytes, oneLine } from '../bytes/text.ts';
import { member, readString } from '../json/scan.ts';
import { readCertificates, readFacts } from './certificates.ts';
import type { Enquiry } from './enquiry.ts';
import type { KeyPair } from './key.ts';

const MESSAGE = /* @__PURE__ */ ascii('message');
const MOST_MESSAGE_CHARS = 120;

const FIRST_WAIT_MS = 2000;
const GROWTH = 1.3;
const WATCHED_MS = 600_000;
const WATCHED_MOST_MS = 10_000;
const MOST_WAIT_MS = 60_000;

/**
 * Pause before the next try, as for credentials: a person may be registering the device just now.
 * @param sinceMs time since the first try
 */
export function patienceMs(asks: number, sinceMs: number): number {
  const grownMs = FIRST_WAIT_MS * GROWTH ** Math.min(asks, 20);
  return Math.min(grownMs, sinceMs < WATCHED_MS ? WATCHED_MOST_MS : MOST_WAIT_MS);
}

/** Whether the platform itself refuses. Answers of others decide nothing. */
export function isRefusal(enquiry: Enquiry | undefined): boolean {
  const head = enquiry?.head;
  if (enquiry === undefined || head === undefined || head.status < 400 || head.status >= 500) return false;
  return head.status !== 408 && head.status !== 425 && head.status !== 429 && isPlatformError(head, enquiry.body);
}

/** The refusal of the platform, for a person. */
export function refusalText(enquiry: Enquiry | undefined): string {
  if (enquiry === undefined) return faultOf(enquiry);
  const { bytes, end } = enquiry.body;
  const message = readString(bytes, member(bytes, 0, end, MESSAGE), end) ?? '';
  const text = `the platform refuses: HTTP ${enquiry.head?.status}`;
  return message === '' ? text : `${text}, ${oneLine(cut(message, MOST_MESSAGE_CHARS))}`;
}

/** Why there is no usable answer, for a person. */
export function faultOf(enquiry: Enquiry | undefined): string {
  const head = enquiry?.head;
  if (head === undefined) return enquiry?.failure || 'there was no answer';
  return isRefusal(enquiry) ? refusalText(enquiry) : `unexpected HTTP ${head.status}`;
}

/**
 * The certificates of an answer, the device's own first; or what is wrong with them.
 * @param now epoch ms; undefined: unknown
 */
export function certificateOf(
  { body }: Enquiry,
  key: KeyPair,
  name: string,
  now: number | undefined,
): readonly Uint8Array[] | string {
  if (body.overflowed) return 'the answer is too long';
  let certificates: readonly Uint8Array[];
  try {
    certificates = readCertificates(body.bytes.subarray(0, body.end));
  } catch (error) {
    return `the answer holds no certificate: ${(error as Error).message}`;
  }
  const at = certificates.findIndex((each) => equalBytes(readFacts(each).key, key.point));
  const own = certificates[at];
  if (own === undefined) return 'the answer holds no certificate for the key of this device';
  const facts = readFacts(own);
  if (facts.name !== name) return `the certificate is for ${oneLine(cut(facts.name ?? 'nobody', 64))}, not for ${name}`;
  if (now !== undefined && now >= facts.notAfterMs) return 'the certificate has ended already';
  if (now !== undefined && now < facts.notBeforeMs - MS_PER_DAY) return 'the certificate is not valid yet';
  // A peer that trusts the CA has its certificate already, so roots are not sent.
  return [own, ...certificates.filter((each, i) => i !== at && !readFacts(each).isRoot)];
}

/** The date, such as 2027-01-31. */
export function dayOf(ms: number): string {
  const date = civilFromDays(Math.floor(ms / MS_PER_DAY));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${civilYear(date)}-${two(civilMonth(date))}-${two(civilDay(date))}`;
}
