// SPDX-License-Identifier: Apache-2.0
/** What the times of samples tell of how they have come. */

/** A device's clock, which it has from a header without fractions of seconds, may be so far off that of this machine, ms. */
const MARGIN_MS = 1200;
/** Steps of the same interval differ less. */
const MISSING = 1.5;

export interface Judgement {
  /** Samples that are missing between others. */
  readonly gaps: number;
  readonly repeats: number;
  readonly isSorted: boolean;
}

/**
 * @param times of the samples of one kind, in the order they came
 * @param takenMs when sensors were really asked, on this machine's clock: what was not measured is not missing. Without it a
 * gap is as many samples as are usual in so long.
 */
export function judge(times: readonly number[], takenMs?: readonly number[]): Judgement {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const steps = sorted.slice(1).map((time, i) => ({ fromMs: sorted[i] ?? 0, toMs: time, ms: time - (sorted[i] ?? 0) }));
  const lengths = steps.map(({ ms }) => ms).sort((a, b) => a - b);
  const [least = 0] = lengths;
  const usual = lengths[Math.floor(lengths.length / 2)] ?? 0;
  const missing = ({ fromMs, toMs, ms }: (typeof steps)[number]) => {
    if (takenMs === undefined) return usual > 0 ? Math.max(0, Math.round(ms / usual) - 1) : 0;
    if (ms < least * MISSING) return 0;
    return takenMs.filter((each) => each > fromMs + MARGIN_MS && each < toMs - MARGIN_MS).length;
  };
  return {
    gaps: steps.reduce((sum, step) => sum + missing(step), 0),
    repeats: times.length - sorted.length,
    isSorted: times.every((time, i) => i === 0 || time >= (times[i - 1] ?? 0)),
  };
}
