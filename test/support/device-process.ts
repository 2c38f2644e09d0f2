// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { within } from './until.ts';

const { FRACTUS_COMMAND } = process.env;

/** What Node is to run for `fractus`: compiled together with the tests, where they are. */
export const FRACTUS =
  FRACTUS_COMMAND === undefined
    ? ['--import=tsx', fileURLToPath(new URL('./command.ts', import.meta.url))]
    : [FRACTUS_COMMAND];

/** The same as a user starts it: in a clone, a loader compiles each module of it, which takes a second. */
export const FRACTUS_OF_USERS = [fileURLToPath(new URL('../../tools/fractus.js', import.meta.url))];

/** A build of XS may come first. */
const PATIENCE_MS = 120_000;

export interface DeviceProcessOptions {
  /** What Node is to run; absent: `fractus device`. */
  command?: readonly string[] | undefined;
  args: readonly string[];
  env?: NodeJS.ProcessEnv | undefined;
  cwd?: string | undefined;
  /** Where it writes to; absent: what it says is kept. */
  stdout?: number | undefined;
  /** Leads a process group of its own, as a shell makes one for each command. */
  group?: boolean | undefined;
}

/** A command, usually `fractus device`, in a process of its own, and what it says. */
export class DeviceProcess {
  output = '';
  readonly child: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();

  constructor(
    t: ExecutionContext,
    { command = [...FRACTUS, 'device'], args, env = {}, cwd, stdout, group = false }: DeviceProcessOptions,
  ) {
    this.child = spawn(process.execPath, [...command, ...args], {
      stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      cwd,
      detached: group,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (text) => this.#say(String(text)));
    this.#exited = once(this.child, 'close');
    this.#exited.then(() => this.#say(''));
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits for a line like `pattern`, `count` of them. Rejects when the process ends before. */
  saying(pattern: RegExp, count = 1): Promise<void> {
    const all = new RegExp(pattern, 'gm');
    const said = new Promise<void>((resolve, reject) => {
      const look = () => {
        if ((this.output.match(all)?.length ?? 0) >= count) resolve();
        else if (this.child.exitCode !== null) reject(new Error(`it ended without saying ${pattern}:\n${this.output}`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
    return within(said, () => `it does not say ${pattern}:\n${this.output}`, PATIENCE_MS);
  }

  /** The exit code; -1 when a signal has ended it. */
  async exit(): Promise<number> {
    const [code] = await within(this.#exited, () => `it does not end:\n${this.output}`, PATIENCE_MS);
    return typeof code === 'number' ? code : -1;
  }

  #say(text: string): void {
    this.output += text;
    for (const look of [...this.#waiting]) look();
  }
}
