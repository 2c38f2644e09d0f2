// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, type FSWatcher, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { type Sdk, sdkEnvironment } from './sdk.ts';

/** Exit code of hal/esp32/lin for a restart. */
export const RESTART_EXIT_CODE = 64;

/** Files of hal/esp32/lin in the flash: the archive of modules, and the note of a restart. */
export const ARCHIVE_FILE = 'modules.xsa';
const RESTARTED_FILE = 'lin=restarted';

/** Interval of the check whether the machine still runs. */
const WATCH_MS = 200;
const SCREEN_MS = 30_000;

/** One line about what is missing to run a simulator; undefined: nothing. */
export function missingForSimulator(): string | undefined {
  if (process.platform !== 'linux') return `the simulator of the SDK runs on Linux, and this is ${process.platform}`;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  if (folders.some((folder) => existsSync(path.join(folder, 'Xvfb')))) return undefined;
  return 'there is no Xvfb, the screen of the simulator; `apt-get install xvfb` or its like installs it';
}

/** A virtual screen, because the simulator has a window. */
export class Screen {
  readonly #server: ChildProcess;
  readonly name: string;

  private constructor(server: ChildProcess, name: string) {
    this.#server = server;
    this.name = name;
  }

  /** @throws Error when there is no Xvfb */
  static async open(): Promise<Screen> {
    // Without -noreset, the server resets when a board has ended, just when the next board connects.
    const options = ['-displayfd', '3', '-screen', '0', '640x480x16', '-nolisten', 'tcp', '-noreset'];
    const server = spawn('Xvfb', options, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const number = await new Promise<string>((resolve, reject) => {
      server.once('error', () => reject(new Error('Xvfb is missing: the simulator needs a screen')));
      server.once('exit', () => reject(new Error('Xvfb does not start')));
      setTimeout(
        () => reject(new Error(`not within ${SCREEN_MS / 1000} s: the number of a screen`)),
        SCREEN_MS,
      ).unref();
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
  /** The library that mcconfig has built for `lin`. */
  readonly library: string;
  /**
   * The flash of the board: the home directory of the process. An archive of modules in it is mapped, as on a board.
   */
  readonly flash: string;
  /** An aborted machine restarts, as a board does; by default an abort is a failure. */
  readonly survivesAborts?: boolean | undefined;
  /** Port of a debugger on 127.0.0.1; default: no debugger. */
  readonly debuggerPort?: number | undefined;
  onLine?(line: string): void;
  /** Called when the machine was aborted, or the process has ended without a restart. */
  onFailure?(reason: string): void;
}

/** A board in the SDK's simulator, without a visible window; it starts again after a restart. */
export class Simulator {
  /** Output of the firmware. */
  readonly lines: string[] = [];
  restarts = 0;
  /** Restarts after an abort of the machine. */
  aborts = 0;
  readonly #options: SimulatorOptions;
  #linesBefore = 0;
  #process: ChildProcess | undefined;
  #watch: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  start(): void {
    const { sdk, screen, library, flash, debuggerPort = 1 } = this.#options;
    mkdirSync(flash, { recursive: true });
    this.#linesBefore = this.lines.length;
    const command = path.join(sdk.tools, 'mcsim');
    const archive = path.join(flash, ARCHIVE_FILE);
    const files = [path.join(sdk.directory, 'build', 'simulators'), library, ...(isArchive(archive) ? [archive] : [])];
    const copy = path.join(flash, 'tech.moddable.mcsim', 'mc.so');
    // Removes the copy of an ended process. The new process would delete it, which looks like the end of its machine.
    rmSync(copy, { force: true });
    const child = spawn(command, files, {
      env: {
        ...sdkEnvironment(sdk),
        HOME: flash,
        XDG_CONFIG_HOME: flash,
        XDG_DATA_HOME: flash,
        XDG_CACHE_HOME: flash,
        DISPLAY: screen.name,
        XSBUG_HOST: '127.0.0.1',
        XSBUG_PORT: String(debuggerPort),
        // No desktop session, which would pass the file to a simulator that is already running.
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

  /** Types a line at its console. */
  type(line: string): void {
    this.#process?.stdin?.write(`${line}\r`);
  }

  /** Sends a signal to the process. */
  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Kills the process, like a power cut. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    this.#endWatch();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGKILL');
    });
  }

  /**
   * Detects an abort: the simulator continues after it, with a message in its window, but deletes its copy of the
   * library.
   */
  #watchMachine(copy: string): void {
    let running = false;
    let missing = 0;
    this.#endWatch();
    mkdirSync(path.dirname(copy), { recursive: true });
    // The copy may exist for less than the interval of the check.
    this.#watcher = watch(path.dirname(copy), (_, name) => {
      running ||= name === path.basename(copy);
    });
    this.#watch = setInterval(() => {
      // The copy may be missing while it is copied again, on a busy machine for up to a second.
      missing = running && !existsSync(copy) ? missing + 1 : 0;
      if (missing < 10) return;
      this.#endWatch();
      this.#aborted();
    }, WATCH_MS);
  }

  #endWatch(): void {
    clearInterval(this.#watch);
    this.#watcher?.close();
  }

  #take(line: string): void {
    this.lines.push(line);
    this.#options.onLine?.(line);
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    this.#endWatch();
    if (code === RESTART_EXIT_CODE) {
      this.restarts += 1;
      this.start();
    } else {
      this.#fail(`the simulator has ended (${signal ?? code})`);
    }
  }

  #aborted(): void {
    const { flash, survivesAborts = false } = this.#options;
    if (!survivesAborts) {
      this.#fail('the machine was aborted; with a debugger, a build for debugging says why');
      return;
    }
    const archive = path.join(flash, ARCHIVE_FILE);
    if (this.lines.length === this.#linesBefore && isArchive(archive)) {
      // The engine has refused the archive before the firmware started. On a board, it marks the archive and continues.
      writeFileSync(
        archive,
        Buffer.concat([Buffer.from('\0\0\0\tXS_E\x03', 'latin1'), readFileSync(archive).subarray(9)]),
      );
    } else {
      this.aborts += 1;
      this.restarts += 1;
      writeFileSync(path.join(flash, RESTARTED_FILE), '1');
    }
    this.stop().then(() => this.start());
  }

  #fail(reason: string): void {
    this.#options.onFailure?.(reason);
  }
}

/** Whether XS would take the archive: it begins with its length and its magic. */
function isArchive(file: string): boolean {
  return existsSync(file) && readFileSync(file).toString('latin1', 4, 8) === 'XS_A';
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
