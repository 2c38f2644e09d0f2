// SPDX-License-Identifier: Apache-2.0
/** Times in the platform's form: ISO 8601 with milliseconds and a zone. */

const dateTime =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;

/** Epoch milliseconds of a time in a body; undefined when it is malformed or has no zone. */
export function parseTime(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = dateTime.exec(text);
  return parts?.[8] === undefined ? undefined : epochMs(parts);
}

/** Epoch milliseconds of a query value: a date alone and a time without a zone are UTC. */
export function parseQueryTime(text: string): number | undefined {
  const parts = dateTime.exec(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return parts === null ? undefined : epochMs(parts);
}

/** ISO 8601 in UTC with milliseconds. */
export function formatTime(ms: number): string {
  const day = Math.floor(ms / dayMs);
  if (day !== lastDay) {
    lastDate = new Date(ms).toISOString().slice(0, -13);
    lastDay = day;
  }
  const rest = Math.floor(ms) - day * dayMs;
  const hour = Math.floor(rest / 3_600_000);
  const minute = Math.floor(rest / 60_000) % 60;
  const second = Math.floor(rest / 1000) % 60;
  return `${lastDate}${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}.${threeDigits(rest % 1000)}Z`;
}

const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));
/** Cache of the date with its `T`: most times are of the same day. */
let lastDate = '';
let lastDay = Number.NaN;

function threeDigits(value: number): string {
  return value < 10 ? `00${value}` : value < 100 ? `0${value}` : String(value);
}

function epochMs(parts: RegExpExecArray): number | undefined {
  const [, year, month, day, hour, minute, second = '00', fraction = '0', zone = 'Z'] = parts;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // Date.UTC rolls 30 February over into March; a real date survives the round trip.
  if (formatTime(ms).slice(0, 19) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`) return undefined;
  const utcMs = ms + Math.floor(Number(`0.${fraction}`) * 1000) - zoneMs(zone);
  // The year must have four digits in UTC, too.
  return utcMs < firstMs || utcMs > lastMs ? undefined : utcMs;
}

const firstMs = Date.parse('0000-01-01T00:00:00.000Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
