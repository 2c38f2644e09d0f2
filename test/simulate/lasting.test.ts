// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { cellsOf, nameOf } from '../../tools/simulate/lasting/cell.ts';
import { runSimulator } from '../../tools/simulate/launch.ts';

interface Cell {
  readonly cell: string;
  readonly met: number;
  readonly troubles: Readonly<Record<string, string>>;
}

async function live(pattern: string): Promise<Cell[]> {
  const { output } = await runSimulator(['--cells', pattern, '--json']);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Cell);
}

test.serial('what stays broken for a day is asked for seldom, and holds nothing else up', async (t) => {
  t.timeout(600_000, 'days of 6 cells');
  // Each resource in one way; in all of them it is the matrix of `--cells '*'`.
  const cells = [
    ...(await live('object-put/silence/2/family')),
    ...(await live('events/silence/2/alone')),
    ...(await live('alarm-post/portal/2/alone')),
    ...(await live('measurements,handshake,connect/gateway/1/alone')),
  ];
  t.is(cells.length, 6);
  for (const { cell, met, troubles } of cells) {
    t.deepEqual(troubles, {}, cell);
    t.true(met > 10, `${cell}: met ${met} times`);
  }
});

test('cells are named as they are asked for', (t) => {
  t.deepEqual(cellsOf('events/403/1/alone').map(nameOf), ['events/403/1/alone']);
  t.is(cellsOf('events,pending/500').length, 8);
  t.throws(() => cellsOf('no-such'), { message: /^route no-such: one of all, credentials/ });
  t.throws(() => cellsOf('events/500/3'), { message: /^connections 3: one of 2, 1/ });
});
