// SPDX-License-Identifier: Apache-2.0
/** The file in which the samples of a tortured board are noted. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface Note {
  /** 1, 2, 3 …; 0: none. */
  readonly sample: number;
  /** When it was noted, by the machine's clock. */
  readonly atMs: number;
}

export function noteSample(path: string, sample: number): void {
  appendFileSync(path, `${sample} ${Date.now()}\n`);
}

/** What was noted last. */
export function lastNote(path: string): Note {
  if (!existsSync(path)) return { sample: 0, atMs: 0 };
  const [sample, atMs] = (readFileSync(path, 'utf8').trimEnd().split('\n').pop() ?? '').split(' ');
  return { sample: Number(sample), atMs: Number(atMs) };
}
