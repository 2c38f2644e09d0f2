// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { buildXsHost, type WordBits, type XsHostBuild } from '../../../tools/xs/build.ts';
import { XsMachine, type XsMachineOptions } from '../../../tools/xs/machine.ts';
import { BareBoard } from './board.ts';
import { testWithXs, type XsHost } from './on-xs.ts';

export type { XsHost };

const hosts = new Map<WordBits, XsHostBuild>();
for (const wordBits of [32, 64] as const) {
  hosts.set(wordBits, await buildXsHost({ wordBits }));
}

/** Word sizes that the tests run on. */
export const wordSizes = [...hosts].filter(([, { available }]) => available).map(([wordBits]) => wordBits);

/** Tests of one file start all together; more machines than this at once only wait for each other, and for time to pass. */
const MAX_AT_ONCE = 8;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn(run: () => Promise<void>): Promise<void> {
  if (running >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    await run();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** A test on each of the two word sizes; one that cannot be built counts as skipped. */
export function testOnXs(title: string, run: (t: ExecutionContext, host: XsHost) => Promise<void>): void {
  for (const [wordBits, host] of hosts) {
    testWithXs(host, `${wordBits}-bit: ${title}`, (t, xs) => inTurn(() => run(t, xs)));
  }
}

/** A test on XS with the words of a board, or, where that cannot be built, with those of this machine. */
export function testOnBoardXs(title: string, run: (t: ExecutionContext, host: XsHost) => Promise<void>): void {
  const host = [...hosts.values()].find(({ available }) => available) ?? (hosts.get(32) as XsHostBuild);
  testWithXs(host, title, (t, xs) => inTurn(() => run(t, xs)));
}

const directory = mkdtempSync(path.join(tmpdir(), 'fractus-xs-'));
// Not a hook of ava: those must be declared before anybody awaits.
process.once('exit', () => rmSync(directory, { recursive: true }));
let scripts = 0;

/** Writes a bundle whose `main` runs `body`; `preload` runs while it is evaluated, which is to say in flash. */
export function script(body: string, preload = ''): string {
  const file = path.join(directory, `${++scripts}.js`);
  writeFileSync(file, `"use strict";\nvar bundle = (() => { ${preload}\n return { main() { ${body}\n } }; })();\n`);
  return file;
}

/** A machine that is gone when the test is over; an exit that nobody wanted fails the test. */
export function createMachine(
  t: ExecutionContext,
  options: Pick<XsMachineOptions, 'host' | 'bundle'> & Partial<XsMachineOptions>,
): { machine: XsMachine; board: BareBoard } {
  const board = new BareBoard();
  const machine = new XsMachine({ hal: board.hal, onExit: (error) => t.fail(error.message), ...options });
  t.teardown(() => machine.kill());
  return { machine, board };
}

/** Operations that scripts need, as text: they have no imports. */
export const LOG = (expression: string) => `xsHost.send(64, 0, 0, 0, String(${expression}));`;

/** Resolves with the argument of the first call. */
export function once<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
