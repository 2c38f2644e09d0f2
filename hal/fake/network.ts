// SPDX-License-Identifier: Apache-2.0

import { checkTarget } from '../common/checks.ts';
import { GuardedHandler, type OnThrown } from '../common/guard.ts';
import type { ByteStream, Network, NetworkErrorKind, StreamHandler, Target } from '../hal.ts';
import { FakeConnection, type FakePeer } from './connection.ts';
import type { VirtualTime } from './time.ts';
import { FakeAccess, type FakeWifi } from './wifi.ts';

/** What becomes of an attempt to connect: it succeeds, is never answered, or fails. */
export type Verdict = 'accept' | 'hang' | NetworkErrorKind;

export interface ListenOptions {
  /**
   * Whether the server speaks TLS. What a device that asks for the other gets is what it would get from a real one.
   * A verdict about the handshake (`tls-untrusted` and so on) comes by `next` or `decide`.
   */
  tls?: boolean | undefined;
}

interface Listener extends ListenOptions {
  onConnection(peer: FakePeer): void;
}

/**
 * A network made of scripts: tests listen on hosts and ports, and say what shall go wrong. It may be shared by several
 * machines; whatever happens on it happens in virtual time.
 */
export class FakeNetwork {
  /** One way. A connection is up after two of them. */
  latencyMs = 1;
  /** Bytes that wait at most in either direction of a connection. */
  windowBytes = 4096;
  /** In what pieces `length` bytes sent by a peer arrive: the size of the next one. */
  split: (length: number) => number = (length) => length;
  /** Asked for each attempt for which nothing is scripted by `next`. */
  decide: (target: Target) => Verdict = () => 'accept';
  /** How many connections have come up. */
  connections = 0;
  readonly time: VirtualTime;
  readonly #listeners = new Map<string, Listener>();
  readonly #script: Verdict[] = [];

  constructor(time: VirtualTime) {
    this.time = time;
  }

  /** Serves `host:port`; returns what ends that. Connections that are up stay. */
  listen(host: string, port: number, onConnection: (peer: FakePeer) => void, options: ListenOptions = {}): () => void {
    const key = `${host}:${port}`;
    this.#listeners.set(key, { ...options, onConnection });
    return () => this.#listeners.delete(key);
  }

  /** Scripts the next attempts to connect, one verdict each. */
  next(...verdicts: readonly Verdict[]): void {
    this.#script.push(...verdicts);
  }

  /** For a machine: what `connect` of its HAL does while the link is up. */
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
      // A server that expects a handshake hangs up on anything else.
      if (listener.tls && !tls) connection.peer.reset();
      else listener.onConnection(connection.peer);
    }
  }

  #nobody(host: string, port: number): [NetworkErrorKind, string] {
    const known = [...this.#listeners.keys()].some((key) => key.startsWith(`${host}:`));
    return known ? ['refused', `${host}:${port} refuses connections`] : ['dns', `${host} is not known`];
  }
}

/** To join a network of Wi-Fi, and to take the link down and up. */
const JOIN_MS = 2000;
const RESET_MS = 100;

interface FakePortOptions {
  readonly network: FakeNetwork;
  readonly up: boolean;
  readonly wifi: FakeWifi | undefined;
  readonly onThrown: OnThrown;
}

/** The network as one start of one machine sees it. */
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
  /** Whether there is a link to be had: no reset brings back one that is not. */
  #isThere: boolean;
  #closed = false;
  /** A later one is in force. */
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

  /** Since the program has asked for the link. */
  get radioMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#network.time.nowMs - this.#sinceMs;
  }

  reset(): void {
    this.#comeBackAfter(RESET_MS);
  }

  get nowMs(): number {
    return this.#network.time.nowMs;
  }

  /** For its Wi-Fi: another network. What is connected fails before this returns, as on an ESP32. */
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

  /** The link comes up or goes down; what is connected fails then. */
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

  /** Falls silent; the other sides learn nothing but that no answer comes. */
  powerOff(): void {
    this.#closed = true;
    this.#listener = undefined;
    for (const connection of [...this.#connections]) connection.vanish();
  }

  /** Falls silent in order: connections are closed. */
  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    for (const connection of [...this.#connections]) connection.stream.close();
  }
}
