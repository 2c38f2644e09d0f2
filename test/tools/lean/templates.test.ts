// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { joined } from '../../../tools/lean/templates.ts';

const VALUES = {
  ...{ a: 1, b: 2, c: 'x', d: null, o: { toString: () => 'o' } },
  tag: (parts: readonly string[]) => parts.join('|'),
};

/** What an expression has for its value. */
function result(expression: string): unknown {
  return new Function(...Object.keys(VALUES), `return ${expression};`)(...Object.values(VALUES));
}

// A # stands for a dollar sign.
for (const [template, changed] of [
  ['`#{a}`', '("" + (a))'],
  ['`#{a}#{b}`', '("" + (a) + (b))'],
  ['`#{o}#{a}`', '("" + (o) + (a))'],
  ['`#{a}:`', '((a) + ":")'],
  ['`a#{a ? b : c}`', '("a" + (a ? b : c))'],
  ['`#{a}#{b}c`', '("" + (a) + (b) + "c")'],
  ['`#{a}: #{b}, #{c}`', '"".concat((a), ": ", (b), ", ", (c))'],
  ['`<#{a}: #{b}>`', '"<".concat((a), ": ", (b), ">")'],
  ['`"\\n\\\\#{d}`', '("\\"\\n\\\\" + (d))'],
  ['`a#{`b#{c}`}`', '("a" + (("b" + (c))))'],
  ['`a#{[a, b].map((e) => `#{e}!`)}#{`#{c}`}`', '("a" + ([a, b].map((e) => ((e) + "!"))) + (("" + (c))))'],
  ['1 + `#{a}#{b}`.length * 2', '1 + ("" + (a) + (b)).length * 2'],
  ['`plain`', '`plain`'],
  ['tag`a#{b}c`', 'tag`a#{b}c`'],
  ['tag`a#{`b#{c}`}c`', 'tag`a#{("b" + (c))}c`'],
] as const) {
  test(`the text ${template}`, (t) => {
    const code = template.replaceAll('#', '$');
    t.is(joined(code), changed.replaceAll('#', '$'));
    t.is(result(joined(code)), result(code));
  });
}
