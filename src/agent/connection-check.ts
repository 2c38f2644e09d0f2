import type { ByteStream, Hal, NetworkErrorKind, Target, Timer } from '../../hal/hal.ts';
import { civilDay, civilFromDays, civilMonth, civilYear, MS_PER_DAY } from '../bytes/calendar.ts';
import { ascii, decodeUtf8 } from '../bytes/text.ts';
import { type Config, ConfigError, type Endpoint, parseConfig, type RawConfig } from '../config.ts';
import { Media, Name, Path } from '../cumulocity/wire.ts';
import { Failure, failureText, Transport } from '../http/channel.ts';
import { failureOf } from '../http/failure.ts';
import { Method } from '../http/request.ts';
import { exchangeOnce, type SingleExchange } from '../http/single.ts';
import { Timers } from '../http/timers.ts';
import { Turnstile } from '../http/turnstile.ts';
import { member, readString } from '../json/scan.ts';
import { basic, STORED, storedCredentials } from './credentials.ts';
import { peekState } from './state.ts';
import { BEARER, chainHeader } from './token.ts';

/** What has to work, from the bottom up. */
export type Layer =
  | 'configuration'
  | 'Wi-Fi'
  | 'DNS'
  | 'TCP'
  | 'TLS'
  | 'clock'
  | 'credentials'
  | 'HTTP'
  | 'registration';

export interface Finding {
  readonly layer: Layer;
  /** `pending`: nothing is wrong, but somebody has to act or to wait. */
  readonly verdict: 'ok' | 'pending' | 'failed';
  /** For a person; holds no secret. */
  readonly text: string;
}

/** `DNS            ok       example.cumulocity.com` */
export function findingLine({ layer, verdict, text }: Finding): string {
  return `${layer.padEnd(14)} ${verdict.padEnd(8)} ${text}`;
}

export interface ConnectionCheckOptions {
  readonly hal: Hal;
  readonly config: RawConfig;
  onFinding(finding: Finding): void;
  /** Once, last. `failed` is the first layer that does not work. */
  onDone(failed: Layer | undefined): void;
}

const LINK_MS = 40_000;
const LOOK_MS = 250;
const CONNECT_MS = 30_000;
const CLOCK_OFF_MS = 60_000;
const RECEIVE_BYTES = 1024;
const REQUEST_BYTES = 512;
const REQUEST_MAX_BYTES = 12_288;
const NO_BYTES = new Uint8Array(0);

/**
 * `connect --test`: tries the way to the platform layer by layer and names the first that does not work. It reads and
 * changes nothing: no credentials are asked for, for those that the platform hands out are handed out once.
 */
export class ConnectionCheck {
  readonly #options: ConnectionCheckOptions;
  readonly #timer: Timer;
  #failed: Layer | undefined;
  #config: Config | undefined;
  #transport: Transport | undefined;
  /** What happens when the timer fires. */
  #onTime: () => void = () => {};

  constructor(options: ConnectionCheckOptions) {
    this.#options = options;
    this.#timer = options.hal.createTimer(() => this.#onTime());
  }

  start(): void {
    const { hal, config } = this.#options;
    try {
      this.#config = parseConfig(config, hal.board.mac);
    } catch (error) {
      // A ConfigError says which key, and never shows a secret.
      this.#end('configuration', error instanceof ConfigError ? error.message : 'it cannot be read');
      return;
    }
    this.#find('configuration', 'ok', this.#config.endpoint.authority);
    const turnstile = new Turnstile();
    this.#transport = new Transport({
      network: hal.network,
      timers: new Timers(hal, turnstile),
      receiveBytes: RECEIVE_BYTES,
      requestBytes: REQUEST_BYTES,
      requestMaxBytes: REQUEST_MAX_BYTES,
    });
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
      this.#end(
        'Wi-Fi',
        `no link within ${LINK_MS / 1000} s: check wifiName and wifiPassword, and how far the access point is`,
      );
    } else {
      this.#in(LOOK_MS, () => this.#awaitLink(untilTicks));
    }
  }

  /** TCP alone, so that its failures can be told from those of TLS. */
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
      else this.#authenticate();
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
      this.#authenticate();
    });
  }

  #tlsFailed(failure: Failure, detail: string): void {
    const now = this.#options.hal.clock.now();
    if (failure === Failure.TlsDate) {
      const clock = now === undefined ? 'the time is not known' : `by the clock it is ${timeText(now)}`;
      this.#end('clock', `a certificate is not valid now: ${clock} (${detail})`);
    } else {
      this.#end('TLS', `${failureText(failure)} (${detail})`);
    }
  }

  /** Tells `undefined` once the connection is up, or why it is not; closed in either case. */
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

  #authenticate(): void {
    const config = this.#config as Config;
    if (config.certificateAuth) {
      this.#fetchToken(config);
      return;
    }
    const record = peekState(this.#options.hal.store, STORED);
    const [tenant, user, password] = record ? storedCredentials(decodeUtf8(record, 0, record.length)) : [];
    if (tenant && user && password) {
      this.#lookUp(`${tenant}/${user}`, basic(`${tenant}/${user}`, password), false);
    } else if (config.bootstrapPassword !== undefined) {
      this.#lookUp(config.bootstrapUser, basic(config.bootstrapUser, config.bootstrapPassword), true);
    } else {
      this.#end('credentials', 'there are none, and no bootstrapPassword to ask for some with');
    }
  }

  #fetchToken({ tokenEndpoint, ca, certificate, privateKey, sendChain }: Config): void {
    const { hal } = this.#options;
    const { host, port, authority } = tokenEndpoint;
    const pem = sendChain ? hal.resource(certificate ?? '') : undefined;
    this.#exchange({
      endpoint: tokenEndpoint,
      target: { host, port, tls: { ca, certificate, privateKey } },
      authorization: NO_BYTES,
      write(request) {
        request.start(Method.Post).put(Path.AccessToken);
        if (pem !== undefined) request.extra(chainHeader(pem));
        request.headers(undefined, Media.Json);
      },
      onAnswer: ({ status }, body) => {
        const at = member(body.bytes, 0, body.end, Name.AccessToken);
        const jwt = at < 0 ? undefined : readString(body.bytes, at, body.end);
        if (status >= 200 && status < 300 && jwt !== undefined && /^[\x21-\x7e]{1,4000}$/.test(jwt)) {
          const value = ascii(jwt);
          const bearer = new Uint8Array(BEARER.length + value.length);
          bearer.set(BEARER);
          bearer.set(value, BEARER.length);
          this.#lookUp('the certificate', bearer, false);
        } else {
          this.#end('credentials', `${authority} gives no token for the certificate (status ${status})`);
        }
      },
    });
  }

  /** One request tells whether the platform knows who asks, and whether it knows the device. */
  #lookUp(who: string, authorization: Uint8Array, isBootstrap: boolean): void {
    const config = this.#config as Config;
    const { deviceId, externalIdType } = config;
    const { host, port, secure } = this.#endpoint;
    this.#exchange({
      endpoint: this.#endpoint,
      target: { host, port, tls: secure ? { ca: config.ca } : undefined },
      authorization,
      write(request) {
        request.start(Method.Get).put(Path.ExternalIds).percentEncoded(externalIdType).text('/');
        request.percentEncoded(deviceId).headers(undefined, Media.ExternalId);
      },
      onAnswer: ({ status, dateMs }) => {
        this.#judgeClock(dateMs);
        this.#judge(status, who, isBootstrap);
      },
    });
  }

  #judgeClock(dateMs: number): void {
    const now = this.#options.hal.clock.now();
    if (now === undefined) {
      this.#find('clock', 'ok', 'not set yet; the platform tells the time');
    } else if (Number.isNaN(dateMs) || Math.abs(now - dateMs) <= CLOCK_OFF_MS) {
      this.#find('clock', 'ok', timeText(now));
    } else {
      this.#find('clock', 'failed', `it is ${Math.round((now - dateMs) / 1000)} s off what the platform says`);
    }
  }

  #judge(status: number, who: string, isBootstrap: boolean): void {
    const { deviceId } = this.#config as Config;
    const known = status === 200 || status === 404;
    if (status === 401) {
      const check = isBootstrap ? 'check bootstrapUser and bootstrapPassword' : 'was the device user deleted?';
      this.#end('credentials', `the platform refuses ${who}: ${check}`);
    } else if (isBootstrap && (known || status === 403)) {
      // They are for one request only, which this is not; that the platform says so shows that it knows them.
      this.#find('credentials', 'ok', `${who}, to ask for some`);
      this.#find('registration', 'pending', `accept ${deviceId} on the platform: Device management, Registration`);
      this.#end();
    } else if (known) {
      this.#find('credentials', 'ok', who);
      if (status === 200) this.#find('registration', 'ok', `${deviceId} is registered`);
      else this.#find('registration', 'pending', `${deviceId} is not registered yet: the first start does it`);
      this.#end();
    } else if (status === 403) {
      this.#find('credentials', 'ok', who);
      this.#end('registration', `${who} may not look ${deviceId} up: check the roles of device users`);
    } else {
      this.#end('HTTP', `status ${status}: this is not the platform, or it is not well; check url`);
    }
  }

  #exchange(request: Omit<SingleExchange, 'onFail'>): void {
    const onFail = (failure: Failure, detail: string) => this.#exchangeFailed(failure, request.endpoint, detail);
    exchangeOnce(this.#transport as Transport, { ...request, onFail });
  }

  #exchangeFailed(failure: Failure, { authority }: Endpoint, detail: string): void {
    const more = detail === '' ? '' : ` (${detail})`;
    if (failure === Failure.Dns) this.#end('DNS', `${authority} is not known${more}`);
    else if (failure <= Failure.Timeout) this.#end('TCP', `${authority}: ${failureText(failure)}${more}`);
    else if (failure >= Failure.TlsUntrusted && failure <= Failure.TlsAlert)
      this.#tlsFailed(failure, `${authority}; ${detail}`);
    else this.#end('HTTP', `${authority}: ${failureText(failure)}${more}`);
  }

  get #endpoint(): Endpoint {
    return (this.#config as Config).endpoint;
  }
}

/** For a person, to the minute. */
function timeText(epochMs: number): string {
  const date = civilFromDays(Math.floor(epochMs / MS_PER_DAY));
  const minutes = Math.floor(epochMs / 60_000) % 1440;
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${civilYear(date)}-${two(civilMonth(date))}-${two(civilDay(date))}`;
  return `${day} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} UTC`;
}
