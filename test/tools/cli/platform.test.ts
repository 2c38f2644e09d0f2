// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { platformCommand } from '../../../tools/cli/platform.ts';
import { within } from '../../support/until.ts';

const cli = resolve('tools/cli/platform.ts');
const tsx = import.meta.resolve('tsx');

interface Command {
  readonly child: ChildProcess;
  readonly folder: string;
  output(): string;
  errors(): string;
  /** Resolves with all output once this is part of it. */
  until(text: string): Promise<string>;
  exit(): Promise<number | null>;
}

/** The command in a process and a folder of its own. */
async function run(t: ExecutionContext, ...args: string[]): Promise<Command> {
  const folder = await mkdtemp(join(tmpdir(), 'fractus-platform-'));
  const script = `import { platformCommand } from ${JSON.stringify(cli)}; process.exitCode = await platformCommand(process.argv.slice(1));`;
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', script, '--', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await closed;
    await rm(folder, { recursive: true });
  });
  return {
    child,
    folder,
    output: () => output,
    errors: () => errors,
    until: async (text) => {
      while (!output.includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended before ${text}: ${output}${errors}`);
        await within(once(child.stdout, 'data'), () => `it does not say ${text}: ${output}${errors}`);
      }
      return output;
    },
    exit: () => within(closed, () => `it does not end: ${output}${errors}`),
  };
}

function field(output: string, name: string): string {
  return new RegExp(`^${name}: +(.*)$`, 'm').exec(output)?.[1] ?? '';
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`it prints what a person needs and ends with 0 on ${signal}`, async (t) => {
    const command = await run(t, '--tenant', 't7', '--operator', 'me:pa:ss', '--bootstrap', 'm/boot:strap', '--accept');
    const output = await command.until('breaches:');
    t.is(field(output, 'tenant'), 't7');
    t.is(field(output, 'operator'), 't7/me:pa:ss');
    t.is(field(output, 'bootstrap'), 'm/boot:strap');
    const headers = { authorization: `Basic ${btoa('m/boot:strap')}`, accept: 'application/json' };
    const poll = () =>
      fetch(`${field(output, 'url')}/devicecontrol/deviceCredentials`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/vnd.com.nsn.cumulocity.devicecredentials+json' },
        body: '{"id":"d1"}',
      });
    t.is((await poll()).status, 404);
    t.like(await (await poll()).json(), { tenantId: 't7', username: 'device_d1' });
    command.child.kill(signal);
    t.is(await command.exit(), 0);
    t.is(command.errors(), '');
  });
}

test('--tls makes certificates and says where', async (t) => {
  const command = await run(t, '--tls');
  const output = await command.until('breaches:');
  t.regex(field(output, 'url'), /^https:\/\/127\.0\.0\.1:\d+$/);
  t.regex(field(output, 'token url'), /^https:\/\/127\.0\.0\.1:\d+$/);
  t.regex(await readFile(field(output, 'ca'), 'utf8'), /BEGIN CERTIFICATE/);
  t.regex(await readFile(join(field(output, 'certificates'), 'device-key.pem'), 'utf8'), /BEGIN PRIVATE KEY/);
  command.child.kill('SIGTERM');
  t.is(await command.exit(), 0);
});

test('--token-port alone serves tokens beside a plain API', async (t) => {
  const command = await run(t, '--token-port', '0');
  const output = await command.until('breaches:');
  t.regex(field(output, 'url'), /^http:/);
  t.regex(field(output, 'token url'), /^https:/);
  t.regex(await readFile(field(output, 'ca'), 'utf8'), /BEGIN CERTIFICATE/);
  command.child.kill('SIGTERM');
  t.is(await command.exit(), 0);
});

const mistakes: readonly [string[], RegExp][] = [
  [['--port', 'x'], /--port: "x" is not allowed; allowed: 0 to 65535/],
  [['--token-port', '70000'], /--token-port: "70000" is not allowed/],
  [['--operator', 'secretsecret'], /--operator: not allowed; allowed: USER:PASSWORD/],
  [['--bootstrap', 'secret:secret'], /--bootstrap: not allowed; allowed: TENANT\/USER:PASSWORD/],
  [['--enrol', 'esp32-1:secret'], /--enrol: not allowed; allowed: ID:PASSWORD, with a password of 8 to 32 characters/],
  [['--tenant', 'a/b'], /--tenant: "a\/b" is not allowed; allowed: letters/],
  [['--nonsense'], /Unknown option '--nonsense'/],
  [['extra'], /extra/],
];
for (const [args, message] of mistakes) {
  // One after the other: each has the console for itself.
  test.serial(`bad arguments end with 2: ${args.join(' ')}`, async (t) => {
    const lines: string[] = [];
    const { error } = console;
    console.error = (line: string) => lines.push(line);
    try {
      t.is(await platformCommand(args), 2);
    } finally {
      console.error = error;
    }
    const text = lines.join('\n');
    t.regex(text, message);
    t.regex(text, /^usage: fractus platform /m);
    t.false(text.includes('secret'), 'a password is not repeated');
  });
}

test('it ends in order when nobody reads its lines any more', async (t) => {
  const command = await run(t);
  const url = field(await command.until('breaches:'), 'url');
  command.child.stdout?.destroy();
  // A breach is a line more.
  await fetch(`${url}/inventory/managedObjects`).catch(() => {});
  t.is(await command.exit(), 0);
  t.is(command.errors(), '');
});

test('--help says what there is', async (t) => {
  const command = await run(t, '--help');
  t.is(await command.exit(), 0);
  for (const option of [
    '--port N',
    '--token-port N',
    '--tls',
    '--tenant T',
    '--operator ',
    '--bootstrap ',
    '--enrol ID:PASSWORD',
    '--accept',
  ]) {
    t.true(command.output().includes(`\n  ${option}`), option);
  }
});

test('a port that is taken ends with 1', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const command = await run(t, '--port', String(port));
  t.is(await command.exit(), 1);
  t.regex(command.errors(), /EADDRINUSE/);
});
