// SPDX-License-Identifier: Apache-2.0
/** The file in which a tortured board records samples and executions, before the agent receives them. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface Note {
  /** The name of a sensor, or of the counter. */
  readonly what: string;
  /** 1, 2, 3 … of a sensor; the id of the operation for the counter. */
  readonly number: number;
  /** Time of the note, by the machine's clock. */
  readonly atMs: number;
}

export function note(path: string, what: string, number: number): void {
  appendFileSync(path, `${what} ${number} ${Date.now()}\n`);
}

export function readNotes(path: string): Note[] {
  if (!existsSync(path)) return [];
  // An incomplete last line is ignored: a kill has cut it off.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [what = '', number, atMs] = line.split(' ');
    return { what, number: Number(number), atMs: Number(atMs) };
  });
}

/** The number in the last note with this name. */
export function lastNumber(notes: readonly Note[], what: string): number {
  return notes.filter((each) => each.what === what).at(-1)?.number ?? 0;
}
