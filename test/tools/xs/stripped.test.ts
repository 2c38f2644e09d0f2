// SPDX-License-Identifier: Apache-2.0

import { readFile } from 'node:fs/promises';
import test from 'ava';
import { type XsAbortError, XsMachine } from '../../../tools/xs/machine.ts';
import { BareBoard } from '../../support/xs/board.ts';
import { createMachine, LOG, once, script, testOnXs } from '../../support/xs/harness.ts';

/** What is named in `strip` of manifest.json, at work. */
const STRIPPED: Readonly<Record<string, string>> = {
  Atomics: 'Atomics.load(new Int32Array(1), 0);',
  Compartment: 'new Compartment({});',
  eval: 'eval("1 + 1");',
  FinalizationRegistry: 'new FinalizationRegistry(() => {});',
  ModuleSource: 'new ModuleSource("");',
  Proxy: 'new Proxy({}, {});',
  SharedArrayBuffer: 'new SharedArrayBuffer(8);',
  WeakRef: 'new WeakRef({});',
};
/** The XS of the host is older than that of boards. */
const UNKNOWN = ['AsyncDisposableStack', 'DisposableStack', 'Float16Array'];
/** Goes with `eval`. */
const FROM_TEXT: Readonly<Record<string, string>> = {
  'eval by another name': '(0, eval)("1 + 1");',
  Function: 'new Function("return 1");',
  'a constructor of async functions': '(async () => {}).constructor("await 1");',
  'a constructor of generators': '(function* () {}).constructor("yield 1");',
  'Proxy.revocable': 'Proxy.revocable({}, {});',
};

test('each built-in that the manifest strips is looked at', async (t) => {
  const { strip } = JSON.parse(await readFile('manifest.json', 'utf8')) as { strip: string[] };
  t.deepEqual([...Object.keys(STRIPPED), ...UNKNOWN].sort(), [...strip].sort());
});

testOnXs('no function has a name or a length, as on a board', async (t, host) => {
  const look = (f: string) => LOG(`[${f}.name, ${f}.length, Object.getOwnPropertyNames(${f}).join()].join(" ")`);
  const preload = 'const f = (a, b) => a; class C { method(a) {} }';
  const main = [
    look('f'),
    look('C.prototype.method'),
    look('((a) => a)'),
    look('f.bind(null, 1)'),
    look('Math.max'),
    LOG('C.hasOwnProperty("name")'),
  ];
  const { machine, board } = createMachine(t, { host, bundle: script(main.join('\n'), preload) });
  await machine.boot();
  t.deepEqual(board.lines, [...Array(5).fill('info   '), 'info false']);
});

testOnXs('a class that says its name has it', async (t, host) => {
  const preload = 'class C { static name = "mine"; static length = 3; } class E extends Error { name = "E"; }';
  const main = `${LOG('C.name + C.length')} ${LOG('new E("broken")')} ${LOG('new TypeError("built-in")')}`;
  const { machine, board } = createMachine(t, { host, bundle: script(main, preload) });
  await machine.boot();
  t.deepEqual(board.lines, ['info mine3', 'info E: broken', 'info TypeError: built-in']);
});

testOnXs('a function that is made while running takes three slots, and not five', async (t, host) => {
  const slots = async (body: string) => {
    const { machine } = createMachine(t, { host, bundle: script(body) });
    await machine.boot();
    const { allocatedSlots } = await machine.measure();
    await machine.kill();
    return allocatedSlots;
  };
  // Beside the object and its property.
  t.is((await slots('const a = {}; const b = { f() {} };')) - (await slots('const a = {};')), 2 + 3);
});

testOnXs('a built-in that boards do without ends the machine', async (t, host) => {
  for (const [what, code] of Object.entries({ ...STRIPPED, ...FROM_TEXT })) {
    const aborted = once<XsAbortError>();
    const bundle = script(`xsHost.listen({ event() { try { ${code} } catch {} } }); xsHost.send(11, 0, 0, 0);`);
    const { machine, board } = createMachine(t, { host, bundle, onAbort: aborted.resolve });
    await machine.boot();
    board.timers[0]?.();
    const error = await aborted.promise;
    t.is(error.kind, 'dead strip', what);
    t.regex(error.detail, /strip in manifest\.json/);
    await machine.kill();
  }
});

testOnXs('while the bundle is evaluated, which is at build time, all is there', async (t, host) => {
  const preload = 'const p = new Proxy({}, { get: () => 7 }); const seven = p.any; const w = new WeakRef({});';
  const machine = new XsMachine({ host, bundle: script(LOG('seven'), preload), hal: new BareBoard().hal });
  t.teardown(() => machine.kill());
  await t.notThrowsAsync(machine.boot());
});
