// SPDX-License-Identifier: Apache-2.0

import { checkTarget } from '../common/checks.ts';
import { GuardedHandler, type OnThrown } from '../common/guard.ts';
import type { ByteStream, Network, NetworkErrorKind, StreamHandler, Target } from '../hal.ts';
import { FakeConnection, type FakePeer } from './connection.ts';
import type { VirtualTime } from './time.ts';
import { FakeAccess, type FakeWifi } from './wifi.ts';

/** The result of an attempt to connect: it succeeds, is never answered, or fails. */
export type Verdict = 'accept' | 'hang' | NetworkErrorKind;

export interface ListenOptions {
  /**
   * Whether the server speaks TLS. A device that expects the opposite gets the result of a real server. Verdicts about
   * the handshake (`tls-untrusted` and so on) come from `next` or `decide`.
   */
  tls?: boolean | undefined;
}

interface Listener extends ListenOptions {
  onConnection(peer: FakePeer): void;
}

/**
 * A scripted network: tests listen on hosts and ports, and decide what goes wrong. Several machines may share it;
 * everything on it happens in virtual time.
 */
export class FakeNetwork {
  /** Latency in one direction. A connection is up after two of them. */
  latencyMs = 1;
  /** Most bytes that wait in either direction of a connection. */
  windowBytes = 4096;
  /** Size of the next piece when `length` bytes of a peer are to arrive. */
  split: (length: number) => number = (length) => length;
  /** Decides each attempt that `next` has not scripted. */
  decide: (target: Target) => Verdict = () => 'accept';
  /** Number of connections that have come up. */
  connections = 0;
  readonly time: VirtualTime;
  readonly #listeners = new Map<string, Listener>();
  readonly #script: Verdict[] = [];

  constructor(time: VirtualTime) {
    this.time = time;
  }

  /** Serves `host:port`; returns a function that ends it. Open connections stay. */
  listen(host: string, port: number, onConnection: (peer: FakePeer) => void, options: ListenOptions = {}): () => void {
    const key = `${host}:${port}`;
    this.#listeners.set(key, { ...options, onConnection });
    return () => this.#listeners.delete(key);
  }

  /** Scripts the next attempts to connect, one verdict each. */
  next(...verdicts: readonly Verdict[]): void {
    this.#script.push(...verdicts);
  }

  /** For a machine: `connect` of its HAL, while the link is up. */
  open(target: Target, connection: FakeConnection): void {
    const verdict = this.#script.shift() ?? this.decide(target);
    const roundTripMs = 2 * this.latencyMs;
    if (verdict === 'hang') return;
    if (verdict === 'accept') this.time.schedule(roundTripMs, () => this.#accept(target, connection));
    else connection.failAfter(roundTripMs, verdict, 'as scripted');
  }

  #accept(target: Target, connection: FakeConnection): void {
    const { host, port, tls } = target;
    const listener = this.#listeners.get(`${host}:${port}`);
    if (!listener) connection.fail(...this.#nobody(host, port));
    else if (tls && !listener.tls) connection.fail('tls-alert', 'the server does not speak TLS');
    else if (connection.open()) {
      this.connections += 1;
      // A server that expects a handshake breaks off anything else.
      if (listener.tls && !tls) connection.peer.reset();
      else listener.onConnection(connection.peer);
    }
  }

  #nobody(host: string, port: number): [NetworkErrorKind, string] {
    const known = [...this.#listeners.keys()].some((key) => key.startsWith(`${host}:`));
    return known ? ['refused', `${host}:${port} refuses connections`] : ['dns', `${host} is not known`];
  }
}

/** Time to join a Wi-Fi network, and to take the link down and up. */
const JOIN_MS = 2000;
const RESET_MS = 100;

interface FakePortOptions {
  readonly network: FakeNetwork;
  readonly up: boolean;
  readonly wifi: FakeWifi | undefined;
  readonly onThrown: OnThrown;
}

/** The network for one start of one machine. */
export class FakeNetworkPort implements Network {
  signalDbm: number | undefined = -60;
  readonly access?: FakeAccess;
  readonly #network: FakeNetwork;
  readonly #onThrown: OnThrown;
  readonly #wifi: FakeWifi | undefined;
  readonly #connections = new Set<FakeConnection>();
  #listener: ((up: boolean) => void) | undefined;
  #sinceMs: number | undefined;
  #up: boolean;
  /** Whether a link is available: without one, no reset brings it back. */
  #isThere: boolean;
  #closed = false;
  /** Counts rejoins: only the latest takes effect. */
  #rejoins = 0;

  constructor({ network, up, wifi, onThrown }: FakePortOptions) {
    this.#network = network;
    this.#onThrown = onThrown;
    this.#isThere = up;
    this.#wifi = wifi;
    if (wifi !== undefined) this.access = new FakeAccess(wifi, this);
    this.#up = this.#canBeUp;
  }

  get #canBeUp(): boolean {
    return this.#isThere && this.access?.isThere !== false;
  }

  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.#up ? '192.0.2.10' : undefined;
  }

  onChange(listener: (up: boolean) => void): void {
    this.#listener = listener;
    this.#sinceMs ??= this.#network.time.nowMs;
  }

  /** Time since the program's first request for the link. */
  get radioMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#network.time.nowMs - this.#sinceMs;
  }

  reset(): void {
    this.#comeBackAfter(RESET_MS);
  }

  get nowMs(): number {
    return this.#network.time.nowMs;
  }

  /** For its Wi-Fi: joins another network. Connections fail before this returns, as on an ESP32. */
  rejoin(): void {
    if (this.#up && !this.#closed) {
      this.#up = false;
      this.#tell([...this.#connections], false);
    }
    this.#comeBackAfter(JOIN_MS);
    this.#wifi?.onLink?.();
  }

  #comeBackAfter(delayMs: number): void {
    const rejoin = ++this.#rejoins;
    this.#switch(false);
    this.#network.time.schedule(delayMs, () => {
      if (rejoin !== this.#rejoins) return;
      this.#switch(this.#canBeUp);
      this.#wifi?.onLink?.();
    });
  }

  /** Takes the link up or down; connections fail when it goes down. */
  setUp(up: boolean): void {
    this.#isThere = up;
    this.#switch(this.#canBeUp);
  }

  #switch(up: boolean): void {
    if (this.#closed || this.#up === up) return;
    this.#up = up;
    const affected = up ? [] : [...this.#connections];
    this.#network.time.schedule(0, () => this.#tell(affected, up));
  }

  #tell(affected: readonly FakeConnection[], up: boolean): void {
    if (this.#closed) return;
    for (const connection of affected) connection.fail('closed', 'the link went down');
    try {
      this.#listener?.(up);
    } catch (error) {
      this.#onThrown(error);
    }
  }

  connect(target: Target, handler: StreamHandler): ByteStream {
    checkTarget(target);
    const connection = new FakeConnection({
      time: this.#network.time,
      network: this.#network,
      target,
      handler: new GuardedHandler(handler, this.#onThrown),
      onRelease: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    if (this.#closed) connection.stream.close();
    else if (this.#up) this.#network.open(target, connection);
    else connection.failAfter(0, 'unreachable', 'the link is down');
    return connection.stream;
  }

  /** Stops at once; the other sides only notice that no answer comes. */
  powerOff(): void {
    this.#closed = true;
    this.#listener = undefined;
    for (const connection of [...this.#connections]) connection.vanish();
  }

  /** Stops in order: connections are closed. */
  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    for (const connection of [...this.#connections]) connection.stream.close();
  }
}
