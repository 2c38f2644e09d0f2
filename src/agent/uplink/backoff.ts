// SPDX-License-Identifier: Apache-2.0
/**
 * The pause after the n-th failure in a row. Its window doubles from `firstMs` to `mostMs`. The pause is random in the
 * window, so that a fleet that lost the platform together does not return together.
 */
export function backoffMs(failures: number, random: number, firstMs: number, mostMs: number): number {
  const exponent = failures < 1 ? 0 : failures > 20 ? 20 : failures - 1;
  const windowMs = Math.min(firstMs * 2 ** exponent, mostMs);
  const leastMs = Math.min(500, windowMs / 2);
  return Math.round(leastMs + random * (windowMs - leastMs));
}
