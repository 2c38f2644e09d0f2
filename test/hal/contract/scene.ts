// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Hal, NetworkErrorKind, StreamHandler, Target } from '../../../hal/hal.ts';
import type { Script } from './peer.ts';

/** Where the checks find what they talk to: plain data, so that it can travel into another engine. */
export interface Targets {
  /** A `PeerServer` on plain TCP. */
  readonly peer: Target;
  /** A known host where nobody listens. */
  readonly refusing: Target;
  /** A host that does not exist. */
  readonly unknown: Target;
  /** In plain TCP, this machine cannot tell why a connection is gone: `error closed` stands for all of it. */
  readonly endsAlike?: boolean | undefined;
  /** Absent: this machine's TLS is not to be checked. */
  readonly tls?: TlsTargets | undefined;
  /** Absent: this machine cannot be given names with two addresses. */
  readonly twoAddresses?: NameTargets | undefined;
}

/** Names with two addresses. */
export interface NameTargets {
  /** Only the second takes connections: it is that of `peer`. */
  readonly second: Target;
  /** None does. */
  readonly neither: Target;
  /** At the first is a server with a certificate for another name, at the second one with a right one. */
  readonly wrongFirst: Target;
}

/** A `PeerServer` behind TLS, in every state it can be met in. */
export interface TlsTargets {
  readonly good: Target;
  /** The same server by its address, which its certificate names too. */
  readonly byAddress: Target;
  /** Wants a client certificate and gets a right one. */
  readonly client: Target;
  /** Wants a client certificate and gets none. */
  readonly clientMissing: Target;
  /** Gets a client certificate that it does not trust. */
  readonly clientUntrusted: Target;
  readonly untrusted: Target;
  readonly selfSigned: Target;
  /** Self-signed with the right name, next to a genuine intermediate of the trusted CA. */
  readonly forgedChain: Target;
  readonly wrongName: Target;
  readonly expired: Target;
  readonly notYetValid: Target;
  /** Speaks nothing newer than TLS 1.1. */
  readonly outdated: Target;
  /** Speaks no TLS. */
  readonly plain: Target;
  /** Names a private key that is none. */
  readonly unusableKey: Target;
  /** Names a CA that is not there. */
  readonly missingCa: Target;
}

/** One sentence of the contract and what shows that it holds. */
export interface Check {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/** How long anything may take until a check fails. */
const PATIENCE_MS = 10_000;
/** A small machine has no room for more. */
const MOST_EVENTS = 64;
/** How long a check listens for what must not come. */
const SETTLE_MS = 40;

/** What one check has at hand: the machine, and a record of every breach of the rules for callbacks. */
export class Scene {
  readonly hal: Hal;
  readonly targets: Targets;
  readonly breaches: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #streams: ByteStream[] = [];
  #calls = 0;
  #callbacks = 0;

  constructor(hal: Hal, targets: Targets) {
    this.hal = hal;
    this.targets = targets;
  }

  /** How a machine that may not be able to tell says that a plain connection has ended with `event`. */
  ending(event: 'end' | 'error reset'): string {
    return this.targets.endsAlike === true ? 'error closed' : event;
  }

  /** A call into the HAL: nothing may be called back before it returns. */
  call<Result>(act: () => Result): Result {
    this.#calls += 1;
    try {
      return act();
    } finally {
      this.#calls -= 1;
    }
  }

  /** A callback of the HAL. */
  callback(what: string, act: () => void): void {
    if (this.#calls > 0) this.breaches.push(`${what} was called inside a call`);
    if (this.#callbacks > 0) this.breaches.push(`${what} was called inside a callback`);
    // Calls made by a callback are outside of those that were under way.
    const calls = this.#calls;
    this.#calls = 0;
    this.#callbacks += 1;
    act();
    this.#callbacks -= 1;
    this.#calls = calls;
    for (const look of [...this.#waiting]) look();
  }

  /** Settles when `condition` holds; it is looked at after every callback. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = this.hal.createTimer(() => done(() => reject(new Error(`waited in vain: ${what}`))));
      const done = (settle: () => void) => {
        patience.stop();
        this.#waiting.splice(this.#waiting.indexOf(look), 1);
        settle();
      };
      const look = () => {
        if (condition()) done(resolve);
      };
      this.#waiting.push(look);
      patience.start(PATIENCE_MS);
      look();
    });
  }

  /** Lets time pass in which nothing should happen. */
  settle(durationMs: number = SETTLE_MS): Promise<void> {
    return new Promise((resolve) => this.hal.createTimer(resolve).start(durationMs));
  }

  /** Connects; with a script, that is written as soon as the connection is up. */
  connect(target: Target, script?: Script): Probe {
    const probe = new Probe(this, target, script);
    this.#streams.push(probe.stream);
    return probe;
  }

  /** Takes what the check has left behind. */
  async end(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await this.settle();
    for (const name of this.hal.store.keys()) this.hal.store.delete(name);
  }
}

/** A connection whose every callback is recorded and held against the rules. */
export class Probe implements StreamHandler {
  readonly stream: ByteStream;
  /** For example `open`, `readable 5`, `writable 4096`, `end`, `error reset`; of very many the first two and the last. */
  readonly events: string[] = [];
  opened = false;
  ended = false;
  error: NetworkErrorKind | undefined;
  /** As announced last. */
  readable = 0;
  writable = 0;
  /** Called inside the callback of that name. */
  onEvent: (event: string) => void = () => {};
  readonly #scene: Scene;
  readonly #script: Script | undefined;
  #closed = false;

  constructor(scene: Scene, target: Target, script: Script | undefined) {
    this.#scene = scene;
    this.#script = script;
    this.stream = scene.call(() => scene.hal.network.connect(target, this));
  }

  /** True once there is nothing more to come. */
  get over(): boolean {
    return this.ended || this.error !== undefined;
  }

  onOpen(): void {
    this.#record('open', () => {
      if (this.opened) this.#scene.breaches.push('onOpen came twice');
      this.opened = true;
    });
  }

  onReadable(count: number): void {
    this.#record(`readable ${count}`, () => {
      if (count <= this.readable) this.#scene.breaches.push(`onReadable(${count}) but no more has come`);
      this.readable = count;
    });
  }

  onWritable(count: number): void {
    this.#record(`writable ${count}`, () => {
      if (!this.opened) this.#scene.breaches.push('onWritable came before onOpen');
      if (this.writable > 0) this.#scene.breaches.push('onWritable came before the last one was used up');
      const first = this.writable === 0 && this.events.filter((event) => event.startsWith('writable')).length === 1;
      this.writable = count;
      if (first && this.#script !== undefined) this.write(ascii(`${this.#script}\n`));
    });
  }

  onEnd(): void {
    this.#record('end', () => {
      this.ended = true;
    });
  }

  onError(kind: NetworkErrorKind, detail: string): void {
    this.#record(`error ${kind}`, () => {
      if (detail === '') this.#scene.breaches.push('an error has no detail');
      this.error = kind;
    });
  }

  /** Reads at most `max` bytes. */
  read(max: number): Uint8Array {
    const into = new Uint8Array(max);
    const count = this.#scene.call(() => this.stream.read(into, 0, max));
    this.readable -= count;
    return into.slice(0, count);
  }

  write(bytes: Uint8Array, from: number = 0, to: number = bytes.length): number {
    const count = this.#scene.call(() => this.stream.write(bytes, from, to));
    this.writable -= count;
    if (this.writable < 0) this.#scene.breaches.push(`write took ${-this.writable} bytes more than announced`);
    return count;
  }

  close(): void {
    this.#closed = true;
    this.#scene.call(() => this.stream.close());
  }

  #record(event: string, act: () => void): void {
    this.#scene.callback(event, () => {
      if (this.#closed) this.#scene.breaches.push(`${event} came after close()`);
      if (this.over) this.#scene.breaches.push(`${event} came after ${this.events.at(-1)}`);
      this.events.push(event);
      if (this.events.length > MOST_EVENTS) this.events.splice(2, 1);
      act();
      this.onEvent(event.split(' ')[0] ?? '');
    });
  }
}

/** Runs one check; rejects when it fails or a rule was broken on the way. */
export async function runCheck(check: Check, hal: Hal, targets: Targets): Promise<void> {
  const scene = new Scene(hal, targets);
  await check.run(scene);
  await scene.end();
  if (scene.breaches.length > 0) throw new Error(scene.breaches.join('; '));
}

export function assert(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}

export function equalBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  // Words only where they differ: a small machine has no room for those of thousands of bytes.
  if (actual?.length === expected.length && actual.every((byte, at) => byte === expected[at])) return;
  equal(actual?.join(), expected.join(), what);
}

export function throwsRangeError(act: () => void, what: string): void {
  try {
    act();
  } catch (error) {
    if (error instanceof RangeError) return;
    throw new Error(`${what}: ${String(error)} instead of a RangeError`);
  }
  throw new Error(`${what}: no RangeError`);
}

export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
