// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { Hal } from '../../hal/hal.ts';
import { Op } from '../../hal/xs/protocol.ts';
import { abortError, type XsAbortError } from './abort.ts';
import type { WordBits } from './build.ts';
import { Channel, type Frame, FromParent, ToParent } from './channel.ts';
import { readFigures, type XsFigures } from './figures.ts';
import { HalServer } from './hal-server.ts';
import { defaultLimits, type XsLimits } from './limits.ts';

export { XsAbortError, type XsAbortKind } from './abort.ts';
export { ESP32_LIMITS, type XsLimits } from './limits.ts';

export interface XsMachineOptions {
  /** The result of `buildXsHost()`. */
  host: { readonly path: string; readonly wordBits: WordBits };
  /** Path of a script that sets the global `bundle` with a function `main`. */
  bundle: string;
  /** Serves the machine until the next boot. */
  hal: Hal;
  /** The configuration of the agent, as `XsHal.config`. */
  config?: Readonly<Record<string, string>> | undefined;
  limits?: Partial<XsLimits> | undefined;
  /** The clock stands still between events, and is set from `hal` at each event; for a HAL with a virtual clock. */
  virtualTime?: boolean | undefined;
  /**
   * Called after the agent has requested a restart and ended; `hal.restart(reason)` was called before. `boot(hal)`
   * continues.
   */
  onRestart?: ((reason: string) => void) | undefined;
  /** Called after XS has aborted and the agent is gone. `boot(hal)` continues. Not called when `boot` rejects. */
  onAbort?: ((error: XsAbortError) => void) | undefined;
  /** Called when the process has ended unexpectedly. */
  onExit?: ((error: Error) => void) | undefined;
}

/** Size of the evaluated bundle in flash. */
export interface XsFlash {
  readonly slots: number;
  readonly chunkBytes: number;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

const STDERR_MAX_CHARS = 4000;

/** A virtual ESP32: XS in its own process, with the HAL of this process as its hardware. */
export class XsMachine {
  readonly #options: XsMachineOptions;
  readonly #child: ChildProcess;
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting<Frame>>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  /** Number of the current boot: 1 to 255, then 1 again. */
  #boot = 0;
  #hal: Hal;
  #server: HalServer | undefined;
  #booting: Waiting<void> | undefined;
  #stopped: (() => void) | undefined;
  #ending = false;
  #gone = false;
  #failure: Error | undefined;
  #stderr = '';
  #flash: XsFlash = { slots: 0, chunkBytes: 0 };

  /** Starts the process; the machine runs once `boot()` is called. */
  constructor(options: XsMachineOptions) {
    this.#options = options;
    this.#hal = options.hal;
    const { host, bundle } = options;
    const limits = { ...defaultLimits(host.wordBits), ...options.limits };
    const { slots, chunkBytes, stackSlots, keys, keyIncrement, byteCodesPerEvent } = limits;
    const numbers = [slots, chunkBytes, stackSlots, keys, keyIncrement, byteCodesPerEvent];
    this.#child = spawn(host.path, [bundle, ...numbers.map(String)], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = `${this.#stderr}${chunk}`.slice(-STDERR_MAX_CHARS);
    });
    this.#channel = new Channel(this.#child.stdio[3] as Duplex, (frame) => this.#receive(frame));
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(error, resolve));
      this.#child.once('close', (code, signal) => {
        const how = signal ? `signal ${signal}` : `exit code ${code}`;
        this.#end(new Error(`the XS host has ended with ${how} ${this.#stderr}`.trimEnd()), resolve);
      });
    });
  }

  /** Id of the process; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Size of the bundle in flash; known after the first boot. */
  get flash(): XsFlash {
    return this.#flash;
  }

  /**
   * Starts the agent again, served by `hal` (default: that of the options); resolves when its `main` has returned.
   * @throws XsAbortError when XS aborts before that.
   */
  boot(hal: Hal = this.#options.hal): Promise<void> {
    this.#server?.close();
    this.#booting?.reject(new Error('XS: booted again meanwhile'));
    this.#hal = hal;
    this.#boot = (this.#boot % 255) + 1;
    const { config = {}, virtualTime = false } = this.#options;
    this.#server = new HalServer({
      hal,
      config,
      event: (op, id, arg, payload) => this.#send(FromParent.Event, { op, id, arg, payload }),
      onStopped: () => this.#stopped?.(),
    });
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#booting = { resolve, reject };
      this.#send(FromParent.Boot, { arg: virtualTime ? 1 : 0 });
    });
  }

  /**
   * Figures of the running agent, between two events.
   * @param collect collects garbage first; `mark` resets the counters afterwards.
   */
  async measure({ collect = false, mark = false } = {}): Promise<XsFigures> {
    const { payload } = await this.#ask(FromParent.Measure, (collect ? 1 : 0) | (mark ? 2 : 0));
    if (payload.length === 0) throw new Error('XS: there is no agent to measure');
    return readFigures(payload);
  }

  /** Resolves when XS has handled everything sent so far, and its results have reached the HAL. */
  async settle(): Promise<void> {
    await this.#ask(FromParent.Settle, 0);
  }

  /**
   * Asks the agent to end in order, waits at most `timeoutMs`, and ends the process. Resolves to true when the agent
   * has ended by itself.
   */
  async stop(timeoutMs = 1500): Promise<boolean> {
    const inOrder = this.#server !== undefined && !this.#gone && (await this.#stopAgent(timeoutMs));
    await this.kill();
    return inOrder;
  }

  /** Kills the process, like a power cut; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#ending = true;
    this.#server?.close();
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #stopAgent(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timeout = setTimeout(() => resolve(false), timeoutMs);
      const finish = (inOrder: boolean) => {
        clearTimeout(timeout);
        resolve(inOrder);
      };
      this.#stopped = () => finish(true);
      void this.#exited.then(() => finish(false));
      this.#send(FromParent.Event, { op: Op.StopRequested });
    });
  }

  #send(
    kind: number,
    frame: { op?: number; id?: number; arg?: number; value?: number; payload?: Uint8Array | undefined },
  ) {
    const { clock } = this.#hal;
    this.#channel.send({ ...frame, kind, boot: this.#boot, ticksMs: clock.ticks(), nowMs: clock.now() });
  }

  #ask(kind: number, arg: number): Promise<Frame> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#send(kind, { id, arg });
    });
  }

  #receive(frame: Frame): void {
    switch (frame.kind) {
      case ToParent.Ready:
        this.#flash = { slots: frame.id, chunkBytes: frame.arg };
        break;
      case ToParent.Figures:
      case ToParent.Settled:
        this.#waiting.get(frame.id)?.resolve({ ...frame, payload: Buffer.from(frame.payload) });
        this.#waiting.delete(frame.id);
        break;
      case ToParent.Call:
        this.#reply(frame);
        break;
      default:
        // Frames of an earlier boot are lost, as after a power cut.
        if (frame.boot === this.#boot) this.#receiveFromAgent(frame);
        // A bundle fails to evaluate before the first boot.
        else if (frame.boot === 0) this.#failed(abortError(frame));
    }
  }

  #receiveFromAgent(frame: Frame): void {
    switch (frame.kind) {
      case ToParent.Started:
        this.#booting?.resolve();
        this.#booting = undefined;
        break;
      case ToParent.Send:
        this.#handle(frame);
        break;
      case ToParent.Halted:
        this.#halted(frame.payload.toString());
        break;
      default:
        this.#aborted(abortError(frame));
    }
  }

  /** Handles a request without reply. XS has continued, so an error of the HAL is only logged. */
  #handle(frame: Frame): void {
    try {
      this.#server?.handle(frame);
    } catch (error) {
      this.#hal.log('error', `xs: operation ${frame.op}: ${(error as Error).message}`);
    }
  }

  /** Replies to a request. XS throws the HAL's errors again. It waits for the reply even in an earlier boot. */
  #reply(frame: Frame): void {
    try {
      if (!this.#server || frame.boot !== this.#boot) throw new Error('the board was booted again');
      const { value, payload } = this.#server.call(frame);
      this.#send(FromParent.Reply, { value, payload });
    } catch (error) {
      const { message } = error as Error;
      const op = error instanceof RangeError ? 1 : error instanceof TypeError ? 2 : 3;
      this.#send(FromParent.Reply, { op, payload: Buffer.from(message ?? String(error)) });
    }
  }

  #halted(reason: string): void {
    this.#server?.close();
    this.#hal.restart(reason);
    this.#options.onRestart?.(reason);
  }

  #aborted(error: XsAbortError): void {
    this.#server?.close();
    const booting = this.#booting;
    this.#booting = undefined;
    if (booting) booting.reject(error);
    else this.#options.onAbort?.(error);
  }

  #failed(error: XsAbortError): void {
    this.#failure = error;
    this.#booting?.reject(error);
    this.#booting = undefined;
  }

  #end(error: Error, resolve: () => void): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#failure ??= error;
    this.#server?.close();
    this.#booting?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#channel.close();
    resolve();
    if (!this.#ending) this.#options.onExit?.(error);
  }
}
