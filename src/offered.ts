// SPDX-License-Identifier: Apache-2.0

/** What one of these parts of a firmware does under this name; undefined: none of them does it. */
export function offered<Part extends object, Name extends keyof Part>(
  parts: readonly Part[],
  name: Name,
): Part[Name] | undefined {
  for (let i = 0; i < parts.length; i++) {
    const found = parts[i]?.[name];
    if (found !== undefined) return found;
  }
  return undefined;
}
