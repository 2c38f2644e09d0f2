// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { chained, inlined, shortUndefined, unaliased } from '../../../tools/lean/constants.ts';

test('numbers stand where they are used, what is calculated of them alone is its result, and templates have their texts', (t) => {
  const code = `const LIMIT = 4 * 1024;
const LEAST = -1;
const KEY = 7;
const KEY_AT = KEY + 1;
const OUT = 3;
const TEXT = "a \`\${x}\`";
const HALF = 1 / 2;
const SHADOWED = 1;
const made = make(1);
f(LIMIT - LEAST, a - LEAST, { KEY: KEY, b: x.KEY }, \`\${TEXT} \${KEY} \${a}\`);
switch (n) {
  case KEY:
    g(n ? KEY_AT : KEY_AT + n, KEY.toString());
}
h({ KEY }, "no KEY", TEXT, (SHADOWED) => SHADOWED, a + 2 * 3);
i(HALF, tag\`\${KEY}\`);
export { OUT };
`;

  t.is(
    inlined(code),
    `const OUT = 3;
const TEXT = "a \`\${x}\`";
const HALF = 1 / 2;
const SHADOWED = 1;
const made = make(1);
f(4097, a - (-1), { KEY: 7, b: x.KEY }, \`a \\\`\\\${x}\\\` 7 \${a}\`);
switch (n) {
  case 7:
    g(n ? 8 : 8 + n, (7).toString());
}
h({ KEY: 7 }, "no KEY", TEXT, (SHADOWED) => SHADOWED, a + 6);
i(HALF, tag\`\${7}\`);
export { OUT };
`,
  );
});

test('a line end in a template stays what it is', (t) => {
  const code = `const END = "\\r\\n";
f(\`a\${END}b\`);
`;
  t.is(inlined(code).split('f(').at(-1), '`a\\r\nb`);\n');
});

test('members that get the same constant are one assignment in the same order, and a return of nothing returns', (t) => {
  t.is(
    chained(`class A {
  constructor() {
    this.a = void 0;
    this.b = void 0;
    this.c = 0;
    this.d = 0;
    this.e = 0;
    this.f = x;
    this.g = x;
    b.h = 0;
    this[i] = 0;
  }
  j() {
    if (this.a) return void 0;
    return void this.k();
  }
}
`),
    `class A {
  constructor() {
    this.b = this.a = void 0;
    this.e = this.d = this.c = 0;
    this.f = x;
    this.g = x;
    b.h = 0;
    this[i] = 0;
  }
  j() {
    if (this.a) return;
    return void this.k();
  }
}
`,
  );
});

test('undefined has a shorter form, and a text about it stays', (t) => {
  t.is(
    shortUndefined('const a = void 0, b = `void 0`, c = "void 0", d = void f(0);\n'),
    'const a = void null, b = `void 0`, c = "void 0", d = void f(0);\n',
  );
});

test('a constant that is another name of a constant is that one', (t) => {
  t.is(
    unaliased('const a = f();\nconst b = a;\nfunction g(c) {\n  return [b, { b }, c.b, c(b)];\n}\n'),
    'const a = f();\nfunction g(c) {\n  return [a, { b: a }, c.b, c(a)];\n}\n',
  );
});

for (const [what, code] of [
  ['that is exported', 'const a = f();\nconst b = a;\nexport { b };\n'],
  ['of a variable', 'let a = f();\nconst b = a;\ng(b);\n'],
  ['of a name that means something else elsewhere', 'const a = f();\nconst b = a;\nconst g = (a) => b;\n'],
  ['that means something else elsewhere', 'const a = f();\nconst b = a;\nconst g = (b) => b;\n'],
  ['of a global', 'const b = undefined;\ng(b);\n'],
  ['of a later constant', 'const b = a;\nconst a = f();\ng(b);\n'],
  ['of a function', 'function a() {\n}\nconst b = a;\ng(b);\n'],
] as const) {
  test(`a constant stays: ${what}`, (t) => {
    t.is(unaliased(code), code);
  });
}
