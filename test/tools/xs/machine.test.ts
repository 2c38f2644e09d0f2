// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { XsAbortError, type XsAbortKind } from '../../../tools/xs/machine.ts';
import { BareBoard } from '../../support/xs/board.ts';
import { createMachine, LOG, once, script, testOnXs } from '../../support/xs/harness.ts';

/** Starts a timer whose event runs `code`. */
const ON_EVENT = (code: string) =>
  `xsHost.listen({ event(op, id, arg, value) { ${code} } }); xsHost.send(11, 0, 0, 0);`;

testOnXs('runs main, and events one at a time with the promise jobs they start', async (t, host) => {
  const code = `${LOG('["event", op, id, value].join(" ")')} Promise.resolve().then(() => { ${LOG('"job"')} });`;
  const { machine, board } = createMachine(t, { host, bundle: script(`${LOG('"main"')} ${ON_EVENT(code)}`) });
  await machine.boot();
  board.timers[0]?.();
  board.timers[0]?.();
  await machine.settle();
  t.deepEqual(board.lines, ['info main', 'info event 13 0 0', 'info job', 'info event 13 0 0', 'info job']);
  t.true(machine.flash.slots > 2000);
});

testOnXs('Date and ticks are those of the board', async (t, host) => {
  const code = LOG('[xsHost.ticks(), xsHost.now(), Date.now()].join(" ")');
  const options = { host, bundle: script(ON_EVENT(code)), virtualTime: true };
  const { machine, board } = createMachine(t, options);
  await machine.boot();
  board.ticksMs = 1234;
  board.timers[0]?.();
  await machine.settle();
  board.nowMs = Date.UTC(2026, 0, 1);
  board.timers[0]?.();
  await machine.settle();
  t.deepEqual(board.lines, ['info 1234 NaN 1234', `info 1234 ${board.nowMs} ${board.nowMs}`]);
});

testOnXs('a restart ends the agent and leaves flash as it was', async (t, host) => {
  const restarted = once<string>();
  // What is changed in flash is a copy in RAM: the next life sees none of it.
  const preload = 'const counter = { n: 0 }; let m = 0;';
  const main = `counter.n++; m++; ${LOG('"life " + counter.n + m')}
    ${ON_EVENT(`xsHost.halt('as asked'); ${LOG('"still here"')}`)}`;
  const { machine, board } = createMachine(t, { host, bundle: script(main, preload), onRestart: restarted.resolve });
  await machine.boot();
  board.timers[0]?.();
  board.timers[0]?.();
  t.is(await restarted.promise, 'as asked');
  t.deepEqual(board.restarts, ['as asked']);
  await t.throwsAsync(machine.measure(), { message: 'XS: there is no agent to measure' });
  // The second event came too late.
  t.deepEqual(board.lines, ['info life 11', 'info still here']);

  const next = new BareBoard();
  await machine.boot(next.hal);
  board.timers[0]?.();
  await machine.settle();
  t.deepEqual(next.lines, ['info life 11']);
  t.is(next.timers.length, 1);
});

testOnXs('what an ended life has sent does not reach the next one', async (t, host) => {
  const main = `${LOG('"before"')} xsHost.send(11, 0, 0, 0); xsHost.call(61, 0, 0); ${LOG('"after"')}`;
  const { machine, board } = createMachine(t, {
    host,
    bundle: script(main),
    onAbort: (error) => t.fail(error.message),
  });
  const first = machine.boot();
  const next = new BareBoard();
  const second = machine.boot(next.hal);
  await t.throwsAsync(first, { message: 'XS: booted again meanwhile' });
  await second;
  await machine.settle();
  t.deepEqual(board.lines, []);
  t.deepEqual(next.lines, ['info before', 'info after']);
  t.is(next.timers.length, 1);
  for (let boots = 0; boots < 300; boots++) await machine.boot(next.hal);
  t.is(next.lines.length, 602);
});

const ABORTS: readonly [kind: XsAbortKind, what: string, code: string, detail: RegExp][] = [
  ['memory full', 'slots', 'const all = []; for (;;) all.push({});', /4927 of 4927 slots|of 4927 slots/],
  ['memory full', 'chunks', 'const all = []; for (;;) all.push(new Uint8Array(4000));', /chunk bytes/],
  ['stack overflow', 'recursion', 'const f = () => f() + 1; f();', /of 512 stack slots/],
  ['not enough keys', 'names', 'for (let i = 0; ; i++) ({})["name" + i];', /64 of 64 keys/],
  ['too much computation', 'endless loop', 'for (;;);', /^more than 10000000 byte codes in one event$/],
  ['too much computation', 'endless jobs', '(async () => { for (;;) await null; })();', /byte codes/],
  ['unhandled exception', 'error', 'throw new RangeError("too far");', /^RangeError: too far/],
  ['unhandled exception', 'value', 'throw 42;', /^42$/],
  ['unhandled exception', 'no text', 'throw { toString() { throw 1; } };', /^an exception without text$/],
  ['unhandled exception', 'unknown operation', 'xsHost.call(9999, 0, 0);', /^RangeError: xs: unknown operation 9999/],
  ['unhandled exception', 'bad view', 'xsHost.send(1, 0, 0, 0, "", new Uint8Array(4), 2, 5);', /^RangeError: \[2, 5\)/],
  ['unhandled rejection', 'rejection', 'Promise.reject(new Error("lost"));', /^Error: lost/],
];

for (const [kind, what, code, detail] of ABORTS) {
  testOnXs(`aborts: ${kind} (${what}), and boots again`, async (t, host) => {
    const aborted = once<XsAbortError>();
    const bundle = script(`${LOG('"up"')} ${ON_EVENT(code)}`);
    const { machine, board } = createMachine(t, { host, bundle, onAbort: aborted.resolve });
    await machine.boot();
    board.timers[0]?.();
    const error = await aborted.promise;
    t.is(error.kind, kind);
    t.regex(error.detail, detail);
    t.false(error.duringEvaluation);
    await machine.boot();
    t.deepEqual(board.lines, ['info up', 'info up']);
  });
}

testOnXs('an abort in main rejects the boot', async (t, host) => {
  const { machine } = createMachine(t, { host, bundle: script('for (;;);'), onAbort: () => t.fail() });
  const error = await t.throwsAsync(machine.boot(), { instanceOf: XsAbortError });
  t.is(error.kind, 'too much computation');
});

testOnXs('a bundle that does not come through its evaluation says so', async (t, host) => {
  for (const [preload, message] of [
    ['throw new TypeError("broken");', /^XS: unhandled exception while the bundle was evaluated: TypeError: broken/],
    ['xsHost.ticks();', /unavailable function/],
    ['for (;;);', /^XS: too much computation while/],
    ['const g = (function* () { yield 1; })(); g.next(); globalThis.kept = g;', /cannot lie in flash/],
    ['(', /^XS: unhandled exception while the bundle was evaluated: SyntaxError/],
  ] as const) {
    const { machine } = createMachine(t, { host, bundle: script('', preload) });
    const error = await t.throwsAsync(machine.boot(), { instanceOf: XsAbortError });
    t.regex(error.message, message);
    t.true(error.duringEvaluation);
    await t.throwsAsync(machine.boot(), { is: error });
  }
});

testOnXs('limits can be chosen', async (t, host) => {
  const limits = { slots: 400, chunkBytes: 20_000, stackSlots: 300, keys: 4, keyIncrement: 4, byteCodesPerEvent: 5000 };
  const bundle = script(ON_EVENT('for (let i = 0; i < 50; i++) ({})["name" + i];'));
  const { machine, board } = createMachine(t, { host, bundle, limits });
  await machine.boot();
  board.timers[0]?.();
  const figures = await machine.measure();
  t.is(figures.slotLimit, 399);
  t.is(figures.chunkByteLimit, 20_000);
  t.true(figures.keys >= 50);
});

testOnXs('stops in order, or else at once', async (t, host) => {
  const polite = createMachine(t, {
    host,
    bundle: script('xsHost.listen({ event(op) { if (op === 70) xsHost.send(71, 0, 0); } });'),
  });
  await polite.machine.boot();
  t.true(await polite.machine.stop());
  const deaf = createMachine(t, { host, bundle: script('') });
  await deaf.machine.boot();
  t.false(await deaf.machine.stop(1));
  const never = createMachine(t, { host, bundle: script('') });
  t.false(await never.machine.stop(1));
});

testOnXs('signals to the process group are left to the parent', async (t, host) => {
  const { machine } = createMachine(t, { host, bundle: script('') });
  await machine.boot();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(machine.pid ?? 0, signal);
  t.is((await machine.measure()).events, 1);
});

testOnXs('a host that ends by itself is noticed by all who wait', async (t, host) => {
  const exited = once<Error>();
  const { machine } = createMachine(t, { host, bundle: script(''), onExit: exited.resolve });
  await machine.boot();
  const measured = machine.measure();
  process.kill(machine.pid ?? 0, 'SIGKILL');
  t.is((await exited.promise).message, 'the XS host has ended with signal SIGKILL');
  // The answer may have come just before.
  await measured.catch(() => {});
  await t.throwsAsync(machine.boot(), { message: /SIGKILL/ });
  await t.throwsAsync(machine.settle(), { message: /SIGKILL/ });
});

testOnXs('a bundle that is not there is an error with its path', async (t, host) => {
  const { machine } = createMachine(t, { host, bundle: '/does/not/exist.js', onExit: () => {} });
  await t.throwsAsync(machine.boot(), { message: /exit code 1 xs host: cannot read \/does\/not\/exist\.js/ });
});

test('a host that is not there is an error', async (t) => {
  const options = { host: { path: '/does/not/exist', wordBits: 32 as const }, bundle: 'x', onExit: () => {} };
  const { machine } = createMachine(t, options);
  await t.throwsAsync(machine.boot(), { message: /ENOENT/ });
});
