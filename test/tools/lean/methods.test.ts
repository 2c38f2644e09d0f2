// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { asMethods } from '../../../tools/lean/methods.ts';

const CODE = `import { a } from "a";
const add = (to, { by = 1 } = {}) => to + by;
const twice = (n) => {
  return add(n, { by: n });
};
const table = { add, [1 + 1]: (n) => ({ n }), "by three": (n) => (n, add(n, { by: 3 })), list: [(n) => twice(n) + 1] };
class Pump {
  run = () => this;
}
const all = [1, 2].map((n) => table.list[0](n));
`;

test('arrows of a module are methods of the object that they stand in, or of one for all', (t) => {
  const changed = asMethods(CODE);
  t.true(
    changed.startsWith('import { a } from "a";\nconst $methods = {\n0(to, { by = 1 } = {}) { return to + by; },\n'),
  );
  t.true(changed.includes('\nconst add = $methods[0];\n'));
  t.true(changed.includes('[1 + 1](n) { return { n }; }'));
  t.deepEqual(changed.match(/.*=>.*/g), ['  run = () => this;', CODE.match(/.*map\(.*/)?.[0]]);

  const results = (code: string) => {
    const body = code.replace(/^import .*\n/, '');
    const run = `return [add(1), twice(4), table[2](5), table['by three'](6), all, new Pump().run() instanceof Pump];`;
    return new Function(`${body}${run}`)();
  };
  t.deepEqual(results(changed), results(CODE));
  t.deepEqual(new Function(`${changed.replace(/^import .*\n/, '')}return Object.keys($methods);`)(), []);
});

test('arrows that ask for something from outside, that wait, or that are made each time, stay', (t) => {
  const code = `const self = () => this;
const given = { all: () => arguments };
const later = async () => {};
function make(n) {
  return { get: () => n };
}
`;
  t.is(asMethods(code), code);
});
