// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { unrenewed } from '../../../tools/lean/loops.ts';

test('variables of a loop are made once where nobody can tell', (t) => {
  const code = `const main = (n) => {
  const i = [];
  for (let i = 0, at = n; i < at; i++) for (let j = i; j < n; j++) if (j === 2) continue; else i += j;
  if (n) for (let i = 0; i < n; i++) i++;
  for (;;) break;
  for (let i = 0; i < 2; i++) {
    i[0];
  } for (let k = 0; k < 2; k++) i.push(k);
  return i.join();
};
`;

  const changed = unrenewed(code);
  t.notRegex(changed, /for \(let/);
  const run = (text: string, n: number) => new Function(`${text}return main;`)()(n);
  for (const n of [0, 1, 5]) t.is(run(changed, n), run(code, n));
});

test('those that a function keeps, and those of a loop with a name, are made each time', (t) => {
  const code = `for (let i = 0; i < 3; i++) made.push(() => i);
all: for (let i = 0; i < 3; i++) for (;;) continue all;
for (var j = 0; j < 3; j++);
for (const each of list) each();
`;
  t.is(unrenewed(code), code);
});
