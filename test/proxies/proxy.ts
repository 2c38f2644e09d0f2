// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from '../support/until.ts';

/** Where a proxy listens, on 127.0.0.1, and which servers are behind it. */
export interface Route {
  readonly port: number;
  readonly behind: readonly number[];
  /** For whatever it has to write. */
  readonly directory: string;
}

/** A proxy of Debian, and one way to set it up. */
export interface Setup {
  readonly program: string;
  /** What is special about it. */
  readonly title: string;
  /** Its servers do not know each other's sessions: a device has to return its cookie. */
  readonly sticky?: true;
  /** It compresses for clients that do not say what they take. */
  readonly compresses?: true;
  configuration(route: Route): string;
  arguments(file: string, directory: string): readonly string[];
  readonly reload: NodeJS.Signals;
}

/** Under whom a proxy that was started by root does its work; nobody else has to be named. */
export const isRoot = process.getuid?.() === 0;

const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['-v'], { env: { ...process.env, PATH }, stdio: 'ignore' }).error === undefined;
}

/** Whoever got one may not listen at it yet. */
const given = new Set<number>();

/**
 * A port that nobody listens at or was given, and that stays free between a server's end and its next start: systems take the ports of
 * outgoing connections from 32,768 on.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (given.has(port)) continue;
    given.add(port);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A proxy as a process in the foreground, gone when the test is over. */
export class ProxyProcess {
  readonly url: string;
  readonly #setup: Setup;
  readonly #route: Route;
  readonly #child: ChildProcess;
  #output = '';

  private constructor(setup: Setup, route: Route) {
    this.#setup = setup;
    this.#route = route;
    this.url = `http://127.0.0.1:${route.port}`;
    const file = join(route.directory, 'configuration');
    writeFileSync(file, setup.configuration(route));
    const { program } = setup;
    const args = setup.arguments(file, route.directory);
    // A group of its own, so that its workers end with it.
    this.#child = spawn(program, args, {
      env: { ...process.env, PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.#output += bytes.toString();
      });
    }
  }

  static async start(t: ExecutionContext, setup: Setup, behind: readonly number[]): Promise<ProxyProcess> {
    const directory = mkdtempSync(join(tmpdir(), `fractus-${setup.program}-`));
    const proxy = new ProxyProcess(setup, { port: await freePort(), behind, directory });
    t.teardown(async () => {
      await proxy.stop();
      rmSync(directory, { recursive: true, force: true });
    });
    await proxy.#listening();
    return proxy;
  }

  /** It reads its configuration anew; connections of before are its own affair. */
  reload(): void {
    this.#child.kill(this.#setup.reload);
  }

  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await exited;
  }

  /** What it has to say when something is wrong with it. */
  complaints(): string {
    let log = '';
    try {
      log = readFileSync(join(this.#route.directory, 'error.log'), 'utf8');
    } catch {
      // It has none.
    }
    return `${this.#output}${log}`;
  }

  async #listening(): Promise<void> {
    let isUp = false;
    const look = () => {
      if (isUp || this.#child.exitCode !== null) return;
      const socket = connect(this.#route.port, '127.0.0.1');
      socket.once('connect', () => {
        isUp = true;
        socket.destroy();
      });
      socket.once('error', () => setTimeout(look, 50));
    };
    look();
    await until(
      () => isUp || this.#child.exitCode !== null,
      () => `${this.#setup.program} does not listen: ${this.complaints()}`,
    );
    if (!isUp) throw new Error(`${this.#setup.program} has ended: ${this.complaints()}`);
  }
}
