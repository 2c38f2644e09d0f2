// SPDX-License-Identifier: Apache-2.0

/** The member of this name of the first part that has it; undefined: no part has it. */
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
