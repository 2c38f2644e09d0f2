// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { atOnlyUse } from '../../../tools/lean/only-use.ts';

/** The code inside a function, without the spaces that are left. */
function changed(body: string, before = ''): string {
  const code = atOnlyUse(`${before}const run = (a, b) => { ${body} };`);
  return code
    .slice(code.indexOf('(a, b) => {') + 11, -3)
    .replace(/\s+/g, ' ')
    .trim();
}

test('a value takes the place of its constant', (t) => {
  t.is(changed('const c = a + 1; return c;'), 'return (a + 1);');
  t.is(changed('const c = a.d, e = c.f; return { e };'), 'return { e: ((a.d).f) };');
  t.is(changed('const c = a(), d = b(); return [c, d];'), 'return [(a()), (b())];');
  t.is(changed('const c = a(); if (c) b();'), 'if ((a())) b();');
  t.is(
    changed('let c = a(); switch (c) { case 1: { const d = b(); throw d; } }'),
    'switch ((a())) { case 1: { throw (b()); } }',
  );
  t.is(changed('const c = 1, d = a; b(); if (b) { e: { return c + d; } }'), 'b(); if (b) { e: { return (1) + (a); } }');
  t.is(changed('const c = a.d; if (b) return; return b ? c : 1;'), 'if (b) return; return b ? (a.d) : 1;');
});

test('not when something between could change the value, or notice it', (t) => {
  for (const body of [
    'const c = a.d; b(); return c;',
    'const c = a(); return b.d + c;',
    'const c = a(); return b() + c;',
    'const c = a(); return b && c;',
    'const c = a(); return b ? c : 1;',
    'const c = a(); return b?.(c);',
    'const c = a(); return b?.d(c);',
    'const c = a(); return () => c;',
    'const c = a(); while (c) b();',
    'const c = a(); if (b) return; return c;',
    'const c = a(); if (b) return c;',
    'const c = a(); try { c.d(); } catch {}',
    'const c = a.d; for (; ; ) b(c);',
    'const c = a(); b.d += c;',
    'let c = a(); c = b; return c;',
    'let d = 1; const c = d; d = 2; return c;',
    'const c = a(); return c + c;',
    'const d = 1; const c = d; { const d = 2; return c + d * d; }',
    'const c = d; { const d = 2; return c + d * d; }',
    'const c = a(); const { d } = b; return d + c;',
    'const c = a(), { d } = b; return d + c;',
    'const c = a.d, { d = b() } = a, e = c; return [d, d, e, e];',
    'const c = a.d; const [d] = b; return d + c + d;',
    'const c = a(); const d = b in a; return [d, c, d];',
    'const c = a.d; for (a.d of b) ; return c;',
    'const c = a(); const d = { [b()]: 1 }; return [d, c, d];',
    'const c = a.d; const d = class { static e = a(); }; return [d, c, d];',
  ])
    t.is(changed(body), body);
});

test('members that never change may be read before the value, others not', (t) => {
  const made =
    'const Pump = class { constructor(valve) { this.valve = valve; this.rate = 1; } open(to) { this.rate = to; } };\n';
  t.is(changed('const c = a(); b.valve.open(c);', made), 'b.valve.open((a()));');
  t.is(changed('const c = a(); b.rate.open(c);', made), 'const c = a(); b.rate.open(c);');
  t.is(changed('const c = a(); b.valve = c;', made), 'b.valve = (a());');
  t.is(
    changed('const c = a(); return b.valve + c;', `${made}const reset = (pump) => { pump.valve = 0; };\n`),
    'const c = a(); return b.valve + c;',
  );
});

test('a constructor changes the members that it gives a value', (t) => {
  const code = (last: string) =>
    `const Pump = class { constructor(valve, old) { this.valve = old; const c = this.valve; ${last} } };\n`;
  for (const last of ['this.valve = valve; return [c];', 'this.valve = valve(); this.old = c;'])
    t.is(atOnlyUse(code(last)), code(last));
});

test('a function stays without its object when it is called', (t) => {
  t.is(changed('const c = a.d; c(b);'), 'const c = a.d; c(b);');
  t.is(changed('const c = a?.d; c(b);'), 'const c = a?.d; c(b);');
  t.is(changed('const c = a.d; c.e(b);'), '(a.d).e(b);');
  t.is(changed('const c = a; c(b);'), '(a)(b);');
});

test('the program does the same as before', (t) => {
  const code = `
const log = [];
const say = (text) => { log.push(text); return text.length; };
const Box = class {
  constructor(start) { const first = say('first'); this.count = first; this.start = start; }
  add(by) { const before = this.count; const sum = before + by; this.count = sum; return before; }
  get twice() { return this.count * 2; }
};
const run = (box) => {
  const added = box.add(say('a'));
  const now = box.count, more = say('bb');
  const { twice } = box;
  const later = box.add(more);
  if (later > 1) { const last = say('ccc'); return [added, now, twice, last, box.start]; }
  return [];
};
return { result: run(new Box('s')), log };`;
  const results = (text: string) => new Function(`'use strict';${text}`)();
  const inner = (text: string) => text.replace(/\nreturn [^\n]*$/, '');
  const shorter = `${atOnlyUse(inner(code))}\nreturn { result: run(new Box('s')), log };`;
  t.true(shorter.length < code.length);
  t.deepEqual(results(shorter), results(code));
});
