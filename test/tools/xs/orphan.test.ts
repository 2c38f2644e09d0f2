// SPDX-License-Identifier: Apache-2.0

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { until, within } from '../../support/until.ts';
import { script, testOnXs } from '../../support/xs/harness.ts';

const PARENT = fileURLToPath(new URL('./orphan-parent.ts', import.meta.url));
const MAIN = (code: string) => script(`xsHost.listen({ event() { ${code} } }); xsHost.send(11, 0, 0, 0);`);

/** Dead counts as gone, even while nobody has asked for its exit code. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !stat.includes(') Z ');
}

for (const [what, code] of [
  ['waits', ''],
  ['is in an endless loop', 'for (;;);'],
] as const) {
  testOnXs(`kill -9 of the parent ends a host that ${what}`, async (t, { path, wordBits }) => {
    const args = ['--import=tsx', PARENT, path, String(wordBits), MAIN(code)];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => parent.kill('SIGKILL'));
    const [line] = await within(once(parent.stdout, 'data'), 'the parent has started no host');
    const pid = Number(String(line));
    t.true(await isRunning(pid));
    parent.kill('SIGKILL');
    await until(async () => !(await isRunning(pid)), 'the host runs on');
    t.pass();
  });
}
