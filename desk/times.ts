// SPDX-License-Identifier: Apache-2.0
/** Times in the reader's zone and format. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** For example `14:03:22`. */
export function timeOfDay(ms: number): string {
  return clock.format(ms);
}

/** For example `14:03:22.417`. */
export function exactTime(ms: number): string {
  return `${clock.format(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

/** For example `2026-11-29 14:03:22 +02:00`. */
export function fullTime(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${timeOfDay(ms)} ${zoneOffset()}`;
}

/** Offset of this machine's time zone, as `+02:00`. */
export function zoneOffset(): string {
  const minutes = -new Date().getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Time since a beginning, as `0:03:21.4`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}.${Math.floor((ms % 1000) / 100)}`;
}

/** For example `0.4 s`, `32 s`, `5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

export function bytes(count: number): string {
  return count < 10_000 ? `${count} B` : `${(count / 1024).toFixed(0)} KB`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
