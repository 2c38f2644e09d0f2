// SPDX-License-Identifier: Apache-2.0
/** Waiting in real time: no test waits for ever, and each says what it has waited for. */

const STEP_MS = 5;
/** Less than the minute after which ava ends a test without a word about what it waits for. */
const LIMIT_MS = 50_000;

/** What there is not. */
export type Missing = string | (() => string);

/**
 * Waits until a condition holds.
 * @throws Error with `missing` when that takes longer than `limitMs`.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  missing: Missing,
  limitMs = LIMIT_MS,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(textOf(missing, limitMs));
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** Waits for what is promised. @throws as `until` */
export async function within<T>(promise: Promise<T>, missing: Missing, limitMs = LIMIT_MS): Promise<T> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timeout = setTimeout(() => reject(new Error(textOf(missing, limitMs))), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timeout);
  }
}

function textOf(missing: Missing, limitMs: number): string {
  return `after ${limitMs / 1000} s: ${typeof missing === 'string' ? missing : missing()}`;
}
