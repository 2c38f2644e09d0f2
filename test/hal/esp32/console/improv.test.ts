// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { readSettings } from '../../../../hal/esp32/config.ts';
import { Improv } from '../../../../hal/esp32/console/improv.ts';
import { utf8 } from '../../../../src/bytes/text.ts';
import { improvClient, improvRefusal } from '../../../support/improv-client.ts';
import { MemoryValues } from '../../../support/memory-values.ts';
import { SerialBoard } from '../../../support/serial-board.ts';
import { until } from '../../../support/until.ts';

function connect(t: ExecutionContext, board = new SerialBoard()) {
  const client = improvClient(board.port);
  t.teardown(() => client.close());
  return { board, client };
}

test('a page identifies the board, sets its Wi-Fi, and is informed when the board is connected', async (t) => {
  const { board, client } = connect(t);
  board.say('info: a line of the log\r\n> ');
  const { firmware, version, chipFamily, name } = await client.initialize(10_000);
  const known = board.machine.hal?.board;
  t.deepEqual(
    { firmware, version, chipFamily, name },
    {
      firmware: known?.firmware.name,
      version: known?.firmware.version,
      chipFamily: known?.model,
      name: 'barn',
    },
  );
  t.is(client.state, 2);
  const provisioned = client.provision('Scheune ü', 'correct horse', 30_000);
  await until(() => board.restarts === 1, 'no restart');
  t.deepEqual(readSettings(board.values), { wifiName: 'Scheune ü', wifiPassword: 'correct horse' });
  t.is(client.state, 3);
  board.machine.time.run(3000);
  board.networkUp = true;
  board.machine.time.run(2000);
  await provisioned;
  t.is(client.state, 4);
  t.is(client.nextUrl, 'https://example.cumulocity.com');
  t.is(board.typed, '');
});

test('a missing network is reported, and the next one is used', async (t) => {
  const { board, client } = connect(t);
  await client.initialize(10_000);
  const provisioned = client.provision('Nowhere', '', 30_000);
  await until(() => board.restarts === 1, 'no restart');
  board.machine.time.run(25_000);
  t.regex(await improvRefusal(provisioned), /connect/i);
  t.is(client.state, 2);
  t.deepEqual(
    readSettings(board.values),
    { wifiName: 'Nowhere', wifiPassword: '' },
    'not the password of the firmware',
  );
  board.networkUp = true;
  const again = client.provision('Barn', 'correct horse', 30_000);
  await until(() => board.restarts === 2, 'no restart');
  board.machine.time.run(2000);
  await again;
  t.deepEqual(readSettings(board.values), { wifiName: 'Barn', wifiPassword: 'correct horse' });
  // Asked for once, and not at each start.
  board.start();
  t.deepEqual(board.values.names(), ['config']);
});

test('a damaged, unknown or forbidden command is refused, and changes nothing', async (t) => {
  const { board, client } = connect(t);
  await client.initialize(10_000);
  t.regex(await improvRefusal(client.provision('Barn', 'short', 10_000)), /connect/i);
  t.regex(await improvRefusal(client.provision('x'.repeat(33), '', 10_000)), /connect/i);
  t.regex(await improvRefusal(client.scan(10_000)), /unknown/i);
  const packet = [...utf8('IMPROV'), 1, 3, 2, 2, 0];
  const sum = packet.reduce((whole, byte) => whole + byte, 0);
  const states: number[] = [];
  const sent: number[] = [];
  const values = new MemoryValues();
  const improv = new Improv({
    ...{ hal: board.machine.hal as never, values, deviceId: 'barn', url: '' },
    send: (bytes) => sent.push(bytes[8] as number, bytes[10] as number),
    onOthers: (bytes) => states.push(...bytes),
  });
  for (const damaged of [
    [...packet, sum + 1],
    [...packet.slice(0, 8), 3, 2, 9, 0, sum + 10],
    [...packet.slice(0, 8), 0, sum - 4],
  ]) {
    sent.length = 0;
    improv.take(Uint8Array.from(damaged));
    t.deepEqual(sent, [2, 1]);
  }
  sent.length = 0;
  // In whatever pieces it comes, one behind the other.
  for (const byte of [...packet, sum, ...packet, sum, 10]) improv.take(Uint8Array.of(byte));
  t.is(sent.length % 2, 0);
  t.is(sent[0], 1);
  t.deepEqual(states, []);
  t.is(values.writes, 0);
  t.is(board.restarts, 0);
});

test('all typed input reaches the console, whatever it looks like', (t) => {
  const board = new SerialBoard();
  const text = 'help\rIMPROVE\rset wifiName IMPROV\u0001\r\nIM\rI';
  board.take(utf8(text));
  board.take(utf8('\r'));
  t.is(board.typed, `${text}\r`);
});
