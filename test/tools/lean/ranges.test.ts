// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { pooled } from '../../../tools/lean/lean.ts';
import { ranged } from '../../../tools/lean/ranges.ts';

/** What a module begins with: the function that makes bytes, and the class that writes them. */
const BASE = `const ascii = (text) => {
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
};
const steady = ascii;
const Writer = class {
  constructor() {
    this.text = "";
  }
  put(constant) {
    return this.putRange(constant, 0, constant.length);
  }
  putRange(bytes, from, to) {
    this.text += String.fromCharCode(...bytes.slice(from, to));
    return this;
  }
};
`;
const VIEW = /\$text\(\d/g;

/** The code, its result `seen` as it is and after the step, and the number of texts that stay views. */
function changed(code: string) {
  const plain = `${BASE}${code}`;
  const after = ranged(pooled(plain, true));
  const run = (text: string): unknown => new Function(`${text}\nreturn seen();`)();
  return { after, results: [run(plain), run(after)] as const, views: after.match(VIEW)?.length ?? 0 };
}

const IS = `const isAt = (bytes, at, text) => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
};
`;

test('texts that are written or compared are numbers', (t) => {
  const { after, results, views } = changed(`const ONE = ascii("one");
const Path = { Two: ascii("two"), Three: ascii("three") };
${IS}const starts = (bytes, text) => {
  return isAt(bytes, 0, text);
};
const seen = () => {
  const last = true;
  const w = new Writer().put(ONE).put(Path.Two).put(last ? Path.Three : ONE);
  return [w.text, starts(ascii("o" + "ne"), ONE), starts(Uint8Array.of(116, 119), Path.Two), ONE.length, Path.Two[1]];
};
`);
  t.deepEqual(results[0], ['onetwothree', true, false, 3, 119]);
  t.deepEqual(results[1], results[0]);
  t.is(views, 0, after);
  t.regex(after, /const Path = \{ +\};/);
  t.regex(after, /\$put\(\d+\)\.\$put\(\d+\)\.\$put\(last \? \d+ : \d+\)/);
  t.regex(after, /const \$begin\$text = text >> 8;\n/);
});

test('texts stay bytes where a function gets other bytes, too, and those that only go there with them', (t) => {
  const { after, results, views } = changed(`const ONE = ascii("one");
const TWO = ascii("two");
${IS}const seen = () => {
  const given = Uint8Array.of(111);
  return [isAt(given, 0, ONE), isAt(given, 0, given), new Writer().put(given ? ONE : given).put(TWO).text];
};
`);
  t.deepEqual(results[0], [false, true, 'onetwo']);
  t.deepEqual(results[1], results[0]);
  t.is(views, 1, after);
  t.regex(after, /const ONE = \$text\(0, 3\);/);
});

for (const [what, code] of [
  ['of the steady path', 'const ONE = steady("one");\nconst seen = () => new Writer().put(ONE).text;\n'],
  ['that are values of an object', 'const ONE = ascii("one");\nconst seen = () => [{ ONE }.ONE.length, ONE.length];\n'],
  ['that are asked for a method', 'const ONE = ascii("one");\nconst seen = () => ONE.indexOf(110);\n'],
  ['that are compared with nothing', 'const ONE = ascii("one");\nconst seen = () => ONE !== undefined;\n'],
  ['that decide', 'const ONE = ascii("one");\nconst seen = () => new Writer().put(ONE ? ONE : ONE).text;\n'],
  [
    'of an object that is used as a whole',
    'const All = { One: ascii("one") };\nconst seen = () => [Object.keys(All), new Writer().put(All.One).text];\n',
  ],
  [
    'for a function that is also a value',
    `const ONE = ascii("one");\n${IS}const all = [isAt];\nconst seen = () => [isAt(ONE, 0, ONE), all.length];\n`,
  ],
  [
    'for a parameter that changes',
    'const ONE = ascii("one");\nconst size = (of) => {\n  of = of.length;\n  return of;\n};\nconst seen = () => size(ONE);\n',
  ],
  [
    'of more than 255 bytes',
    `const ONE = ascii("${'1'.repeat(256)}");\nconst seen = () => new Writer().put(ONE).text;\n`,
  ],
  [
    'whose name means something else elsewhere',
    'const ONE = ascii("one");\nconst seen = () => [((ONE) => ONE.length)("other"), ONE.length];\n',
  ],
] as const) {
  test(`bytes stay: ${what}`, (t) => {
    const { after, results, views } = changed(code);
    t.deepEqual(results[1], results[0]);
    t.is(views, 1, after);
  });
}
