// SPDX-License-Identifier: Apache-2.0

import { daysFromCivil, daysInMonth, MS_PER_DAY } from './calendar.ts';
import { ascii, decodeUtf8, startsWith } from './text.ts';

const MONTHS = packed('JanFebMarAprMayJunJulAugSepOctNovDec');
const DAYS = packed('SunMonTueWedThuFriSat');
const GMT = 0x474d54;
const DAY_ENDS = [ascii('day, '), ascii('sday, '), ascii('nesday, '), ascii('rsday, '), ascii('urday, ')] as const;

/** Groups: date, time, fraction of the second, zone. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))$/i;

const SPACE = 0x20;
const MINUS = 0x2d;
const COLON = 0x3a;

/** Names of three letters, packed into numbers for one native `indexOf`. */
function packed(names: string): Int32Array {
  const bytes = ascii(names);
  const numbers = new Int32Array(bytes.length / 3);
  for (let i = 0; i < numbers.length; i++) numbers[i] = letters(bytes, i * 3);
  return numbers;
}

function letters(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/**
 * Epoch milliseconds of the HTTP date in `[from, to)` (RFC 9110 §5.6.7: IMF-fixdate and both obsolete forms), NaN for
 * anything else. A year of two digits is read as 1970 to 2069, because there is no clock to compare it with.
 */
export function parseHttpDate(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  const weekday = length < 24 ? -1 : DAYS.indexOf(letters(bytes, from));
  if (weekday < 0) return Number.NaN;
  if (bytes[from + 3] === SPACE) return length === 24 ? asctime(bytes, from) : Number.NaN;
  if (bytes[from + 3] === 0x2c) {
    if (length !== 29 || bytes[from + 4] !== SPACE) return Number.NaN;
    const year = twoDigits(bytes, from + 12) * 100 + twoDigits(bytes, from + 14);
    return dateAndTime(bytes, from + 5, SPACE, year, from + 16);
  }
  const dayEnd = from + 3 + dayEndLength(bytes, from + 3, to, weekday);
  if (dayEnd < from + 3 || to - dayEnd !== 22) return Number.NaN;
  const year = twoDigits(bytes, dayEnd + 7);
  return dateAndTime(bytes, dayEnd, MINUS, year < 70 ? 2000 + year : 1900 + year, dayEnd + 9);
}

/**
 * Epoch milliseconds of the cookie date in `[from, to)`: its parts stand in any order, with almost any separators
 * between them (RFC 6265 §5.1.1). NaN when a part is missing.
 */
export function parseCookieDate(bytes: Uint8Array, from: number, to: number): number {
  let timeMs = Number.NaN;
  let day = 0;
  let month = 0;
  let year = 0;
  for (const token of decodeUtf8(bytes, from, to).split(/[\t -/;-@[-`{-~]+/)) {
    const time = Number.isNaN(timeMs) ? /^(\d\d?):(\d\d?):(\d\d?)(?!\d)/.exec(token) : null;
    const { length } = /^\d*/.exec(token)?.[0] ?? '';
    const isDay = day === 0 && (length === 1 || length === 2);
    if (time !== null) {
      const [hours, minutes, seconds] = [Number(time[1]), Number(time[2]), Number(time[3])];
      if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN;
      timeMs = ((hours * 60 + minutes) * 60 + seconds) * 1000;
    } else if (isDay) day = Number(token.slice(0, length));
    else if (month === 0 && length === 0) month = monthOf(token);
    else if (year === 0 && length > 1 && length < 5) {
      year = Number(token.slice(0, length));
      if (year < 100) year += year < 70 ? 2000 : 1900;
    }
  }
  return year < 1601 ? Number.NaN : dayNumber(year, month, day) * MS_PER_DAY + timeMs;
}

/** 1 to 12; 0 when the word does not begin with the name of a month. */
function monthOf(word: string): number {
  const capital = word.charCodeAt(0) & 0xdf;
  return MONTHS.indexOf((capital << 16) | ((word.charCodeAt(1) | 0x20) << 8) | word.charCodeAt(2) | 0x20) + 1;
}

/**
 * Epoch milliseconds of a time with its zone, such as `2026-01-31T13:45:24.5+01:00`. Seconds, their fraction and the
 * colon of the zone are optional (RFC 3339, ISO 8601). NaN for anything else.
 */
export function parseTime(text: string): number {
  const parts = TIME.exec(text);
  if (parts === null) return Number.NaN;
  const part = (at: number) => Number(parts[at] ?? 0);
  const isSound = part(4) < 24 && part(5) < 60 && part(6) <= 60 && part(9) < 24 && part(10) < 60;
  const zoneMinutes = (part(9) * 60 + part(10)) * (parts[8] === '-' ? -1 : 1);
  const seconds = (part(4) * 60 + part(5) - zoneMinutes) * 60 + part(6);
  const ms = seconds * 1000 + Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000);
  return isSound ? dayNumber(part(1), part(2), part(3)) * MS_PER_DAY + ms : Number.NaN;
}

/** `06 Nov 1994 08:49:37 GMT`; the caller has read the year, which ends at `yearEnd`. */
function dateAndTime(bytes: Uint8Array, at: number, separator: number, year: number, yearEnd: number): number {
  const month = MONTHS.indexOf(letters(bytes, at + 3)) + 1;
  if (bytes[at + 2] !== separator || bytes[at + 6] !== separator || bytes[yearEnd] !== SPACE) return Number.NaN;
  if (bytes[yearEnd + 9] !== SPACE || letters(bytes, yearEnd + 10) !== GMT) return Number.NaN;
  return dayNumber(year, month, twoDigits(bytes, at)) * MS_PER_DAY + timeOfDay(bytes, yearEnd + 1);
}

/** `Sun Nov  6 08:49:37 1994`. */
function asctime(bytes: Uint8Array, from: number): number {
  const month = MONTHS.indexOf(letters(bytes, from + 4)) + 1;
  if (bytes[from + 7] !== SPACE || bytes[from + 10] !== SPACE || bytes[from + 19] !== SPACE) return Number.NaN;
  const day = bytes[from + 8] === SPACE ? oneDigit(bytes, from + 9) : twoDigits(bytes, from + 8);
  const year = twoDigits(bytes, from + 20) * 100 + twoDigits(bytes, from + 22);
  return dayNumber(year, month, day) * MS_PER_DAY + timeOfDay(bytes, from + 11);
}

/** Length of the rest of a long day name with `, `; -1 when the name is not that of `weekday`. */
function dayEndLength(bytes: Uint8Array, at: number, to: number, weekday: number): number {
  const end = DAY_ENDS[DAY_END_OF[weekday] as number] as Uint8Array;
  return startsWith(bytes, at, to, end) ? end.length : -1;
}

/** Indexes into `DAY_ENDS`, from Sunday to Saturday. */
const DAY_END_OF = [0, 0, 1, 2, 3, 0, 4] as const;

/** Days from 1970-01-01 to the date; NaN for a date that the calendar does not have. */
function dayNumber(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  return daysFromCivil(year, month, day);
}

/** Milliseconds of `hh:mm:ss`, a leap second included; NaN out of range. */
function timeOfDay(bytes: Uint8Array, at: number): number {
  if (bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return Number.NaN;
  const hours = twoDigits(bytes, at);
  const minutes = twoDigits(bytes, at + 3);
  const seconds = twoDigits(bytes, at + 6);
  if (!(hours < 24 && minutes < 60 && seconds <= 60)) return Number.NaN;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** The number of two digits, NaN for anything else. Written out, because it runs often for each response. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) ^ 0x30;
  const ones = (bytes[at + 1] as number) ^ 0x30;
  return tens > 9 || ones > 9 ? Number.NaN : tens * 10 + ones;
}

function oneDigit(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] as number;
  return isDigit(byte) ? byte - 0x30 : Number.NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
