// SPDX-License-Identifier: Apache-2.0

import type { ByteStream, Hal, NetworkErrorKind, Target, Timer } from '../../../hal/hal.ts';
import { type Config, ConfigError, type ConfigKey, type Parts, parseConfig, type RawConfig } from '../../config.ts';
import type { Endpoint } from '../../endpoint.ts';
import { Failure, failureOf, failureText } from '../../http/failure.ts';
import type { Finding, Layer } from './finding.ts';
import { PlatformCheck, timeText } from './platform-check.ts';

export interface ConnectionCheckOptions {
  readonly hal: Hal;
  readonly config: RawConfig;
  /** The configuration keys of the app. */
  readonly own?: readonly ConfigKey[] | undefined;
  readonly parts?: Parts;
  onFinding(finding: Finding): void;
  /** Called once, at the end. `failed` is the first layer that does not work. */
  onDone(failed: Layer | undefined): void;
}

/** What a person can do about a failure of TLS. */
const TLS_REMEDIES: { readonly [F in Failure]?: string } = {
  [Failure.TlsUntrusted]: '; if its CA is not public, set the key ca',
  [Failure.TlsName]: '; check url',
  [Failure.TlsAlert]: '; check url: the port may not speak TLS',
};

const LINK_MS = 40_000;
const LOOK_MS = 250;
const CONNECT_MS = 30_000;

/**
 * `connect --test`: tries the way to the platform layer by layer and names the first that does not work. It changes
 * nothing: it requests no credentials of this device, because the platform gives them only once.
 */
export class ConnectionCheck {
  readonly #options: ConnectionCheckOptions;
  readonly #timer: Timer;
  #failed: Layer | undefined;
  #config: Config | undefined;
  /** The action when the timer fires. */
  #onTime: () => void = () => {};

  constructor(options: ConnectionCheckOptions) {
    this.#options = options;
    this.#timer = options.hal.createTimer(() => this.#onTime());
  }

  start(): void {
    const { hal, config, own, parts } = this.#options;
    try {
      this.#config = parseConfig(config, hal.board.mac, own, parts);
    } catch (error) {
      // A ConfigError names the key and never contains a secret.
      this.#end('configuration', error instanceof ConfigError ? error.message : 'it cannot be read');
      return;
    }
    this.#find('configuration', 'ok', this.#config.endpoint.authority);
    this.#awaitLink(hal.clock.ticks() + LINK_MS);
  }

  #find(layer: Layer, verdict: Finding['verdict'], text: string): void {
    if (verdict === 'failed') this.#failed ??= layer;
    this.#options.onFinding({ layer, verdict, text });
  }

  #end(layer?: Layer, text: string = ''): void {
    if (layer !== undefined) this.#find(layer, 'failed', text);
    this.#timer.stop();
    this.#options.onDone(this.#failed);
  }

  #in(ms: number, act: () => void): void {
    this.#onTime = act;
    this.#timer.start(ms);
  }

  #awaitLink(untilTicks: number): void {
    const { clock, network } = this.#options.hal;
    if (network.up) {
      const { address, signalDbm } = network;
      const signal = signalDbm === undefined ? '' : `, ${signalDbm} dBm`;
      this.#find('Wi-Fi', 'ok', `${address ?? 'no address of its own'}${signal}`);
      this.#probe();
    } else if (clock.ticks() >= untilTicks) {
      this.#end('Wi-Fi', `no link within ${LINK_MS / 1000} s: check wifiName, wifiPassword and the distance`);
    } else {
      this.#in(LOOK_MS, () => this.#awaitLink(untilTicks));
    }
  }

  /** Connects by TCP alone, so that its failures are told apart from those of TLS. */
  #probe(): void {
    const { host, port, secure } = this.#endpoint;
    this.#connect({ host, port }, (kind, detail) => {
      if (kind === 'dns') {
        this.#end('DNS', `${host} is not known: check url, and the DNS server of your network (${detail})`);
        return;
      }
      this.#find('DNS', 'ok', host);
      if (kind !== undefined) {
        this.#end(
          'TCP',
          `port ${port}: ${failureText(failureOf(kind))}; a firewall, or a wrong port in url (${detail})`,
        );
        return;
      }
      this.#find('TCP', 'ok', `port ${port}`);
      if (secure) this.#probeTls();
      else this.#askPlatform();
    });
  }

  #probeTls(): void {
    const { host, port } = this.#endpoint;
    this.#connect({ host, port, tls: { ca: this.#config?.ca } }, (kind, detail) => {
      if (kind !== undefined) {
        this.#tlsFailed(failureOf(kind), detail);
        return;
      }
      this.#find('TLS', 'ok', `the certificate of ${host} is trusted`);
      this.#askPlatform();
    });
  }

  #tlsFailed(failure: Failure, detail: string): void {
    const now = this.#options.hal.clock.now();
    if (failure === Failure.TlsDate) {
      const clock = now === undefined ? 'the time is not known' : `by the clock it is ${timeText(now)}`;
      this.#end('clock', `a certificate is not valid now: ${clock} (${detail})`);
    } else {
      this.#end('TLS', `${failureText(failure)}${TLS_REMEDIES[failure] ?? ''} (${detail})`);
    }
  }

  #askPlatform(): void {
    new PlatformCheck({
      hal: this.#options.hal,
      config: this.#config as Config,
      find: (layer, verdict, text) => this.#find(layer, verdict, text),
      onEnd: (layer, text) => this.#end(layer, text),
      onTlsFailed: (failure, detail) => this.#tlsFailed(failure, detail),
    }).start();
  }

  /** Connects, closes the connection and calls `onEnd`: `kind` is undefined on success, otherwise the error. */
  #connect(target: Target, onEnd: (kind: NetworkErrorKind | undefined, detail: string) => void): void {
    let stream: ByteStream | undefined;
    const end = (kind: NetworkErrorKind | undefined, detail: string) => {
      if (stream === undefined) return;
      stream.close();
      stream = undefined;
      this.#timer.stop();
      onEnd(kind, detail);
    };
    stream = this.#options.hal.network.connect(target, {
      onOpen: () => end(undefined, ''),
      onReadable: () => {},
      onWritable: () => {},
      onEnd: () => end('closed', 'the server has closed it'),
      onError: (kind, detail) => end(kind, detail),
    });
    this.#in(CONNECT_MS, () => end('timeout', `no connection within ${CONNECT_MS / 1000} s`));
  }

  get #endpoint(): Endpoint {
    return (this.#config as Config).endpoint;
  }
}
