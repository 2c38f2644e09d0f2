// SPDX-License-Identifier: Apache-2.0
/** An emulated platform in its own process, so that its costs can be measured. */

import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../places.ts';
import type { Account } from '../platform/control/account.ts';

export interface FleetEmulator {
  readonly url: string;
  readonly bootstrapPassword: string;
  account(): Promise<Account>;
  stop(): void;
}

const START_MS = 60_000;

/** Rejects when it does not start. */
export function startEmulator(): Promise<FleetEmulator> {
  // Detached, so that Ctrl-C only reaches the fleet, which then asks the emulator for its account.
  const child = spawn(process.execPath, [path.join(ROOT, 'tools/fractus.js'), 'platform', '--accept'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const stop = () => {
    process.off('exit', stop);
    child.kill();
  };
  process.on('exit', stop);
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string) => {
      clearTimeout(deadline);
      stop();
      reject(new Error(`the emulator ${what}`));
    };
    const deadline = setTimeout(() => fail('does not start'), START_MS);
    child.once('error', ({ message }) => fail(`cannot be started: ${message}`));
    child.once('exit', (code) => fail(`has ended with ${code}`));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2000);
      const url = /^url: +(\S+)\n/m.exec(output)?.[1];
      const bootstrapPassword = /^bootstrap: +[^:\s]+:(\S+)\n/m.exec(output)?.[1];
      if (url === undefined || bootstrapPassword === undefined) return;
      clearTimeout(deadline);
      resolve({ url, bootstrapPassword, account: () => accountAt(url), stop });
    });
  });
}

async function accountAt(url: string): Promise<Account> {
  const answer = await fetch(`${url}/emulator/account`, { signal: AbortSignal.timeout(START_MS) });
  if (!answer.ok) throw new Error(`the emulator answers ${answer.status}`);
  return (await answer.json()) as Account;
}
