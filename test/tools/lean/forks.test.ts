// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { flattened } from '../../../tools/lean/inline.ts';

/** Says that it was called, and with what; of more than one statement, so that it is no expression. */
const CALLED = `function called(log, n) {
  log.push("called " + n);
  if (n > 6) return 0;
  for (let i = 0; i < n; i++) {
    if (i === 4) return "four";
  }
  return n % 2 === 0 ? undefined : n;
}`;

/** With a call that is done in some cases only: none of them may do more, less or something else. */
const PLACES: readonly (readonly [what: string, main: string])[] = [
  ['a value that is returned', 'return n > 2 ? called(log, n) : -n;'],
  ['the other one', 'return n > 2 ? -n : called(log, n);'],
  ['one inside of another', 'return n > 1 ? (n > 3 ? called(log, n) : "some") : "few";'],
  ['a variable', 'const value = n > 2 ? called(log, n) : "few"; log.push(() => value); return [value, log.at(-1)()];'],
  ['two variables', 'const a = n > 2 ? called(log, n) : 1, b = log.length; return [a, b];'],
  ['a variable that has a value', 'let a = 5; a = n > 2 ? called(log, a) : a; return a;'],
  ['a statement', 'n > 2 ? called(log, n) : log.push("few"); return log.length;'],
  ['and', 'return n > 2 && called(log, n);'],
  ['or', 'return n > 2 || called(log, n);'],
  ['nothing', 'const none = n > 2 ? null : n === 1 ? undefined : n; return none ?? called(log, n);'],
  ['a condition', 'if (n > 2 && called(log, n)) return "both"; return "not";'],
  ['a condition that is not', 'if (n > 2 && !called(log, n)) return "both"; return "not";'],
  ['a condition with else', 'if (n > 2 && called(log, n)) return "both"; else log.push("else"); return "not";'],
  ['either', 'if (n > 2 || called(log, n)) log.push("either"); else return "neither"; return n;'],
  ['an else of another', 'if (n === 9) return 9; else if (n > 2 && called(log, n)) return "both"; return "not";'],
  ['three of them', 'if (n > 0 && n < 9 && called(log, n)) return "all"; return "not all";'],
  ['what is compared', 'if ((n > 2 ? called(log, n) : 3) === 3) return "three"; return "none";'],
  [
    'a switch',
    'switch (n > 2 ? called(log, n) : "few") { case 3: log.push("3"); case "few": return "few"; } return n;',
  ],
  ['what is thrown', 'if (n > 5) throw n > 6 ? called(log, n) : new Error("six"); return n;'],
  [
    'a function that is an expression',
    'const all = [n, n + 1].map((each) => each > 2 ? called(log, each) : -each); return all;',
  ],
  ['an object', 'const made = () => (n > 2 ? called(log, n) : { n }); return [made(), made()];'],
  [
    'a loop',
    'const all = []; for (let i = n; i < n + 3; i++) { const v = i > 2 ? called(log, i) : i; all.push(() => v); } return all.map((each) => each());',
  ],
];

for (const [what, main] of PLACES) {
  test(`a call that is done in some cases stands where it is done: ${what}`, (t) => {
    const code = `${CALLED}\nfunction main(log, n) {\n  ${main}\n}\n`;
    const flat = flattened(code, () => false);
    t.notRegex(flat, /called\(/);
    for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 9]) t.deepEqual(told(flat, n), told(code, n), `${n}: ${flat}`);
  });
}

for (const [what, main] of [
  ['something is done before it', 'return note(log) + (n > 2 ? called(log, n) : 1);'],
  ['something is read before it', 'return log.length + (n > 2 ? called(log, n) : 1);'],
  ['a loop asks', 'let i = n; while (i > 2 && called(log, i)) i--; return i;'],
] as const) {
  test(`a call stays where ${what}`, (t) => {
    const code = `${CALLED}\nconst note = (log) => log.push("noted");\nfunction main(log, n) {\n  ${main}\n}\n`;
    const flat = flattened(code, () => false);
    t.regex(flat, /function called\(/);
    for (const n of [1, 3, 7]) t.deepEqual(told(flat, n), told(code, n));
  });
}

function told(code: string, n: number): unknown {
  const main = new Function(`${code}\nreturn main;`)() as (log: unknown[], n: number) => unknown;
  const log: unknown[] = [];
  try {
    const result = main(log, n);
    return [result, log.map(String)];
  } catch (error) {
    return ['thrown', error instanceof Error ? error.message : error, log.map(String)];
  }
}
