// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildBundle } from '../../../tools/build.ts';
import { internalNames } from '../../../tools/lean/internal-names.ts';
import { arrows, asGlobal, constants, lean, pooled, shared } from '../../../tools/lean/lean.ts';
import { createSources } from '../sources.ts';

const SOURCE = `export const Stand = {
  /** In: here. */
  In: 0,
  Out: -1,
} as const;
const Small = { One: 1, Two: 2_000 } as const;
const Mixed = { One: 1, Two: 'two' } as const;
const table = [
  { name: 'a', step: 'guide step 1', on: {} },
  {
    name: 'b',
    step: 'it\\'s, {here}',
    request: (b, request) => b.ask(request),
    on: { [Stand.In]: Small.Two },
  },
  {
    // Why it is so.
    name: 'd, which asks nobody',
    step: 'guide step 2',
    enter: (d) => d.judge(),
    on: {},
  },
  { name: 'c', footstep: 'guide', missteps: [] },
];
`;

test('numbers take the place of their names, documentation is left out, all else stays', (t) => {
  t.is(
    lean(SOURCE, ['step', 'meaning']),
    `export enum Stand {
  /** In = here. */
  In = 0,
  Out = -1,
}
enum Small { One = 1, Two = 2_000 }
const Mixed = { One: 1, Two: 'two' } as const;
const table = [
  { on: {} },
  {
    name: 'b',
    
    request: (b, request) => b.ask(request),
    on: { [Stand.In]: Small.Two },
  },
  {
    // Why it is so.
    enter: (d) => d.judge(),
    on: {},
  },
  { name: 'c', footstep: 'guide', missteps: [] },
];
`,
  );
});

test('of the documentation only that is left out which nobody reads', (t) => {
  const source = "const KEYS = [{ name: 'a', meaning: 'What it is.', step: 'guide 1' }];\n";
  t.is(lean(source, ['step']), "const KEYS = [{ name: 'a', meaning: 'What it is.',  }];\n");
});

test('what nobody assigns is a constant, and an author keeps the members of his data', async (t) => {
  t.is(
    constants(
      'var a = 1;\nvar b = class {};\nvar c = 0;\nvar d;\nfunction f() { c += 1; return a === 1; }\n  var e = 2;\n',
    ),
    'const a = 1;\nconst b = class {};\nvar c = 0;\nvar d;\nfunction f() { c += 1; return a === 1; }\n  var e = 2;\n',
  );
  t.regex(constants('var a = 1;\na++;\n'), /^var a/);
  const { write, ...options } = createSources(t);
  write('main.ts', "export const main = () => ({ meaning: 'of life', step: 'by step' });\n");
  t.regex(readFileSync((await buildBundle(options)).path, 'utf8'), /of life.*by step/);
});

test('private members of our own classes are internal ones, in code and not in texts', (t) => {
  const source = `class Pump {
  #speed = 1;
  readonly #owner: object;
  static #made = 0;
  get #fast(): boolean { return this.#speed > 9; }
  start(other: Pump): string {
    return other.#fast && #owner in other ? '#speed 5, color: #fff' : '#made';
  }
}
`;

  const names = { speed: 'a', owner: 'b', made: 'c', fast: 'd' };
  const code = lean(source, ['step'], new Map(Object.entries(names)));
  t.regex(code, /^ {2}a = 1;\n {2}readonly b: object;\n {2}static c = 0;\n {2}get d\(\)/m);
  t.regex(code, /this\.a > 9/);
  t.regex(code, /other\.d && b in other/);
  t.true(code.includes("'#speed 5, color: #fff' : '#made'"));
});

test('what others may see keeps its name, and an author may use any', async (t) => {
  const { members } = internalNames();
  t.true(members.size > 300);
  t.true(members.has('isAnswered'));
  const seen = ['sample', 'onReadable', 'createTimer', 'externalId', 'childId', 'pollTimeout', 'c8y_Command', 'name'];
  for (const name of seen) t.false(members.has(name), name);
  const { write, ...options } = createSources(t);
  write('main.ts', "export const main = () => ({ isAnswered: 'yes' });\n");
  t.regex(readFileSync((await buildBundle(options)).path, 'utf8'), /isAnswered/);
});

test("an author's templates ask his values for their text, as on Node", async (t) => {
  const { write, ...options } = createSources(t);
  write('main.ts', `export const main = (a: object, b: object) => \`\${a}: \${b}\`;\n`);
  t.regex(readFileSync((await buildBundle(options)).path, 'utf8'), /`\$\{\w+\}: \$\{\w+\}`/);
});

test('parts that are bundled with an app call the agent and the pins by the names that these have', (t) => {
  const { members, shared } = internalNames();
  for (const name of ['Digital', 'InputPullUp', 'Serial']) t.false(members.has(name), name);
  for (const name of ['scope', 'goOnline', 'isOffline']) t.is(members.get(name), shared.get(name), name);
});

test('no fragment that goes over the wire has a member whose name is made short', (t) => {
  const { members } = internalNames();
  const shortened = (source: string) => {
    const found: string[] = [];
    for (const { index, 0: start } of source.matchAll(/\b(?:c8y|fractus)_\w+: \{/g)) {
      let depth = 1;
      let end = index + start.length;
      while (depth > 0 && end < source.length) depth += { '{': 1, '}': -1 }[source[end++] ?? ''] ?? 0;
      const literal = source.slice(index + start.length - 1, end);
      for (const [, name = ''] of literal.matchAll(/[{,]\s*(\w+)(?=\s*[:,}])/g))
        if (members.has(name)) found.push(name);
    }
    return found;
  };
  t.deepEqual(shortened('const a = { c8y_Pump: { speed: 1, inner: { isAnswered } } };'), ['isAnswered']);
  let count = 0;
  for (const folder of ['src', 'hal']) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const source = readFileSync(path.join(folder, name), 'utf8');
      count += source.match(/\b(?:c8y|fractus)_\w+: \{/g)?.length ?? 0;
      t.deepEqual(shortened(source), [], name);
    }
  }
  t.true(count > 8, `${count}`);
});

/** What is private of two classes, one of which extends the other, are plain members of one object on a board. */
test('no object has two private members of one name', (t) => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const { members, privateOf } = internalNames();
  const names = new Set<string>();
  for (const chain of [
    ['agent/records/reporter'],
    ['agent/operations/listener'],
    ['base/item-machine', 'agent/devices/registration/registrar'],
  ]) {
    const maps = ['base/machine', ...chain].map((file) => privateOf(`${root}src/${file}.ts`));
    const own = maps.flatMap((map) => [...map.values()]);
    t.true(own.length > 5);
    t.is(new Set(own).size, own.length, chain.join());
    for (const name of own) names.add(name);
  }
  for (const name of members.values()) t.false(names.has(name), name);
});

test('functions that need no `this` are arrows, and come first', (t) => {
  const code = `import a from "a";
const TABLE = make(1);
function make(n) {
  if (n) {
    return {};
  }
}
function Old() {
  this.n = 1;
}
function Made() {
}
new Made();
async function later() {
}
function sumOf($given0) { let a = $given0.a, b = $given0.b;
  return a + b;
}
function refuse() {
  throw new Error("not with this firmware");
}
export { make };
`;

  t.is(
    arrows(code),
    `import a from "a";
const make = (n) => {
  if (n) {
    return {};
  }
};
const sumOf = ($given0) => { let a = $given0.a, b = $given0.b;
  return a + b;
};
const refuse = () => {
  throw new Error("not with this firmware");
};
const TABLE = make(1);
function Old() {
  this.n = 1;
}
function Made() {
}
new Made();
async function later() {
}
export { make };
`,
  );
});

test('a getter that only shows a private member is that member', (t) => {
  const source = (extra: string, base = '') => `class Pump${base} {
  readonly #flow = 1;
  get speed(): number {
    return this.#flow;
  }
${extra}  faster(): void {
    this.#flow++;
  }
}
`;

  const names = new Map([['flow', 'a']]);
  const code = lean(source(''), [], names);
  t.true(code.includes('readonly speed = 1;') && code.includes('this.speed++'), code);
  t.false(/get speed/.test(code));
  // Where something else may depend on it being a getter.
  t.regex(lean(source('  set speed(to: number) {}\n'), [], names), /get speed/);
  t.regex(lean(source('', ' extends Machine'), [], names), /get speed/);
  t.regex(lean(source('  get rate(): number {\n    return this.#flow;\n  }\n'), [], names), /get speed/);
});

test('texts that are made bytes share one buffer', (t) => {
  const maker = 'const ascii = (text) => {\n  return Uint8Array.from(text, (c) => c.charCodeAt(0));\n};\n';
  const code = pooled(`${maker}const A = ascii("no\\n");\nconst B = [ascii('"'), ascii("o"), ascii(A.name)];\n`);
  t.regex(code, /\[\$text\(3, 4\), \$text\(1, 2\), ascii\(A\.name\)\]/);
  const { A, B } = new Function(`${code.replace('ascii(A.name)', '0')}return { A, B };`)();
  t.is(String.fromCharCode(...A), 'no\n');
  t.is(String.fromCharCode(...B[0], ...B[1]), '"o');
  t.is(A.buffer, B[1].buffer);
  t.is(pooled('const A = ascii("no");\n'), 'const A = ascii("no");\n');
  const equal = shared(pooled(`${maker}const A = ascii("no");\nconst B = [ascii("no"), ascii("o")];\n`));
  t.regex(equal, /const \$same0 = \$text\(0, 2\);\nconst A = \$same0;\nconst B = \[\$same0, \$text\(1, 2\)\];/);
});

test('a row that only calls a method of its machine names it', (t) => {
  const rows = (name: string) => `export const ${name}: Table<Pump> = table([
  { name: 'go', step: '1', enter: (pump) => pump.start(), on: {} },
  { name: 'say', step: '2', request: (pump, request) => pump.write(request), read: (pump, body) => pump.hear(body), on: {} },
  { name: 'other', step: '3', enter: (pump) => pump.stop('now'), read: (pump, _body, head) => pump.see(head), on: {} },
]);
`;

  const code = lean(rows('pumpTable'), []);
  t.regex(code, /enter: \/\* @__KEY__ \*\/ 'start', on/);
  t.regex(code, /request: \/\* @__KEY__ \*\/ 'write', read: \/\* @__KEY__ \*\/ 'hear', on/);
  t.regex(code, /enter: \(pump\) => pump\.stop\('now'\), read: \(pump, _body, head\) => pump\.see\(head\), on/);
  t.is(lean(rows('LIST'), []), rows('LIST'));
});

test('the exports of a module become a global object', (t) => {
  const code = 'const main = () => 1;\nconst b = 2;\nexport {\n  main,\n  b as c\n};\nmain();\n';
  const changed = asGlobal(code, 'bundle');
  t.is(changed, 'const main = () => 1;\nconst b = 2;\nglobalThis.bundle = { "main": main, "c": b };\nmain();\n');
  const { bundle } = new Function(`${changed}return globalThis;`)() as { bundle?: unknown };
  t.like(bundle, { c: 2 });
  delete (globalThis as { bundle?: unknown }).bundle;
});
