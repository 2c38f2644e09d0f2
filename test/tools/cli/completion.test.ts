// SPDX-License-Identifier: Apache-2.0

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { COMMANDS } from '../../../tools/cli/main.ts';
import { externalKey } from '../../../tools/platform/core/core.ts';
import { createObject } from '../../../tools/platform/operator.ts';
import { Platform } from '../../../tools/platform/platform.ts';
import { machineOptions, startServer } from '../../../tools/platform/server.ts';
import { FRACTUS } from '../../support/device-process.ts';

const PASSWORD = 'the-operator-password';
const program = process.execPath;
const before = FRACTUS;

/** What is offered for the last of these words. */
async function offered(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const args = [...before, 'completion', '--', ...words];
  const { stdout } = await promisify(execFile)(program, args, { env: { PATH: process.env['PATH'], ...env } });
  return stdout.split('\n').filter((line) => line !== '');
}

async function tenant(t: ExecutionContext) {
  const operator = { user: 'admin', password: PASSWORD };
  const platform = new Platform(machineOptions({ accept: true, operator }));
  const server = await startServer({ platform });
  t.teardown(() => server.close());
  for (const [externalId, type] of [
    ['board-1', 'c8y_Serial'],
    ['W-4711', 'acme_Meter'],
  ] as const) {
    const { id } = createObject(platform, {
      c8y_IsDevice: {},
      c8y_SupportedOperations: ['c8y_Restart', 'c8y_Firmware', 'c8y_Command', 'acme_Work'],
      c8y_SupportedLogs: ['agent', 'crash'],
    });
    platform.core.externalIds.set(externalKey(type, externalId), { type, externalId, objectId: id } as never);
  }
  return { C8Y_BASEURL: server.url, C8Y_TENANT: platform.core.tenant, C8Y_USER: 'admin', C8Y_PASSWORD: PASSWORD };
}

test('commands are completed; files are left to the shell', async (t) => {
  t.deepEqual(await offered(['']), Object.keys(COMMANDS));
  t.deepEqual(await offered(['op']), ['operate']);
  t.deepEqual(await offered(['nothing']), []);
  t.deepEqual(await offered(['build', '']), [], 'the shell knows about files');
});

test('devices, their operations, and members of them', async (t) => {
  const env = await tenant(t);
  t.deepEqual(await offered(['operate', ''], env), ['board-1', 'acme_Meter:W-4711']);
  t.deepEqual(await offered(['operate', 'b'], env), ['board-1']);
  t.deepEqual(await offered(['operate', 'board-1', ''], env), ['restart', 'firmware', 'command', 'acme_work']);
  t.deepEqual(await offered(['operate', 'board-1', 'c8y_F'], env), ['c8y_Firmware']);
  t.deepEqual(await offered(['operate', 'board-1', 'command', ''], env), ['text=']);
  t.true((await offered(['operate', 'board-1', 'firmware', 'f'], env)).includes('file='));
  t.deepEqual(await offered(['operate', 'nobody', ''], env), []);
});

test('options of commands, and their values', async (t) => {
  const env = await tenant(t);
  t.deepEqual(await offered(['operate', '--'], env), ['--url', '--timeout']);
  t.deepEqual(await offered(['operate', '--t'], env), ['--timeout']);
  t.deepEqual(await offered(['start', '--run']), ['--runtime']);
  t.deepEqual(await offered(['start', '--runtime', '']), ['node', 'xs']);
  t.deepEqual(await offered(['nothing', '--']), []);
  t.deepEqual(await offered(['operate', '--timeout', '5', 'b'], env), ['board-1'], 'options take no place');
  t.deepEqual(await offered(['certify', ''], env), ['board-1', 'acme_Meter:W-4711']);
  t.deepEqual(await offered(['remote', 'board-1', ''], env), []);
});

test('values of members, and members that are not there yet', async (t) => {
  const env = await tenant(t);
  const of = (...words: string[]) => offered(['operate', 'board-1', ...words], env);
  t.deepEqual(await of('relay', 'relayState='), ['relayState=OPEN', 'relayState=CLOSED']);
  t.deepEqual(await of('relay', 'relayState=C'), ['relayState=CLOSED']);
  t.deepEqual(await of('relayarray', 'OPEN', ''), ['OPEN', 'CLOSED']);
  t.deepEqual(await of('logfilerequest', 'logFile='), ['logFile=agent', 'logFile=crash']);
  t.deepEqual(await of('network', 'name=Barn', ''), ['password=']);
});

test('without a login, or a platform that answers, nothing is offered and nothing is said', async (t) => {
  t.deepEqual(await offered(['operate', '']), []);
  const dead = { C8Y_BASEURL: 'http://127.0.0.1:9', C8Y_USER: 'x', C8Y_PASSWORD: PASSWORD };
  t.deepEqual(await offered(['operate', ''], dead), []);
});

test('bash completes with its script', (t) => {
  const run = (line: string) => {
    const script = `fractus() { ${[program, ...FRACTUS].map((each) => `'${each}'`).join(' ')} "$@"; }
eval "$(fractus completion bash)"
compopt() { :; }
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}
_fractus; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p fractus`;
    const { stdout, status } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    t.is(status, 0);
    return stdout.trim().split('\n');
  };
  t.deepEqual(run('fractus si'), ['simulate', 'sign', 'complete -o default -F _fractus fractus']);
  t.is(run('fractus operate board-1 command te')[0], 'text=');
  t.deepEqual(run('fractus start --runtime ').slice(0, 2), ['node', 'xs']);
  // What follows the "=" alone, for that is where bash begins a word.
  t.deepEqual(run('fractus operate board-1 relay relayState=').slice(0, 2), ['OPEN', 'CLOSED']);
});

test('other shells have theirs, and what is no shell is told', (t) => {
  const run = (shell: string) => spawnSync(program, [...before, 'completion', shell], { encoding: 'utf8' });
  for (const shell of ['zsh', 'fish']) t.regex(run(shell).stdout, /fractus completion -- /);
  const { status, stderr } = run('powershell');
  t.is(status, 2);
  t.regex(
    stderr,
    /^fractus completion: the shell: "powershell" is not allowed; allowed: bash, zsh, fish\n\nusage: fractus completion bash\|zsh\|fish/,
  );
});
