// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { asMethods } from '../../../tools/lean/methods.ts';
import { frozen } from '../../../tools/lean/nests.ts';
import { shelved } from '../../../tools/lean/shelf.ts';

const CODE = `import { a } from "a";
const LIST = [1, 2];
const SUM = ("s" + LIST.length);
const size = (list) => list.length;
const described = (list) => SUM + size(list);
const Base = class {
  constructor() { this.list = LIST; }
  get text() { return SUM; }
  make() { return new Made({ LIST }); }
  each(all) { return all.map(() => this.text + LIST).concat(all.map(() => described(all))); }
  told() { return described(LIST); }
};
const Made = class Inner extends Base {
  constructor({ LIST: more }) { super(size(more)); this.more = more; this.sum = SUM; }
  told() { return super.told() + described(this.more); }
};
const Fault = class extends Error {
  get sum() { return SUM; }
};
`;
const RUN = `
const one = new Base(), other = one.make();
return [one.text, other.list, other.more, other.sum, one.told(), other.told(), one.each(one.list), new Fault('').sum,
  Object.keys(other), keysIn(other), other instanceof Base, other.undeclared, one.hasOwnProperty('list')];
function keysIn(object) { const all = []; for (const key in object) all.push(key); return all; }`;

function withoutImports(code: string): string {
  return code.replace(/^import .*\n/, '');
}

test('methods and functions of a module read its constants from the shelf', (t) => {
  const changed = shelved(asMethods(CODE), () => true);
  for (const each of [
    /^import .*\nconst \$shelf = new Object\(\);\n/,
    /\nconst \$methods = \{\n__proto__: \$shelf,\n0\(list\) \{ return list\.length; \},\n/,
    /\n1\(list\) \{ return this\[\d\] \+ this\[\d\]\(list\); \},\n/,
    /\n\$shelf\[0\] = \[1, 2\];\nconst SUM = \$shelf\[1\] = \("s" \+ \$shelf\[0\]\.length\);\n\$shelf\[3\] = \$methods\[0\];\n/,
    /\nconst Base = \$based\(class \{/,
    /return new this\[\d\]\(\{ LIST: this\[\d\] \}\)/,
    // There is no `this` yet.
    /super\(new\.target\.prototype\[\d\]\(more\)\); this\.more = more; this\.sum = this\[\d\];/,
    // An arrow that has `this` anyway; another one keeps the variable, and so does the method around it.
    /all\.map\(\(\) => this\.text \+ this\[\d\]\)\.concat\(all\.map\(\(\) => \$shelf\[\d\]\(all\)\)\)/,
    /told\(\) \{ return super\.told\(\) \+ this\[\d\]\(this\.more\); \}/,
    // Its prototype has another base.
    /get sum\(\) \{ return SUM; \}/,
    /Object\.freeze\(\$shelf\);\n$/,
  ])
    t.regex(changed, each);
  const results = (code: string) => new Function(`'use strict';${withoutImports(code)}${RUN}`)();
  t.deepEqual(results(changed), results(CODE));
});

test('functions that may be called without an object keep variables', (t) => {
  const code = `const A = "a";
const plain = () => A;
const list = [plain];
const Taken = class {
  taken() { return A + this.b; }
  free() { return A; }
  tested() { return A; }
  static all() { return A; }
  inLoop() { for (const each of list) this.b += A + each(); }
};
const one = new Taken();
const { taken } = one;
if (one.tested) taken.call(one);
`;
  const changed = shelved(asMethods(code), (name) => name !== 'free');
  t.deepEqual(changed.match(/^.*this\[\d.*$/gm), [
    '  tested() { return this[0]; }',
    '  inLoop() { const list$here = this[1], A$here = this[0]; for (const each of list$here) this.b += A$here + each(); }',
  ]);
  t.regex(
    shelved(asMethods(code), () => true),
    /free\(\) \{ return this\[0\]; \}/,
  );
});

test('what a loop needs, or what is read often, becomes a local variable, unless it needs an object', (t) => {
  const code = `const A = "a";
const add = (b) => A + b;
const Some = class {
  often() { return [A, A, A, A]; }
  seldom() { return [A, A, A]; }
  loop() { let all = ""; while (all.length < 3) all = add(all); return all; }
  given(to = A) { return to + [A, A, A, A]; }
};
`;
  const changed = shelved(asMethods(code), () => true);
  for (const each of [
    'often() { const A$here = this[0]; return [A$here, A$here, A$here, A$here]; }',
    'seldom() { return [this[0], this[0], this[0]]; }',
    'all = this[1](all);',
    // What the block declares does not exist yet.
    'given(to = this[0]) { const A$here = this[0]; return to + [A$here, A$here, A$here, A$here]; }',
  ])
    t.true(changed.includes(each), each);
  const run = "const some = new Some(); return [some.often(), some.seldom(), some.loop(), some.given()].join('|');";
  const made = new Function(`'use strict';${changed}${run}`);
  t.is(made(), 'a,a,a,a|a,a,a|aaa|aa,a,a,a');
});

test('objects on the shelf are frozen behind the module', (t) => {
  const code = 'const a = new Object();\na[0] = { b: 1 };\na[1] = "text";\nconst c = a[2] = [1];\na.d = {};\n';
  t.is(frozen(code), `${code}Object.freeze(a[0], true);\nObject.freeze(a[2], true);\n`);
});
