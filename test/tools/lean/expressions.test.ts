// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { expressionsInPlace } from '../../../tools/lean/expressions.ts';
import { ownModules } from '../../../tools/moddable/modules.ts';

test('an expression stands where it is used, but where it is exported or its name is another thing, too', (t) => {
  const code = `const NAME = /^[a-z"'\`]+$/i;
const OUT = /a/;
const TWICE = /b/g;
const f = (text) => NAME.test(text) || { NAME: NAME, form: NAME }.NAME.exec(text);
const g = (TWICE) => TWICE.test("NAME");
export { f, g, OUT };
`;
  t.is(
    expressionsInPlace(code),
    `const OUT = /a/;
const TWICE = /b/g;
const f = (text) => /^[a-z"'\`]+$/i.test(text) || { NAME: /^[a-z"'\`]+$/i, form: /^[a-z"'\`]+$/i }.NAME.exec(text);
const g = (TWICE) => TWICE.test("NAME");
export { f, g, OUT };
`,
  );
});

test('a member that is called as its expression keeps its name', (t) => {
  t.is(expressionsInPlace('const NAME = /a/;\nf({ NAME });\n'), 'f({ NAME: /a/ });\n');
});

test('one that has to remember where it was is refused: made anew, it would find the same for ever', (t) => {
  const loop = (flags: string) =>
    `const NAME = /a/${flags};\nconst f = (text) => { while (NAME.exec(text)) count(); };\n`;
  for (const flags of ['g', 'y', 'gi'])
    t.throws(() => expressionsInPlace(loop(flags)), { message: /NAME = \/a\/\w+: with g or y/ });
  t.notThrows(() => expressionsInPlace(loop('i')));
  t.is(expressionsInPlace('const NAME = /a/g;\nf(text.replace(NAME, ""));\n'), 'f(text.replace(/a/g, ""));\n');
});

test('no module of a board has an expression that lies in flash', async (t) => {
  for (const [name, code] of await ownModules()) {
    t.deepEqual(code.match(/^const [\w$]+ = \/[^/*].*$/gm) ?? [], [], name);
  }
});
