// SPDX-License-Identifier: Apache-2.0
/**
 * Dates of the proleptic Gregorian calendar in integers. A `Date` costs memory each time; these functions cost none.
 * Days count from 1970-01-01. A year of the calculation starts in March, so that the leap day is its last day. `| 0`
 * truncates values that cannot be negative, without the call of `Math.floor`.
 */

export const MS_PER_DAY = 86_400_000;

const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_SHIFT = 719_468;

export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - EPOCH_SHIFT;
}

/** The date of a day, packed into one number. `civilYear`, `civilMonth` and `civilDay` read its parts. */
export function civilFromDays(days: number): number {
  const shifted = days + EPOCH_SHIFT;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (yearOfEra * 365 + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const march = ((5 * dayOfYear + 2) / 153) | 0;
  const day = dayOfYear - (((153 * march + 2) / 5) | 0) + 1;
  const month = march < 10 ? march + 3 : march - 9;
  const year = era * 400 + yearOfEra + (month < 3 ? 1 : 0);
  return (year << 9) | (month << 5) | day;
}

export function civilYear(date: number): number {
  return date >> 9;
}

/** The month of a packed date, 1 to 12. */
export function civilMonth(date: number): number {
  return (date >> 5) & 15;
}

/** The day of the month of a packed date, 1 to 31. */
export function civilDay(date: number): number {
  return date & 31;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
