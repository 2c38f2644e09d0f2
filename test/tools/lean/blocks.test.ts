// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { unblocked } from '../../../tools/lean/blocks.ts';

test('a block becomes a part of the list around it, if its names are the only ones', (t) => {
  const cases = [
    ['{ const b = a; { let c = b; a(c); } return b; }', ' const b = a;  let c = b; a(c);  return b; '],
    ['{ let b = 0; for (; b < 9; b++) a(b); }', ' let b = 0; for (; b < 9; b++) a(b); '],
    ['a(); { a(); }', 'a();  a(); '],
  ] as const;
  for (const [body, expected] of cases) {
    t.is(unblocked(`const run = (a) => {${body}};`), `const run = (a) => {${expected}};`);
  }
});

test('other blocks stay', (t) => {
  for (const body of [
    '{ const b = 1; a(b); } { const b = 2; a(b); }',
    'const b = 1; { const b = 2; a(b); } a(b);',
    '{ const a = 1; } a();',
    '{ const b = 1; } [1].map((b) => a(b));',
    '{ function b() {} a(b); }',
    '{ const { b } = a; a(b); }',
    'if (a) { const b = a; a(b); }',
    'e: { const b = a; if (b) break e; a(b); }',
  ])
    t.is(unblocked(`const run = (a) => {${body}};`), `const run = (a) => {${body}};`, body);
});
