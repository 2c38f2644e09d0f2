// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import {
  civilDay,
  civilFromDays,
  civilMonth,
  civilYear,
  daysFromCivil,
  daysInMonth,
} from '../../src/bytes/calendar.ts';
import { ascii } from '../../src/bytes/text.ts';
import { parseHttpDate, parseTime } from '../../src/bytes/time.ts';
import fc from '../support/property.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 100_000_000;

function http(text: string): number {
  const framed = ascii(`0${text}0`);
  return parseHttpDate(framed, 1, framed.length - 1);
}

test('days and civil dates are those of Date, over its whole range', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: -MAX_DAYS, max: MAX_DAYS }), fc.integer({ min: -800_000, max: 800_000 })),
        (days) => {
          const date = new Date(days * DAY_MS);
          const civil = civilFromDays(days);
          return (
            civilYear(civil) === date.getUTCFullYear() &&
            civilMonth(civil) === date.getUTCMonth() + 1 &&
            civilDay(civil) === date.getUTCDate() &&
            daysFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()) === days &&
            daysInMonth(date.getUTCFullYear(), date.getUTCMonth() + 1) ===
              new Date(Date.UTC(2000 + (date.getUTCFullYear() % 400), date.getUTCMonth() + 1, 0)).getUTCDate()
          );
        },
      ),
      { numRuns: 5000 },
    ),
  );
});

test('every day from 1890 to 2110 comes round', (t) => {
  for (let days = -29_220; days < 51_135; days++) {
    const civil = civilFromDays(days);
    if (daysFromCivil(civilYear(civil), civilMonth(civil), civilDay(civil)) !== days) t.fail(`day ${days}`);
  }
  t.pass();
});

test('RFC 9110 §5.6.7: the same moment in all three forms', (t) => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37);
  t.is(http('Sun, 06 Nov 1994 08:49:37 GMT'), moment);
  t.is(http('Sunday, 06-Nov-94 08:49:37 GMT'), moment);
  t.is(http('Sun Nov  6 08:49:37 1994'), moment);
  t.is(http('Sun Nov 16 08:49:37 1994'), moment + 10 * DAY_MS);
  t.is(http('Wednesday, 01-Jan-69 00:00:00 GMT'), Date.UTC(2069, 0, 1));
  t.is(http('Thursday, 01-Jan-70 00:00:00 GMT'), 0);
  t.is(http('Sat, 31 Dec 2016 23:59:60 GMT'), Date.UTC(2017, 0, 1));
});

test('parseHttpDate reads what toUTCString writes, in all three forms', (t) => {
  const long = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2069, 11, 31) / 1000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        const text = date.toUTCString();
        const [day, month, year, time] = [text.slice(5, 7), text.slice(8, 11), text.slice(12, 16), text.slice(17, 25)];
        return (
          http(text) === seconds * 1000 &&
          http(`${long[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`) === seconds * 1000 &&
          http(`${text.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`) === seconds * 1000
        );
      }),
      { numRuns: 2000 },
    ),
  );
});

test('parseHttpDate refuses everything else', (t) => {
  for (const text of [
    '',
    '0',
    'Sun',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'sun, 06 Nov 1994 08:49:37 GMT',
    'Son, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun,  6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994T08:49:37 GMT',
    'Sunday, 06 Nov 94 08:49:37 GMT',
    'Monday, 06-Nov-1994 08:49:37 GMT',
    'Mondaz, 06-Nov-94 08:49:37 GMT',
    'Tueday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 94',
    'Sun Nov 06 08:49:37 199 ',
    'Sun Nov 006 08:49:37 1994',
    'Sun Nov a6 08:49:37 1994',
    'Sun, 06 Nov 1994 08-49-37 GMT',
  ]) {
    t.is(http(text), Number.NaN, text);
  }
});

test('no byte of a date can be changed to something it does not mean', (t) => {
  const forms = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov 16 08:49:37 1994'];
  for (const form of forms) {
    for (let i = 0; i < form.length; i++) {
      for (const wrong of ['x', '\0', '\x7f', '/', ':', '@']) {
        if (form[i] === wrong) continue;
        t.is(
          http(form.slice(0, i) + wrong + form.slice(i + 1)),
          Number.NaN,
          `${form} with ${JSON.stringify(wrong)} at ${i}`,
        );
      }
      t.is(http(form.slice(0, i)), Number.NaN);
    }
  }
});

test('times with a zone, as people and platforms write them', (t) => {
  const ms = Date.UTC(2026, 0, 31, 12, 45, 24);
  for (const text of [
    '2026-01-31T12:45:24Z',
    '2026-01-31t12:45:24z',
    '2026-01-31T13:45:24+01:00',
    '2026-01-31T13:45:24+0100',
    '2026-01-31T07:15:24-0530',
    '2026-02-01T01:45:24+1300',
  ]) {
    t.is(parseTime(text), ms, text);
  }
  t.is(parseTime('2026-01-31T12:45Z'), ms - 24_000);
  t.is(parseTime('2026-01-31T12:45:24.5Z'), ms + 500);
  t.is(parseTime('2026-01-31T12:45:24,128Z'), ms + 128);
  t.is(parseTime('2026-01-31T12:45:24.999999999Z'), ms + 999);
  t.is(parseTime('2024-02-29T00:00:00Z'), Date.UTC(2024, 1, 29));
  for (const text of [
    '',
    'now',
    '2026-01-31',
    '2026-01-31T12:45:24',
    '2026-01-31 12:45:24Z',
    '2026-1-31T12:45:24Z',
    ' 2026-01-31T12:45:24Z',
    '2026-00-31T12:45:24Z',
    '2026-13-01T12:45:24Z',
    '2026-02-29T12:45:24Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:45:61Z',
    '2026-01-31T12:45:24+24:00',
    '2026-01-31T12:45:24+1:00',
    '2026-01-31T12:45:24.Z',
    '٢026-01-31T12:45:24Z',
  ]) {
    t.is(parseTime(text), Number.NaN, text);
  }
});

test('whatever time a platform writes is read back', (t) => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59Z') }), (date) =>
      t.is(parseTime(date.toISOString()), date.getTime()),
    ),
  );
});
