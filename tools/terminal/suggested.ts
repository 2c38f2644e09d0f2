// SPDX-License-Identifier: Apache-2.0
/** What somebody may have meant, read from a refusal that names what there is. */

import { didYouMean } from '../author/near.ts';

/** Refusals with the name that was given and a list of those that there are. */
const REFUSALS = [
  /(?<given>[^\s:"]+): there is no such key; there are: (?<names>.+)$/,
  /there is no (?<given>[^\s:;"]+); there are: (?<names>.+)$/,
  /^(?<given>[^\s:"]+): not supported by the device; supported: (?<names>.+)$/,
  /has no member "(?<given>[^"]+)"; allowed: (?<names>[^;]+)/,
  /"(?<given>[^"]+)" is not allowed; allowed: (?<names>[^;]+)$/,
  /has no (?<given>[^\s;"]+); it has (?<names>.+)$/,
];

/**
 * The message, with `; did you mean NAME?` at the end of each line that refuses a name which is like one that there is.
 * @param usage names the options of the command
 */
export function suggested(message: string, usage = ''): string {
  const options = [...new Set(usage.match(/--[a-z][a-z-]*/g))];
  const lines = message.split('\n').map((line) => {
    if (line.includes('did you mean')) return line;
    const option = /^Unknown option '(--[^'=]+)/.exec(line)?.[1];
    if (option !== undefined) return line + didYouMean(option, options);
    for (const refusal of REFUSALS) {
      const { given, names } = refusal.exec(line)?.groups ?? {};
      if (given !== undefined && names !== undefined) return line + didYouMean(given, names.split(/, | or /));
    }
    return line;
  });
  return lines.join('\n');
}
