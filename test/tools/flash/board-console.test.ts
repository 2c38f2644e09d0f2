// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { BoardConsole } from '../../../desk/flash/board-console.ts';
import { readSettings } from '../../../hal/esp32/config.ts';
import { SerialBoard } from '../../support/serial-board.ts';
import { until } from '../../support/until.ts';

function connect(t: ExecutionContext) {
  const board = new SerialBoard();
  const lines: string[] = [];
  const console = new BoardConsole(board.port, (line) => lines.push(line));
  t.teardown(() => console.close());
  return { board, console, lines };
}

test('sets what a board needs and restarts it; no secret comes back', async (t) => {
  const { board, console, lines } = connect(t);
  board.say('info: a line of the log\r\n');
  await console.find();
  await console.set('url', 'https://example.cumulocity.com');
  await console.set('bootstrapPassword', 'hunter2 hunter2');
  await console.set('wifiName', ' my barn ');
  t.deepEqual(readSettings(board.values), {
    url: 'https://example.cumulocity.com',
    bootstrapPassword: 'hunter2 hunter2',
    wifiName: ' my barn ',
  });
  await console.restart();
  await until(() => board.restarts === 1 && lines.includes('info: fractus starts'), 'no restart');
  t.true(lines.includes('info: a line of the log'));
  t.notRegex(board.said + lines.join(), /hunter2/);
});

test('what somebody has begun to type, and the log in between, do no harm', async (t) => {
  const { board, console } = connect(t);
  board.take(Buffer.from('reset all y'));
  await console.find();
  const set = console.set('name', 'Barn');
  board.say('warn: the network is gone\r\n');
  await set;
  t.deepEqual(readSettings(board.values), { name: 'Barn' });
});

test('what the board refuses is said, without the value; what is no line is not sent', async (t) => {
  const { board, console } = connect(t);
  await console.find();
  const refused = await t.throwsAsync(console.set('url', 'ftp://hunter2'), { message: /^url: .*not allowed/ });
  t.notRegex(refused?.message ?? '', /hunter2/);
  await t.throwsAsync(console.set('nokey', 'x'), { message: /nokey/ });
  const before = board.said;
  await t.throwsAsync(console.set('name', 'a\rreset all yes'), { message: /one line/ });
  await t.throwsAsync(console.set('name', ''), { message: /one line/ });
  t.is(board.said, before);
  t.deepEqual(readSettings(board.values), {});
});

test('the port ends when the board is unplugged', async (t) => {
  const { board, console } = connect(t);
  await console.find();
  board.unplug();
  await console.ended;
  t.pass();
});

test('something else at the port: it does not answer', async (t) => {
  const readable = new ReadableStream<Uint8Array>();
  const console = new BoardConsole({ readable, writable: new WritableStream() }, () => {}, 10);
  t.teardown(() => console.close());
  await t.throwsAsync(console.find(), { message: /does not answer/ });
});
