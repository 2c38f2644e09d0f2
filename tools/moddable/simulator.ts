import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { type Sdk, sdkEnvironment } from './sdk.ts';

/** How hal/esp32/lin ends the process for a restart. */
export const RESTART_EXIT_CODE = 64;

/** How often is looked whether the machine still runs. */
const WATCH_MS = 200;

/** A screen that nobody sees: the simulator is a program with a window. */
export class Screen {
  readonly #server: ChildProcess;
  readonly name: string;

  private constructor(server: ChildProcess, name: string) {
    this.#server = server;
    this.name = name;
  }

  /** @throws Error when there is no Xvfb */
  static async open(): Promise<Screen> {
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '640x480x16', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const number = await new Promise<string>((resolve, reject) => {
      server.once('error', () => reject(new Error('Xvfb is not there: the simulator needs a screen')));
      server.once('exit', () => reject(new Error('Xvfb does not start')));
      (server.stdio[3] as Readable).setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    });
    return new Screen(server, `:${number}`);
  }

  close(): void {
    this.#server.kill();
  }
}

export interface SimulatorOptions {
  readonly sdk: Sdk;
  readonly screen: Screen;
  /** What mcconfig has built for `lin`. */
  readonly library: string;
  /** The flash of the board: the home directory of the process. */
  readonly flash: string;
  /** Where a debugger listens on 127.0.0.1; without one, nothing is sent to any. */
  readonly debuggerPort?: number | undefined;
  onLine?(line: string): void;
  /** The machine was aborted, or the process has ended and not for a restart. */
  onFailure?(reason: string): void;
}

/** A board in the SDK's simulator, without a window; a restart brings it back up. */
export class Simulator {
  /** What the firmware has printed. */
  readonly lines: string[] = [];
  restarts = 0;
  readonly #options: SimulatorOptions;
  #process: ChildProcess | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  start(): void {
    const { sdk, screen, library, flash, debuggerPort = 1 } = this.#options;
    mkdirSync(flash, { recursive: true });
    const command = path.join(sdk.tools, 'mcsim');
    const copy = path.join(flash, 'tech.moddable.mcsim', 'mc.so');
    // That of a process that ended for a restart. The new one takes it away, which would look as if its machine had gone.
    rmSync(copy, { force: true });
    const child = spawn(command, [path.join(sdk.directory, 'build', 'simulators'), library], {
      env: {
        ...sdkEnvironment(sdk),
        HOME: flash,
        XDG_CONFIG_HOME: flash,
        XDG_DATA_HOME: flash,
        XDG_CACHE_HOME: flash,
        DISPLAY: screen.name,
        XSBUG_HOST: '127.0.0.1',
        XSBUG_PORT: String(debuggerPort),
        // No session of a desktop, which would hand the file to a simulator that is running already.
        DBUS_SESSION_BUS_ADDRESS: 'disabled:',
        NO_AT_BRIDGE: '1',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) readLines(stream, (line) => this.#take(line));
    child.once('error', (error) => this.#fail(error.message));
    child.once('close', (code, signal) => this.#ended(child, code, signal));
    this.#watchMachine(copy);
  }

  /** At its console. */
  type(line: string): void {
    this.#process?.stdin?.write(`${line}\r`);
  }

  /** Ends it as if the power went. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    clearInterval(this.#watch);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGKILL');
    });
  }

  /**
   * When the machine is aborted, the simulator goes on, with a window that says so to nobody; but it takes away its
   * copy of the library.
   */
  #watchMachine(copy: string): void {
    let running = false;
    let missing = 0;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      const there = existsSync(copy);
      running ||= there;
      // For a moment it may be gone while it is copied anew.
      missing = running && !there ? missing + 1 : 0;
      if (missing < 10) return;
      clearInterval(this.#watch);
      this.#fail('the machine was aborted; with a debugger, a build for debugging says why');
    }, WATCH_MS);
  }

  #take(line: string): void {
    this.lines.push(line);
    this.#options.onLine?.(line);
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    clearInterval(this.#watch);
    if (code === RESTART_EXIT_CODE) {
      this.restarts += 1;
      this.start();
    } else {
      this.#fail(`the simulator has ended (${signal ?? code})`);
    }
  }

  #fail(reason: string): void {
    this.#options.onFailure?.(reason);
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
