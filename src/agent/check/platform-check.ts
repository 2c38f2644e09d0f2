// SPDX-License-Identifier: Apache-2.0

import type { Hal } from '../../../hal/hal.ts';
import { peekState } from '../../base/stored-state.ts';
import { civilDay, civilFromDays, civilMonth, civilYear, MS_PER_DAY } from '../../bytes/calendar.ts';
import { ascii, decodeUtf8, NO_BYTES } from '../../bytes/text.ts';
import type { Config } from '../../config.ts';
import { bearer, readToken, writeTokenRequest } from '../../cumulocity/access-token.ts';
import { writeIdentityLookUp } from '../../cumulocity/identity.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import type { Endpoint } from '../../endpoint.ts';
import { exchangeOnce, type SingleExchange } from '../../http/exchange-once.ts';
import { Failure, failureText } from '../../http/failure.ts';
import { Method } from '../../http/request.ts';
import { Transport } from '../../http/transport.ts';
import { EventScope } from '../../timers/event-scope.ts';
import { Timers } from '../../timers/timers.ts';
import { basic, STORED, storedCredentials } from '../uplink/credentials.ts';
import { userAgentOf } from '../uplink/user-agent.ts';
import type { Finding, Layer } from './finding.ts';

export interface PlatformCheckOptions {
  readonly hal: Hal;
  readonly config: Config;
  find(layer: Layer, verdict: Finding['verdict'], text: string): void;
  /** Called once, at the end, with the layer that has failed and the reason; without them: none has failed. */
  onEnd(layer?: Layer, text?: string): void;
  /** Called instead of `onEnd` if TLS fails, perhaps because of a wrong clock. */
  onTlsFailed(failure: Failure, detail: string): void;
}

const CLOCK_OFF_MS = 60_000;
const RECEIVE_BYTES = 1024;
const REQUEST_BYTES = 512;
const REQUEST_MAX_BYTES = 12_288;
/**
 * A request for credentials is the only one that a bootstrap user may send. No device can be registered with this id,
 * because of its first character: the platform answers a bootstrap user that there are no credentials.
 */
const NOBODY = ascii('{"id":"$connect-test"}');

/** The part of `connect --test` that asks the platform: clock, credentials, registration. */
export class PlatformCheck {
  readonly #options: PlatformCheckOptions;
  readonly #transport: Transport;

  constructor(options: PlatformCheckOptions) {
    this.#options = options;
    const { hal } = options;
    this.#transport = new Transport({
      network: hal.network,
      timers: new Timers(hal, new EventScope()),
      receiveBytes: RECEIVE_BYTES,
      requestBytes: REQUEST_BYTES,
      requestMaxBytes: REQUEST_MAX_BYTES,
      userAgent: userAgentOf(hal.board.firmware),
    });
  }

  start(): void {
    const { hal, config } = this.#options;
    if (config.certificateAuth) {
      this.#fetchToken(config);
      return;
    }
    const record = peekState(hal.store, STORED);
    const [tenant, user, password] = record ? storedCredentials(decodeUtf8(record, 0, record.length)) : [];
    if (tenant && user && password) {
      this.#lookUp(`${tenant}/${user}`, basic(`${tenant}/${user}`, password));
    } else if (config.given('bootstrapPassword') !== undefined) {
      const user = config.text('bootstrapUser');
      this.#askForNobody(user, basic(user, config.text('bootstrapPassword')));
    } else {
      this.#options.onEnd('credentials', 'there are none, and bootstrapPassword is missing');
    }
  }

  #fetchToken(config: Config): void {
    const { tokenEndpoint, ca } = config;
    const { host, port, authority } = tokenEndpoint;
    this.#exchange({
      endpoint: tokenEndpoint,
      target: {
        host,
        port,
        tls: { ca, certificate: config.given('certificate'), privateKey: config.given('privateKey') },
      },
      authorization: NO_BYTES,
      write: (request) => writeTokenRequest(request, this.#options.hal, config),
      onAnswer: ({ status }, body) => {
        const jwt = readToken(body);
        if (status >= 200 && status < 300 && jwt !== undefined) {
          this.#lookUp('the certificate', bearer(jwt));
        } else {
          this.#options.onEnd('credentials', `${authority} gives no token for the certificate (status ${status})`);
        }
      },
    });
  }

  /** Checks whether this user may ask for credentials, with an id that no device has. */
  #askForNobody(who: string, authorization: Uint8Array): void {
    const { deviceId } = this.#options.config;
    this.#ask({
      authorization,
      write: (request) =>
        void request.start(Method.Post).put(Path.Credentials).headers(Media.Credentials, Media.Credentials).put(NOBODY),
      onStatus: (status) => {
        if (status === 401) {
          this.#options.onEnd('credentials', `the platform refuses ${who}: check bootstrapUser and bootstrapPassword`);
        } else if (status === 403) {
          this.#options.onEnd('credentials', `${who} may not ask for them: check bootstrapUser`);
        } else if (status === 404 || status === 422) {
          this.#options.find('credentials', 'ok', `${who}, to ask for them`);
          this.#options.find(
            'registration',
            'pending',
            `accept ${deviceId} on the platform: Device management, Registration`,
          );
          this.#options.onEnd();
        } else {
          this.#endStrange(status);
        }
      },
    });
  }

  /** Checks with one request whether the platform accepts the user, and whether it knows the device. */
  #lookUp(who: string, authorization: Uint8Array): void {
    const { config } = this.#options;
    this.#ask({
      authorization,
      write: (request) => writeIdentityLookUp(request, config.text('externalIdType'), config.externalId),
      onStatus: (status) => this.#judge(status, who),
    });
  }

  /** Asks the platform, and judges the clock by the Date of the answer first. */
  #ask({ onStatus, ...request }: Pick<SingleExchange, 'authorization' | 'write'> & { onStatus(status: number): void }) {
    const { config } = this.#options;
    const { host, port, secure } = config.endpoint;
    this.#exchange({
      ...request,
      endpoint: config.endpoint,
      target: { host, port, tls: secure ? { ca: config.ca } : undefined },
      onAnswer: ({ status, dateMs }) => {
        this.#judgeClock(dateMs);
        onStatus(status);
      },
    });
  }

  #judgeClock(dateMs: number): void {
    const now = this.#options.hal.clock.now();
    if (now === undefined) {
      this.#options.find('clock', 'ok', 'not set yet; the platform tells the time');
    } else if (Number.isNaN(dateMs) || Math.abs(now - dateMs) <= CLOCK_OFF_MS) {
      this.#options.find('clock', 'ok', timeText(now));
    } else {
      this.#options.find(
        'clock',
        'failed',
        `it is ${Math.round((now - dateMs) / 1000)} s off the time of the platform`,
      );
    }
  }

  #judge(status: number, who: string): void {
    const { externalId } = this.#options.config;
    if (status === 401) {
      this.#options.onEnd('credentials', `the platform refuses ${who}: was the device user deleted?`);
    } else if (status === 200 || status === 404) {
      this.#options.find('credentials', 'ok', who);
      if (status === 200) this.#options.find('registration', 'ok', `${externalId} is registered`);
      else
        this.#options.find('registration', 'pending', `${externalId} is not registered yet: the first start does it`);
      this.#options.onEnd();
    } else if (status === 403) {
      this.#options.find('credentials', 'ok', who);
      this.#options.onEnd('registration', `${who} may not look ${externalId} up: check the roles of device users`);
    } else {
      this.#endStrange(status);
    }
  }

  #endStrange(status: number): void {
    this.#options.onEnd('HTTP', `status ${status}: this is not the platform, or it fails; check url`);
  }

  #exchange(request: Omit<SingleExchange, 'onFail'>): void {
    const onFail = (failure: Failure, detail: string) => this.#exchangeFailed(failure, request.endpoint, detail);
    exchangeOnce(this.#transport, { ...request, onFail });
  }

  #exchangeFailed(failure: Failure, { authority }: Endpoint, detail: string): void {
    const more = detail === '' ? '' : ` (${detail})`;
    if (failure === Failure.Dns) this.#options.onEnd('DNS', `${authority} is not known${more}`);
    else if (failure <= Failure.Timeout) this.#options.onEnd('TCP', `${authority}: ${failureText(failure)}${more}`);
    else if (failure >= Failure.TlsUntrusted && failure <= Failure.TlsAlert)
      this.#options.onTlsFailed(failure, `${authority}; ${detail}`);
    else this.#options.onEnd('HTTP', `${authority}: ${failureText(failure)}${more}`);
  }
}

/** A time in UTC for a person, to the minute. */
export function timeText(epochMs: number): string {
  const date = civilFromDays(Math.floor(epochMs / MS_PER_DAY));
  const minutes = Math.floor(epochMs / 60_000) % 1440;
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${civilYear(date)}-${two(civilMonth(date))}-${two(civilDay(date))}`;
  return `${day} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} UTC`;
}
