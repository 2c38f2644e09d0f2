// SPDX-License-Identifier: Apache-2.0
/** The console at a serial port, here a real pseudo terminal. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { follow, openPort } from '../../../../tools/cli/board/follow.ts';
import { FRACTUS } from '../../../support/device-process.ts';
import { testWith } from '../../../support/needs.ts';
import { until, within } from '../../../support/until.ts';
import { createProject, createSdk } from './deploy-scene.ts';

const missing = spawnSync('python3', ['-c', 'import pty']).status === 0 ? undefined : 'python3 is not installed';
const withTerminal = testWith(missing);

/** Names the terminal; then what it reads is what the board says, and what it writes is what the board has got. */
const TERMINAL = `
import os, pty, threading
board, port = pty.openpty()
os.write(1, (os.ttyname(port) + '\\n').encode())
def hear():
    while True: os.write(1, os.read(board, 4096))
threading.Thread(target=hear, daemon=True).start()
while True:
    said = os.read(0, 4096)
    if not said: break
    os.write(board, said)
`;

interface Board {
  readonly port: string;
  /** All that it has got. */
  got(): string;
  say(line: string): void;
  unplug(): void;
}

async function plugIn(t: ExecutionContext): Promise<Board> {
  const terminal = spawn('python3', ['-c', TERMINAL], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => terminal.kill('SIGKILL'));
  const said = outputOf(terminal);
  await until(() => said().includes('\n'), 'no terminal');
  const port = said().slice(0, said().indexOf('\n'));
  return {
    port,
    got: () => said().slice(port.length + 1),
    say: (line) => terminal.stdin.write(`${line}\r\n`),
    unplug: () => terminal.kill('SIGKILL'),
  };
}

function outputOf({ stdout, stderr }: ChildProcess): () => string {
  let output = '';
  for (const stream of [stdout, stderr]) stream?.on('data', (text) => (output += String(text)));
  return () => output;
}

withTerminal(
  'deploy shows what the image consists of, the console of a new board, what is missing, and gives it what a person types',
  async (t) => {
    const board = await plugIn(t);
    const { env, calls } = createSdk(0, 900_000);
    const args = [...FRACTUS, 'deploy', 'esp32/nodemcu', '--project', createProject(t), '--port', board.port];
    const deploy = spawn(process.execPath, args, { env: { ...process.env, ...env } });
    t.teardown(() => deploy.kill('SIGKILL'));
    const output = outputOf(deploy);
    const shown = (text: string) => until(() => output().includes(text), output);
    await shown('flashed; its console follows, until it is connected to its platform, or for 10 minutes:\n');
    t.is(calls().length, 2);
    t.regex(output(), /^image +900,000 +85\.8 %\nfree +148,576 +14\.2 %\nslot +1,048,576 +100\.0 %\nflashed/m);
    board.say('error: wifiName: not set, so there is no network');
    await shown('\nfractus: it has no Wi-Fi: type "set wifiName …"');
    deploy.stdin.write('set wifiName Bärn\n');
    await until(() => board.got() === 'set wifiName Bärn\n', board.got);
    board.say('info: listening for operations');
    const [code] = await within(once(deploy, 'close'), output);
    t.is(code, 0, output());
    t.regex(output(), /\ninfo: listening for operations\nthe board is connected to its platform\n$/);
  },
);

withTerminal('a silent board, and one that is unplugged, hold nobody', async (t) => {
  const print = t.fail;
  const silent = openPort((await plugIn(t)).port, 115_200);
  const closed = once(silent.input, 'close');
  t.false(await follow({ input: silent.input, print, limitMs: 100 }));
  await within(closed, 'the port is still being read');
  silent.output.destroy();

  const board = await plugIn(t);
  const { input, output } = openPort(board.port, 115_200);
  const followed = follow({ input, print, limitMs: 50_000 });
  board.unplug();
  t.false(await within(followed, 'it is still followed'));
  output.write('nobody hears it\n');
  output.destroy();
});

test('what is no serial port is refused', (t) => {
  t.throws(() => openPort('/dev/null', 115_200), { message: /stty/ });
});
