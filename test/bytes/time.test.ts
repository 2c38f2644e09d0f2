import test from 'ava';
import fc from 'fast-check';
import {
  civilDay,
  civilFromDays,
  civilMonth,
  civilYear,
  daysFromCivil,
  daysInMonth,
} from '../../src/bytes/calendar.ts';
import { ascii } from '../../src/bytes/text.ts';
import { parseHttpDate, parseIso } from '../../src/bytes/time.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 100_000_000;

function iso(text: string): number {
  const framed = ascii(`0${text}0`);
  return parseIso(framed, 1, framed.length - 1);
}

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

const instant = fc.integer({ min: Date.UTC(0) - 1900 * 365.25 * DAY_MS, max: Date.UTC(9999, 11, 31) });

test('parseIso reads what toISOString writes, with any fraction and zone', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: -1439, max: 1439 }),
        fc.constantFrom('', ':'),
        fc.nat(12),
        (ms, offset, colon, digits) => {
          const text = new Date(ms).toISOString();
          if (text.length !== 24) return true;
          const fraction = digits === 0 ? '' : `.${`${text.slice(20, 23)}987654321`.slice(0, digits)}`;
          const sign = offset < 0 ? '-' : '+';
          const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
          const zone = `${sign}${two(Math.abs(offset) / 60)}${colon}${two(Math.abs(offset) % 60)}`;
          const kept = digits === 0 ? '.000' : digits < 3 ? fraction.padEnd(4, '0') : fraction.slice(0, 4);
          const wanted = Date.parse(`${text.slice(0, 19)}${kept}Z`);
          return (
            iso(`${text.slice(0, 19)}${fraction}Z`) === wanted &&
            iso(`${text.slice(0, 19)}${fraction}${zone}`) === wanted - offset * 60_000
          );
        },
      ),
      { numRuns: 3000 },
    ),
  );
});

test('the forms that the platform sends', (t) => {
  t.is(iso('2013-06-22T17:03:14.000+02:00'), Date.UTC(2013, 5, 22, 15, 3, 14));
  t.is(iso('2013-06-22T17:03:14+0200'), Date.UTC(2013, 5, 22, 15, 3, 14));
  t.is(iso('2026-01-04T10:53:35.128Z'), Date.UTC(2026, 0, 4, 10, 53, 35, 128));
  t.is(iso('2024-02-29T00:00:00Z'), Date.UTC(2024, 1, 29));
  t.is(iso('2024-02-29T23:59:59.9-00:30'), Date.UTC(2024, 2, 1, 0, 29, 59, 900));
});

test('parseIso refuses everything else', (t) => {
  for (const text of [
    '',
    'now',
    '2026-01-04',
    '2026-01-04T10:53:35',
    '2026-01-04T10:53Z',
    '2026-01-04 10:53:35Z',
    '2026-01-04t10:53:35Z',
    '2026-01-04T10:53:35z',
    '2026-00-04T10:53:35Z',
    '2026-13-04T10:53:35Z',
    '2026-01-00T10:53:35Z',
    '2026-02-29T10:53:35Z',
    '1900-02-29T10:53:35Z',
    '2026-04-31T10:53:35Z',
    '2026-01-04T24:00:00Z',
    '2026-01-04T10:60:35Z',
    '2026-01-04T10:53:60Z',
    '2026-01-04T10:53:35.Z',
    '2026-01-04T10:53:35,1Z',
    '2026-01-04T10:53:35.1',
    '2026-01-04T10:53:35+02',
    '2026-01-04T10:53:35+2:00',
    '2026-01-04T10:53:35+24:00',
    '2026-01-04T10:53:35+02:60',
    '2026-01-04T10:53:35+02:00Z',
    '2026-01-04T10:53:35Z ',
    '2026-01-04T10:53:35 Z',
    '+002026-01-04T10:53:35Z',
    '2026-01-0aT10:53:35Z',
    '2026-01-04T1 :53:35Z',
  ]) {
    t.is(iso(text), Number.NaN, text);
  }
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
  const forms = [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov 16 08:49:37 1994',
    '2026-01-04T10:53:35.128+02:00',
  ];
  for (const form of forms) {
    const parse = form.startsWith('2') ? iso : http;
    for (let i = 0; i < form.length; i++) {
      for (const wrong of ['x', '\0', '\x7f', '/', ':', '@']) {
        if (form[i] === wrong) continue;
        t.is(
          parse(form.slice(0, i) + wrong + form.slice(i + 1)),
          Number.NaN,
          `${form} with ${JSON.stringify(wrong)} at ${i}`,
        );
      }
      t.is(parse(form.slice(0, i)), Number.NaN);
    }
  }
});
