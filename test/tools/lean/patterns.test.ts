// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { unpacked } from '../../../tools/lean/patterns.ts';

const inFunction = (text: string) => `function f(a, b) {\n${text}\n}\n`;

for (const [what, text, changed] of [
  ['of this', 'const { x, y: z } = this;', 'const x = this.x, z = this.y;'],
  ['of a variable that keeps its value', 'let { x, y } = a;', 'let x = a.x, y = a.y;'],
  ['of a variable that changes', 'const { x, y } = a; a = b;', 'const $from0 = a, x = $from0.x, y = $from0.y; a = b;'],
  ['one member of an expression', 'const { x } = a ?? b;', 'const x = (a ?? b).x;'],
  ['one member of a chain', 'const { x } = a?.b;', 'const x = (a?.b).x;'],
  ['one member of a call', 'const { x } = a.b();', 'const x = a.b().x;'],
  ['several of a call', 'const { x, y } = a(), z = 1;', 'const $from0 = a(), x = $from0.x, y = $from0.y, z = 1;'],
  [
    'with a function in its value',
    'const { x } = a(() => { const { y } = b; });',
    'const x = a(() => { const y = b.y; }).x;',
  ],
  ['of an item', 'for (const each of a) { const { x } = each; }', 'for (const each of a) { const x = each.x; }'],
] as const) {
  test(`a pattern becomes reads: ${what}`, (t) => {
    t.is(unpacked(inFunction(text)), inFunction(changed));
  });
}

for (const [what, text] of [
  ['a default', 'const { x = 1 } = a;'],
  ['a rest', 'const { x, ...rest } = a;'],
  ['a pattern inside', 'const { x: { y } } = a;'],
  ['a computed name', 'const { [b]: x } = a;'],
  ['the name of its object', '{ const { a } = a; }'],
  ['nothing', 'const {} = a;'],
  ['no value of its own', 'for (const { x } of a) b(x);'],
] as const) {
  test(`a pattern stays: ${what}`, (t) => {
    t.is(unpacked(inFunction(text)), inFunction(text));
  });
}

test('a pattern of the module stays', (t) => {
  t.is(unpacked('const { x } = a();\n'), 'const { x } = a();\n');
});

test('a pattern for an argument becomes reads at the begin of the body', (t) => {
  t.is(
    unpacked('class A extends B {\n  constructor({ x, y: z }, a) {\n    super(x);\n  }\n}\n'),
    'class A extends B {\n  constructor($given0, a) { let x = $given0.x, z = $given0.y;\n    super(x);\n  }\n}\n',
  );
  for (const kept of [
    'const f = ({ x }) => x;\n',
    'function f({ x }, y = x) {\n}\n',
    'function f({ x } = {}) {\n}\n',
  ]) {
    t.is(unpacked(kept), kept);
  }
});

/** What both forms do, with members that tell when they are read. */
test('members are read once each, in the same order, and nothing has none', (t) => {
  const code = inFunction('const { y, x: z } = a(b); const { w } = this; return [y, z, w];');
  const run = (text: string, value: unknown) => {
    const seen: string[] = [];
    const log = (target: object) =>
      new Proxy(target, {
        get: (_, name) => {
          seen.push(String(name));
          return name;
        },
      });
    const f = new Function(`${text}; return f;`)();
    try {
      return [f.call(log({}), () => value && log({}), 0), seen];
    } catch (error) {
      return [(error as Error).name, seen];
    }
  };
  for (const value of [1, null, undefined]) t.deepEqual(run(unpacked(code), value), run(code, value));
  t.deepEqual(run(unpacked(code), 1), [
    ['y', 'x', 'w'],
    ['y', 'x', 'w'],
  ]);
});
