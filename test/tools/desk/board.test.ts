// SPDX-License-Identifier: Apache-2.0
/** A board of the desk, in this process, over real sockets: what it tells of itself, and a trial from end to end. */

import test from 'ava';
import { DeskBoard } from '../../../tools/desk/board.ts';
import { Boards } from '../../../tools/desk/boards.ts';
import { tables } from '../../../tools/desk/tables.ts';
import { judge } from '../../../tools/platform/control/judge.ts';
import type { Message } from '../../../tools/platform/messages.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { until } from '../../support/until.ts';

test('a power cut: the tables tell where they are, and the referee says when it is over', async (t) => {
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform });
  const boards = new Boards(platform);
  const messages: Message[] = [];
  platform.watch().journal.read((message) => messages.push(message));
  const board = new DeskBoard({
    name: 'board-1',
    seed: 1,
    app: undefined,
    runtime: 'node',
    config: { url: server.url, bootstrapPassword: platform.core.bootstrap.password, measurementInterval: '1' },
    say: (content, told) => platform.watch().say(content, told),
    report: () => {},
  });
  t.teardown(async () => {
    await boards.stop();
    await server.close();
  });
  await board.prepare();
  boards.add(board);
  void board.start().catch(() => {});
  await until(() => {
    boards.settle();
    return platform.core.sessions.size > 0 && board.objectId !== undefined;
  }, 'the device does not listen');
  const listen = board.note().tables['listen'];
  t.true(listen !== undefined && listen.state >= 0);
  t.true((board.note().tables['register']?.entered ?? []).some((count) => count > 0));

  t.throws(() => boards.begin('explode', 'board-1'), { instanceOf: RangeError, message: /one of platform-down,/ });
  t.throws(() => boards.act('board-1', 'toString', ''), { instanceOf: RangeError, message: /one of cutPower,/ });
  t.throws(() => boards.act('board-2', 'light', ''), { instanceOf: RangeError });
  const id = boards.begin('power-cut', 'board-1');
  t.throws(() => boards.begin('power-cut', 'board-1'), { message: /already running/ });
  boards.cancel(id);
  const states = () => messages.flatMap((each) => (each.kind === 'trial' ? [each.trial.state] : []));
  await until(
    () => states().includes('passed'),
    () => `trial: ${states().join(', ')}`,
  );
  t.deepEqual(states(), ['running', 'recovering', 'passed']);
  t.is(board.boots, 2);
  t.deepEqual(platform.breaches, []);
  t.true(messages.some(({ told }) => told?.text === 'the power is cut'));
});

test('samples are judged by their times: what is missing, twice, or out of order', (t) => {
  t.deepEqual(judge([1000, 2000, 3000]), { gaps: 0, repeats: 0, isSorted: true });
  t.deepEqual(judge([1000, 2000, 3000, 6000]), { gaps: 2, repeats: 0, isSorted: true });
  t.deepEqual(judge([1000, 3000, 2000, 3000]), { gaps: 0, repeats: 1, isSorted: false });
});

test('each table leads somewhere that is there', (t) => {
  t.is(tables.length, 9);
  for (const { name, states } of tables) {
    for (const each of states) for (const [to] of each.to) t.true(states[to] !== undefined, `${name}: ${each.name}`);
  }
});

test('only what was taken and is not there is lost: a change of the interval or a restart is not', (t) => {
  // Every 3 s, then every 5 s, then nothing for 12 s; the platform's times are 0.6 s behind.
  const stored = [0, 3000, 6000, 11_000, 16_000, 28_000, 33_000];
  const taken = stored.map((each) => each + 600);
  t.is(judge(stored, taken).gaps, 0);
  t.is(judge(stored, [...taken, 21_600, 26_600]).gaps, 2);
  t.is(judge([0, 3000, 9000], [600, 3600, 6600, 9600]).gaps, 1);
});
