// SPDX-License-Identifier: Apache-2.0

import { parse } from 'acorn';
import test from 'ava';
import { rewritten, treeOf } from '../../../tools/lean/tree.ts';

const CODE = `import { a, b as c } from "a";
// What it is.
const ONE = 1;
function first({ x, y: [z] }, ...rest) {
  return \`\${x} and \${z}\`.replace(/[a-z]/gu, rest);
}
class Second extends first {
  #member = ONE;
  get it() {
    return this.#member ?? { ONE, a };
  }
}
const Third = class Own extends first {
  constructor(a) {
    super(a);
  }
  static two(a = 2) {
    return [a, Own];
  }
  get three() {
    return super.three;
  }
};
label: for (const each of [1n, .5]) break label;
export { first, Second as default };
`;

/** Edits by the texts they replace, each of which is there once. */
function edits(replaced: Readonly<Record<string, string>>) {
  return Object.entries(replaced).map(([from, text]) => {
    const start = CODE.indexOf(from);
    return { start, end: start + from.length, text };
  });
}

const plain = (code: string) => JSON.stringify(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), bigints);
const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

for (const [what, replaced] of [
  ['nothing', {}],
  ['a statement goes, with its line', { 'const ONE = 1;\n': '' }],
  ['one becomes longer, another shorter', { 'const ONE = 1;': 'const ONE = 1 + 1 + 1;', ' extends first': '' }],
  ['one becomes two', { 'label: for': '{}\nlabel: for' }],
  ['two places of one', { '.5': '7', '1n': '22n' }],
  ['what has no meaning by itself', { 'first, Second as': 'a, Second as' }],
  ['a member, and code before it', { 'return [a, Own];': 'return a;', 'const ONE = 1;': 'const ONE = 10;' }],
  ['a member, and code behind it', { 'super(a);': 'super(a, a, a);', '.5': '.25' }],
  ['two members', { 'super(a);': '', 'super.three': 'super.three.three' }],
  ['a member goes, with its line', { '  get three() {\n    return super.three;\n  }\n': '' }],
  ['a member becomes two', { 'static two': 'zero() {}\n  static two' }],
  ['a member with a private name', { '?? { ONE, a }': '' }],
  ['the head of a class', { 'class Own extends': 'class extends' }],
  ['a member, and the head', { 'Own extends first': 'Own extends Second', 'super.three': '3' }],
  ['between members', { '  static two': '  ;static two' }],
  ['between two', { '// What it is.': 'more();' }],
  ['over two', { 'const ONE = 1;\nfunction first': 'const ONE = 1, TWO = 2;\nfunction first' }],
] as const) {
  test(`the tree after a step is that of its text: ${what}`, (t) => {
    treeOf(CODE);
    const text = rewritten(CODE, edits(replaced));
    t.is(JSON.stringify(treeOf(text), bigints), plain(text));
    // Once more, from where it is now: all behind the import moves.
    t.is(rewritten(text, [{ start: 9, end: 9, text: 'z, ' }]), `import { z, ${text.slice(9)}`);
    t.is(JSON.stringify(treeOf(`import { z, ${text.slice(9)}`), bigints), plain(`import { z, ${text.slice(9)}`));
  });
}
