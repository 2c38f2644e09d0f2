// SPDX-License-Identifier: Apache-2.0

import { createMachine, LOG, script, testOnXs } from '../../support/xs/harness.ts';

/** What differs when an object lies in flash; on a board it is the same. */
const TRAPS: readonly [what: string, preload: string, code: string, result: string][] = [
  ['JSON of an object', 'const o = { a: 1 };', 'JSON.stringify(o)', 'TypeError: read only value'],
  ['JSON of a copy', 'const o = { a: 1 };', 'JSON.stringify({ ...o })', '{"a":1}'],
  ['a Map', 'const m = new Map([["a", 1]]);', 'm.get("a")', '1'],
  ['changing a Map', 'const m = new Map();', 'm.set("a", 1)', 'TypeError: Map instance is read-only'],
  ['changing a Set', 'const s = new Set();', 's.add(1)', 'TypeError: Set instance is read-only'],
  ['bytes', 'const b = new Uint8Array([1, 2]);', 'b[1]', '2'],
  ['changing bytes', 'const b = new Uint8Array(2);', 'b[1] = 3', 'TypeError: read-only buffer'],
  ['filling bytes', 'const b = new Uint8Array(2);', 'b.fill(3)', 'TypeError: read-only buffer'],
  ['reading into bytes', 'const b = new Uint8Array(2);', 'xsHost.copy(b, 0, 2)', 'TypeError: read-only buffer'],
  ['changing a property', 'const o = { a: 1 };', '(o.a = 2, o.b = 3, o.a + o.b)', '5'],
  ['changing an array', 'const a = [1, 2];', '(a[0] = 5, a.push(6), a.join())', '5,2,6'],
  ['changing a private field', 'class C { #n = 1; up() { return ++this.#n; } } const c = new C();', 'c.up()', '2'],
  ['changing a Date', 'const d = new Date(5);', 'd.setTime(7)', '7'],
  ['changing a variable', 'let n = 1; const up = () => ++n;', 'up()', '2'],
  [
    'a private field as WeakMap',
    'const w = new WeakMap();',
    'w.set({}, 1)',
    'TypeError: WeakMap instance is read-only',
  ],
  [
    'the name of an error',
    'class E extends Error { constructor() { super("x"); this.name = "E"; } }',
    'new E()',
    'TypeError: set name: not writable',
  ],
  ['the name of an error as field', 'class E extends Error { name = "E"; }', 'new E("x")', 'E: x'],
  ['a built-in', '', 'Array.prototype.mine = 1', 'TypeError'],
  ['a method that Object has', 'const o = {};', 'o.toString = () => "x"', 'TypeError'],
  ['a new global', '', '(globalThis.mine = 3, mine)', '3'],
  ['a resolved promise', 'const p = Promise.resolve(1);', 'typeof p.then(() => {})', 'object'],
  ['a regular expression', 'const r = /b(.)/;', 'r.exec("abc")[1]', 'c'],
];

testOnXs('what lies in flash behaves as on a board', async (t, host) => {
  for (const [what, preload, code, result] of TRAPS) {
    const bundle = script(`try { ${LOG(`(${code})`)} } catch (error) { ${LOG('error')} }`, preload);
    const { machine, board } = createMachine(t, { host, bundle });
    await machine.boot();
    const [first = ''] = board.lines;
    t.true(first.startsWith(`info ${result}`), `${what}: ${first}`);
    // Flash is as it was: a second life sees the same.
    await machine.boot();
    t.deepEqual(board.lines, [first, first], what);
    await machine.kill();
  }
});

testOnXs('flash costs the machine nothing', async (t, host) => {
  const preload = 'const all = []; for (let i = 0; i < 2000; i++) all.push({ i, text: "text " + i });';
  const { machine } = createMachine(t, { host, bundle: script('all[0];', preload) });
  const { machine: empty } = createMachine(t, { host, bundle: script('') });
  await machine.boot();
  await empty.boot();
  const figures = await machine.measure({ collect: true });
  t.deepEqual(figures.slots, (await empty.measure({ collect: true })).slots);
  t.is(figures.chunkBytes, 0);
  t.true(machine.flash.slots > empty.flash.slots + 5000);
});
