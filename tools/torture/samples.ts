/** The file in which the samples of a tortured board are noted. */

import { existsSync, readFileSync } from 'node:fs';

/** The number of the last sample that was noted. */
export function lastSample(path: string): number {
  if (!existsSync(path)) return 0;
  return Number(readFileSync(path, 'utf8').trimEnd().split('\n').pop() ?? '0');
}
