// SPDX-License-Identifier: Apache-2.0

const STEP_MS = 5;

/**
 * Waits in real time until a condition holds.
 * @throws Error with `missing` when that takes longer than `limitMs`.
 */
export async function until(
  condition: () => boolean,
  missing: string | (() => string),
  limitMs = 30_000,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(typeof missing === 'string' ? missing : missing());
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
