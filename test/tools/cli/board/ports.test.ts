// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { follow } from '../../../../tools/cli/board/follow.ts';
import { boardPorts, choosePort, portFault } from '../../../../tools/cli/board/ports.ts';

test('a port is the one that is named, or the only one with a board', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-ports-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['tty0', 'ttyS0', 'ttyUSB1', 'ttyACM0', 'null']) writeFileSync(path.join(folder, name), '');
  const ports = boardPorts(folder);
  t.deepEqual(ports, [`${folder}/ttyACM0`, `${folder}/ttyUSB1`]);
  t.deepEqual(boardPorts(path.join(folder, 'none')), []);
  t.is(choosePort('/dev/x', ports), '/dev/x');
  t.is(choosePort(undefined, ['/dev/ttyUSB1']), '/dev/ttyUSB1');
  t.throws(() => choosePort('', []), { message: /no board was found at any port: is it plugged in/ });
  t.throws(() => choosePort(undefined, ports), { message: /boards, at .*ttyACM0, .*ttyUSB1: choose one with --port/ });
});

test('a port that cannot be used says what to do', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fractus-ports-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const port = path.join(folder, 'ttyUSB0');
  t.is(portFault(port, ['/dev/ttyACM0']), `${port} does not exist; there are boards at /dev/ttyACM0`);
  writeFileSync(port, '');
  t.is(portFault(port), undefined);
});

test('a port that the system refuses says why, and what to do', (t) => {
  const trouble = (code: string) =>
    portFault('/dev/ttyUSB0', [], () => {
      throw Object.assign(new Error(`${code}: refused, open '/dev/ttyUSB0'`), { code });
    });
  // Root may open everything, so the system's refusals are made here.
  t.regex(trouble('EACCES') ?? '', /^\/dev\/ttyUSB0 cannot be opened without permission; on Linux `sudo usermod/);
  t.regex(trouble('EBUSY') ?? '', /^\/dev\/ttyUSB0 is in use: end the program that uses it/);
  t.regex(trouble('ENXIO') ?? '', /^\/dev\/ttyUSB0 is gone: plug the board in again/);
  t.regex(trouble('EIO') ?? '', /^\/dev\/ttyUSB0 EIO: refused/);
});

async function hears(lines: readonly string[], isEnded = false) {
  const input = new PassThrough();
  const printed: string[] = [];
  const works = follow({ input, print: (line) => printed.push(line), limitMs: 5000 });
  for (const line of lines) input.write(line);
  if (isEnded) input.end();
  return { works: await works, printed };
}

test('a new board is followed until it listens; each missing setting is reported once', async (t) => {
  const { works, printed } = await hears([
    'error: wifiName: not set, so there is no network\r\nerror: url: mis',
    'sing; it is needed\r\ninfo: asking for credentials as barn: accept it on the platform\r\n',
    'info: asking for credentials as barn: accept it on the platform\r\n',
    'info: listening for operations\r\nafter it\r\n',
  ]);
  t.true(works);
  t.deepEqual(
    printed.filter((line) => line.startsWith('fractus: ')).map((line) => line.slice(9, 40)),
    ['it has no Wi-Fi: type "set wifi', 'it has no platform: type "set u', 'register barn on the platform a'],
  );
  t.is(printed.at(-1), 'info: listening for operations');
});

test('a port that is gone ends it', async (t) => {
  t.false((await hears(['info: fractus\r\n'], true)).works);
});
