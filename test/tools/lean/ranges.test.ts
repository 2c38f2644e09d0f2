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
  const after = ranged(pooled(plain, true), (name) => name === 'listName');
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

const LISTS = `const NAMES = [ascii("one"), ascii("two"), ascii("three")];
const OTHERS = [ascii("four")];
const firsts = (all) => {
  const bytes = [];
  for (let i = 0; i < all.length; i++) bytes.push(all[i][0]);
  return bytes;
};
const sizes = (all) => {
  const last = all[all.length - 1];
  return [all[0].length, last.length, isAt(Uint8Array.of(116), 0, last), new Writer().put(all[0]).text];
};
`;

test('texts of lists are numbers, in functions that get nothing but lists, and as local constants', (t) => {
  const { after, results, views } = changed(`${IS}${LISTS}const FIRSTS = firsts(NAMES);
const seen = () => [FIRSTS, firsts(OTHERS), sizes(NAMES), sizes(OTHERS), NAMES.length];
`);
  t.deepEqual(results[0], [[111, 116, 116], [102], [3, 5, false, 'one'], [4, 4, false, 'four'], 3]);
  t.deepEqual(results[1], results[0]);
  t.is(views, 0, after);
  t.regex(after, /const OTHERS = \[\d+\];/);
});

test('texts of lists stay bytes where a list is used otherwise', (t) => {
  for (const other of ['NAMES.map(String)', 'sizes([NAMES[0]])', '[NAMES].length', 'NAMES.at(-1)']) {
    const { after, results, views } = changed(
      `${IS}${LISTS}const seen = () => [firsts(NAMES), ${other}, sizes(OTHERS)].join("|");\n`,
    );
    t.deepEqual(results[1], results[0]);
    t.true(views > 0, after);
    t.regex(after, /const NAMES = \[\$text/);
  }
});

const MEMBERS = `const Name = { One: ascii("one"), Two: ascii("two") };
const made = (options) => {
  return { listName: options.listName, depth: options.listName === void 0 ? 1 : 2 };
};
const named = (list) => {
  return list.listName !== void 0 && isAt(Uint8Array.of(111, 110, 101), 0, list.listName);
};
`;

test('texts that objects keep in a member are numbers', (t) => {
  const code = `${IS}${MEMBERS}const LISTS = [made({ listName: Name.One }), made({ listName: ascii("x") }), made({ listName: void 0 }), made({})];
const seen = () => [LISTS.map((each) => named(each)), LISTS.map((each) => each.depth), Name.Two[0]];
`;
  const { after, results, views } = changed(code);
  t.deepEqual(results[0], [[true, false, false, false], [2, 2, 1, 1], 116]);
  t.deepEqual(results[1], results[0]);
  t.is(views, 0, after);
});

test('texts that objects keep in a member stay bytes where the member is used otherwise', (t) => {
  for (const other of [
    'made({ listName: new Uint8Array(2) })',
    '({ listName }) => listName',
    'Object.assign({}, { listName: 1 })',
    '(list) => list.listName.indexOf(1)',
    '(list) => { list.listName = new Uint8Array(1); }',
    '"listName"',
  ]) {
    const code = `${IS}${MEMBERS}const OTHER = ${other};\nconst seen = () => [named(made({ listName: Name.One })), typeof OTHER];\n`;
    const { after, results, views } = changed(code);
    t.deepEqual(results[1], results[0]);
    t.is(views, 1, after);
  }
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
