// SPDX-License-Identifier: Apache-2.0
/** What the times of samples tell of how they have come. */

/** @param times of the samples of one kind, in the order they came */
export function judge(times: readonly number[]): { gaps: number; repeats: number; isSorted: boolean } {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const steps = sorted.slice(1).map((time, i) => time - (sorted[i] ?? 0));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const gaps = steps.reduce((sum, step) => sum + (usual > 0 ? Math.max(0, Math.round(step / usual) - 1) : 0), 0);
  return {
    gaps,
    repeats: times.length - sorted.length,
    isSorted: times.every((time, i) => i === 0 || time >= (times[i - 1] ?? 0)),
  };
}
