// SPDX-License-Identifier: Apache-2.0

import type TCP from 'embedded:io/socket/tcp';
import { checkTarget } from '../../common/checks.ts';
import { GuardedHandler, type OnThrown } from '../../common/guard.ts';
import type { ByteStream, Network, StreamHandler, Target, Timer } from '../../hal.ts';
import type { Link } from '../platform.ts';
import type { KeyReader } from '../tls/keys.ts';
import type { KnownTime } from '../tls/path.ts';
import { Resumption } from '../tls/session/resumption.ts';
import { Views } from '../views.ts';
import { PlainStream } from './plain-stream.ts';
import type { AddressUser, Resolver } from './resolver.ts';
import { SecureStream, type SecureStreamOwner } from './secure-stream.ts';
import type { Esp32Stream } from './stream.ts';
import { openTcpSocket } from './tcp-socket.ts';

/** Number of TLS sessions kept: one for the platform, one for the server of files or tokens. */
const KEPT_SESSIONS = 2;

export interface Esp32NetworkOptions {
  readonly link: Link;
  readonly resolver: Resolver;
  createTimer(onTimeout: () => void): Timer;
  resource(name: string): Uint8Array | undefined;
  /** The time by which certificates are judged. */
  time(): KnownTime;
  /** Called when certificates that were judged by `time` are valid, or were refused because of their dates. */
  onDatesJudged(time: KnownTime, isGood: boolean): void;
  /** Called before the agent learns of the change. */
  onLink(up: boolean): void;
  /** Called with errors of the HAL's own code. Such an error costs one connection at most. */
  readonly onFault: OnThrown;
  /** Called with errors of the agent's handlers. */
  readonly onThrown: OnThrown;
}

/**
 * Connections over the sockets of the SDK, as long as the link is up. Only one TLS handshake runs at a time: there is
 * not enough memory for two.
 */
export class Esp32Network implements Network, SecureStreamOwner {
  readonly views = new Views();
  readonly options: Esp32NetworkOptions;
  /** Reads keys that are not RSA. Set before the first connection by the capability that adds such code. */
  declare otherKeys: KeyReader | undefined;
  readonly #streams: Esp32Stream[] = [];
  /** Streams that wait for the turn for a handshake; the first has it. */
  readonly #handshakes: SecureStream[] = [];
  readonly #resumptions: Resumption[] = [];
  #listener: ((up: boolean) => void) | undefined;
  #up: boolean;
  #closed = false;

  constructor(options: Esp32NetworkOptions) {
    this.options = options;
    this.#up = options.link.up;
  }

  /** The state that the agent has learnt last. */
  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.#up ? this.options.link.address : undefined;
  }

  get signalDbm(): number | undefined {
    return this.#up ? this.options.link.signalDbm : undefined;
  }

  onChange(listener: (up: boolean) => void): void {
    const { link } = this.options;
    const isFirst = this.#listener === undefined;
    this.#listener = listener;
    if (isFirst) link.start(() => this.#changed(link.up));
  }

  reset(): void {
    // Wi-Fi reports the change within `link.reset()`, but callbacks must not run inside this call.
    this.soon(() => {
      if (!this.#closed) this.options.link.reset();
    });
  }

  connect(target: Target, handler: StreamHandler): ByteStream {
    checkTarget(target);
    const guarded = new GuardedHandler(handler, this.options.onThrown);
    const stream = target.tls ? new SecureStream(this, target, guarded) : new PlainStream(this, target, guarded);
    if (this.#closed) {
      stream.close();
      return stream;
    }
    this.#streams.push(stream);
    if (this.#up) this.#open(stream);
    else this.soon(() => stream.fail('unreachable', 'the link is down'));
    return stream;
  }

  /** Ends all connections and the link. No callback follows. */
  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    this.options.link.close();
    this.options.resolver.reset();
    for (const stream of [...this.#streams]) stream.close();
  }

  resolve(host: string, user: AddressUser): void {
    this.options.resolver.resolve(host, user);
  }

  forget(user: AddressUser): void {
    this.options.resolver.forget(user);
  }

  worked(host: string, address: string): void {
    this.options.resolver.worked(host, address);
  }

  /** Ignored while the link is down: the failure then says nothing about the address. */
  failed(host: string, address: string): void {
    if (this.#up) this.options.resolver.failed(host, address);
  }

  openSocket(stream: Esp32Stream, address: string, port: number): TCP<Esp32Stream> {
    return openTcpSocket(stream, address, port);
  }

  soon(act: () => void): void {
    this.options.createTimer(act).start(0);
  }

  onThrown(error: unknown): void {
    this.options.onFault(error);
  }

  get time(): KnownTime {
    return this.options.time();
  }

  datesJudged(time: KnownTime, isGood: boolean): void {
    this.options.onDatesJudged(time, isGood);
  }

  createTimer(onTimeout: () => void): Timer {
    return this.options.createTimer(onTimeout);
  }

  resource(name: string): Uint8Array | undefined {
    return this.options.resource(name);
  }

  resumptionOf({ host, port, tls }: Target): Resumption {
    const key = `${host}:${port} ${tls?.ca} ${tls?.certificate}`;
    const known = this.#resumptions.find((each) => each.key === key);
    if (known !== undefined) return known;
    const resumption = new Resumption(key);
    this.#resumptions.unshift(resumption);
    if (this.#resumptions.length > KEPT_SESSIONS) this.#resumptions.pop();
    return resumption;
  }

  handshakeOver(stream: SecureStream): void {
    const at = this.#handshakes.indexOf(stream);
    if (at < 0) return;
    this.#handshakes.splice(at, 1);
    // In an event of its own: this call may come from a handler that closes all its streams.
    if (at === 0) this.soon(() => this.#handshakes[0]?.openOnce());
  }

  release(stream: Esp32Stream): void {
    const at = this.#streams.indexOf(stream);
    if (at >= 0) this.#streams.splice(at, 1);
  }

  #open(stream: Esp32Stream): void {
    if (!(stream instanceof SecureStream)) {
      stream.open();
    } else if (this.#handshakes.push(stream) === 1) {
      stream.openOnce();
    }
  }

  #changed(up: boolean): void {
    if (this.#closed || up === this.#up) return;
    this.#up = up;
    if (!up) {
      this.options.resolver.reset();
      for (const stream of [...this.#streams]) stream.fail('closed', 'the link went down');
    }
    try {
      this.options.onLink(up);
      this.#listener?.(up);
    } catch (error) {
      this.options.onThrown(error);
    }
  }
}
