// SPDX-License-Identifier: Apache-2.0
/** The file in which a tortured board notes what it samples and carries out, before the agent knows of it. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface Note {
  /** A sensor, or the counter of what is carried out. */
  readonly what: string;
  /** Of a sensor 1, 2, 3 …; of the counter the id of the operation. */
  readonly number: number;
  /** When it was noted, by the machine's clock. */
  readonly atMs: number;
}

export function note(path: string, what: string, number: number): void {
  appendFileSync(path, `${what} ${number} ${Date.now()}\n`);
}

export function readNotes(path: string): Note[] {
  if (!existsSync(path)) return [];
  // A line that the kill has cut off is none.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [what = '', number, atMs] = line.split(' ');
    return { what, number: Number(number), atMs: Number(atMs) };
  });
}

/** The number of what was noted last of this. */
export function lastNumber(notes: readonly Note[], what: string): number {
  return notes.filter((each) => each.what === what).at(-1)?.number ?? 0;
}
