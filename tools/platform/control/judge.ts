// SPDX-License-Identifier: Apache-2.0
/** Judges by the times of samples whether they arrived complete, once and in order. */

/** Largest error of a device's clock, which it sets from a header in whole seconds. */
const MARGIN_MS = 1200;
/** A step of this many intervals means a missing sample. */
const MISSING = 1.5;

export interface Judgement {
  /** Number of missing samples. */
  readonly gaps: number;
  readonly repeats: number;
  readonly isSorted: boolean;
}

/**
 * @param times times of the samples of one kind, in order of arrival
 * @param takenMs times at which sensors were really sampled, by this machine's clock: samples that were not taken are
 * not missing. Without it, gaps are counted by the usual interval.
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
