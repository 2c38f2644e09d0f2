// SPDX-License-Identifier: Apache-2.0
/**
 * What somebody may have meant by a misspelt name. For desks and tests only: a board has no room for it. No library of
 * npm: `leven` and `fastest-levenshtein` keep arrays at module level, which are read-only on the XS of a virtual board.
 */

/** Longer names are cut: nobody misspells more, and the work grows with the square. */
const MOST_LETTERS = 64;

/** The name that is most like `name`; undefined when none is like it. Upper and lower case are no difference. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of names) {
    const distance = distanceBetween(name, each);
    if (distance >= least) continue;
    least = distance;
    best = each;
  }
  return best;
}

/** `; did you mean NAME?`, or nothing. */
export function didYouMean(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** Number of edits between the two; infinite when they are not alike: about one edit for three letters is a slip. */
function distanceBetween(given: string, meant: string): number {
  const from = given.slice(0, MOST_LETTERS).toLowerCase();
  const to = meant.slice(0, MOST_LETTERS).toLowerCase();
  const most = Math.ceil(Math.min(from.length, to.length) / 3);
  const edits = from.length < 2 ? Number(from !== to) * 2 : editsBetween(from, to);
  if (edits <= most) return edits;
  // A name without its unit or prefix: timeout for timeoutMs, command for c8y_Command.
  const isPart = from.length >= 5 && (to.startsWith(from) || to.endsWith(from));
  if (isPart) return most + edits / MOST_LETTERS;
  const bare = to.slice(to.indexOf('_') + 1);
  return from.includes('_') || bare === to ? Number.POSITIVE_INFINITY : distanceBetween(from, bare);
}

/** Letters that are missing, too many, wrong, or exchanged with their neighbour. */
function editsBetween(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let edits = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (isSame ? 0 : 1));
      if (from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) edits = Math.min(edits, at(before, j - 2) + 1);
      row.push(edits);
    }
    before = above;
    above = row;
  }
  return at(above, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
