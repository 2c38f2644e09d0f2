// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { frozen, nested } from '../../../tools/lean/nests.ts';

/** The text without empty lines, which removed declarations leave. */
const lines = (code: string) =>
  code
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');

test('constants that only one other constant needs stand in a scope around it', (t) => {
  const code = `const SHARED = 1;
const A = "a";
const B = [A];
const C = "c";
const Inner = class { a() { return [A, B, C, SHARED]; } };
const Outer = class { make() { return new Inner(); } };
export const other = () => SHARED;
export { Outer };
`;
  t.is(
    lines(nested(code)),
    `const SHARED = 1;
const Inner = (() => {
const A = "a";
const B = [A];
const C = "c";
return class { a() { return [A, B, C, SHARED]; } };
})();
const Outer = class { make() { return new Inner(); } };
export const other = () => SHARED;
export { Outer };`,
    'a scope for one constant would be longer than its name',
  );
});

test('a scope may stand in another one', (t) => {
  const code = `const A = "a";
const B = "b";
const C = "c";
const D = "d";
const E = "e";
const Inner = class { a() { return A + B + C; } };
export const Outer = 0;
const Last = class { make() { return new Inner(D, E); } };
new Last();
`;
  const result = lines(nested(code));
  t.is(
    result,
    `export const Outer = 0;
const Last = (() => {
const D = "d";
const E = "e";
const Inner = (() => {
const A = "a";
const B = "b";
const C = "c";
return class { a() { return A + B + C; } };
})();
return class { make() { return new Inner(D, E); } };
})();
new Last();`,
  );
});

test('what is declared after its user, or needed by other statements, stays where it is', (t) => {
  const code = `const A = "a";
const B = "b";
const Early = class { a() { return A + B + LATE; } };
const LATE = "late";
let count = 0;
const C = make(count);
count++;
const TABLE = [0];
TABLE[0] = 1;
const D = "d";
const User = class { a() { return [C, D, TABLE]; } };
function make(n) { return n; }
new Early(); new User();
`;
  t.is(lines(nested(code)), lines(code));
});

test('texts that nothing needs are left out; what is made by a call is not', (t) => {
  const code = `const TEXT = "a";
const PIECE = $text(0, 1);
const here = $methods[1];
const MADE = make(NAME);
const NAME = "b";
export const Used = 1;
`;
  t.is(lines(nested(code)), 'const MADE = make(NAME);\nconst NAME = "b";\nexport const Used = 1;');
});

test('constants of a module are frozen behind it, and nothing else is', (t) => {
  const code =
    'const LIST = [\n  1\n];\nconst SET = { a: 1 };\nconst made = make();\nvar count = [];\n{\n  const inner = [];\n}\nexport { SET };\n';
  t.is(frozen(code), `${code}Object.freeze(LIST, true);\nObject.freeze(SET, true);\n`);
  t.is(frozen('f();\n'), 'f();\n');
});

test('constants of a scope are frozen in it', (t) => {
  const code = `const Outer = (() => {
  const list = [1];
  const Inner = (() => {
    const set = { a: 1 };
    return [set];
  })();
  return { Inner, list };
})();
export { Outer };
`;
  t.is(
    frozen(code),
    `const Outer = (() => {
  const list = [1];
  const Inner = (() => {
    const set = { a: 1 };
    Object.freeze(set, true);
  return [set];
  })();
  Object.freeze(list, true);
  Object.freeze(Inner, true);
  return { Inner, list };
})();
export { Outer };
Object.freeze(Outer, true);
`,
  );
});
