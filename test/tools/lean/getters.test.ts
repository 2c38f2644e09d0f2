// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { gettersInPlace } from '../../../tools/lean/getters.ts';

const isInternal = (name: string) => name !== 'shown';

const SOURCE = `const LIMIT = 3;
class Tank {
  constructor(level) {
    this.level = level;
    this.lid = { shut: true };
  }
  get isFull() {
    return this.level >= LIMIT;
  }
  get isSafe() {
    return this.isFull && this.lid.shut;
  }
  get isOdd() {
    return this.level % 2 === 1;
  }
  get shown() {
    return this.level;
  }
}
class Site {
  constructor(level) {
    this.tank = new Tank(level);
  }
  tell() {
    const { tank } = this;
    return [tank.isSafe, this.tank.isOdd, this.tank.shown, !tank.isFull].join();
  }
}
const main = (level) => new Site(level).tell();
`;

const run = (code: string, level: number): unknown => new Function(`${code}return main;`)()(level);

test('a short getter is worked out where it is read', (t) => {
  const code = gettersInPlace(SOURCE, isInternal);
  t.deepEqual(code.match(/get \w+/g), ['get shown']);
  for (const level of [0, 1, 3, 4]) t.is(run(code, level), run(SOURCE, level), `${level}`);
});

test('one that something else may be meant by stays', (t) => {
  const source = (use: string, more = '') =>
    `const n = 1;\nclass A {\n  get half() {\n    return this.size + n;\n  }\n}\n${more}const main = (a, b) => ${use};\n`;
  for (const code of [
    source('a?.half'),
    source('(a.half = 1)'),
    source('a.half++'),
    source('a.half()'),
    source('delete a.half'),
    source('{ const { half } = a; return half; }'),
    source('a["half"]'),
    source('{ const n = b; return a.half + n; }'),
    source('a.half', 'class B {\n  half() {\n  }\n}\n'),
    source('a.half', 'class B {\n  constructor() {\n    this.half = 2;\n  }\n}\n'),
    source('b(a).half'),
    `class A {\n  get both() {\n    return this.a + this.b;\n  }\n}\nconst main = (x) => x.y.both;\n`,
  ]) {
    t.is(gettersInPlace(code, isInternal), code);
  }
  t.not(gettersInPlace(source('a.half'), isInternal), source('a.half'));
});
