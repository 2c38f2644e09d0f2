// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../base/body.ts';
import { Machine } from '../../base/machine.ts';
import { Outcome, Signal } from '../../base/outcome.ts';
import { refused, type Table, table } from '../../base/table.ts';
import { NO_BYTES } from '../../bytes/text.ts';
import { bearer, claimsOf, lifeMs, readToken, subjectOf, writeTokenRequest } from '../../cumulocity/access-token.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import type { Authority, AuthorityBase } from './authority.ts';
import type { Requests } from './requests.ts';

const Get = { Fetch: 0, Valid: 1, Refused: 2, Unusable: 3, Absent: 4 } as const;

/** Device authentication with a certificate: mutual TLS at one endpoint gives a token for all other requests. */
export const tokenTable: Table<Token> = table([
  {
    name: 'get a token',
    step: 'device authentication, JWT retrieval',
    request: (token, request) => token.writeFetch(request),
    read: (token, body) => token.read(body),
    on: {
      [Outcome.Ok]: Get.Valid,
      [Outcome.Denied]: Get.Refused,
      [Outcome.Forbidden]: Get.Refused,
      [Outcome.NotFound]: Get.Absent,
      [Outcome.Conflict]: Get.Unusable,
      [Outcome.Invalid]: Get.Unusable,
    },
  },
  {
    name: 'token in use',
    step: 'device authentication',
    enter: (token) => token.use(),
    on: { [Signal.Time]: Get.Fetch, [Signal.Refused]: Get.Fetch },
  },
  {
    name: 'certificate refused',
    step: 'device authentication',
    enter: (token) => token.explain(),
    on: { [Signal.Time]: Get.Fetch },
  },
  {
    name: 'certificate not usable',
    step: 'device authentication',
    enter: (token) => token.explain(),
    on: { [Signal.Time]: Get.Fetch },
  },
  {
    name: 'no tokens available',
    step: 'device authentication',
    enter: (token) => token.explain(),
    on: { [Signal.Time]: Get.Fetch },
  },
]);

const LogOut = { Send: 0, Done: 1 } as const;

/** Ends the session of a token on the platform. */
export const logOutTable: Table<Leaving> = table([
  {
    name: 'log out',
    step: 'device authentication, logout',
    request: (leaving, request) => leaving.writeLogOut(request),
    on: {
      ...refused(LogOut.Done),
      [Outcome.Ok]: LogOut.Done,
      [Outcome.Denied]: LogOut.Done,
      [Signal.Time]: LogOut.Done,
    },
  },
  { name: 'logged out', step: 'device authentication, logout', enter: (leaving) => leaving.left(), on: {} },
]);

const RENEW_AT = 0.8;
/** The shortest time to a renewal, also of a token with a shorter life: a 401 renews the token as well. */
const LEAST_RENEWAL_MS = 5000;
const REFUSED_MS = 60_000;
/** The longest wait for a logout when the agent stops. */
const LOG_OUT_MS = 1000;
/** The longest wait for a logout after a renewal: the former token is valid for a while. */
const RENEWED_MS = 10_000;

const TOO_LONG = 'the token is too long: an answer of 4,096 bytes fits, and a token of 4,000';

/** A token for all requests. It is renewed before it expires (monotonic clock), and when the platform refuses it. */
export class Token extends Machine<AuthorityBase> implements Authority {
  readonly #requests: Requests;
  #value: Uint8Array = NO_BYTES;
  /** The former token, which may still be valid; empty: there is none. */
  #before: Uint8Array = NO_BYTES;
  /** The logout of the former token; set after a renewal. */
  #leaving: Leaving | undefined;
  #user: string;
  #lifeMs = 0;
  /** Ticks at which the token was requested: its life begins then at the earliest. */
  #askedTicks = 0;

  /** @param requests the line in front of the connection that shows the certificate. */
  constructor(agent: AuthorityBase, requests: Requests) {
    super(agent, tokenTable);
    this.#requests = requests;
    this.#user = `device_${agent.config.deviceId}`;
  }

  protected override get requests(): Requests {
    return this.#requests;
  }

  start(): void {
    this.#requests.release();
    this.enter(Get.Fetch);
  }

  denied(): boolean {
    if (this.state === Get.Valid) {
      // A refused token has no session to end.
      this.#value = NO_BYTES;
      this.fire(Signal.Refused);
    }
    return true;
  }

  accepted(): void {}

  wake(): void {
    this.#requests.retry();
  }

  logOut(onLoggedOut: () => void): void {
    this.stop();
    this.#requests.close();
    this.#leaving?.stop();
    if (this.#value.length === 0) onLoggedOut();
    else new Leaving(this.agent, LOG_OUT_MS, onLoggedOut).enter(LogOut.Send);
    this.#value = NO_BYTES;
  }

  // The actions of the states.

  writeFetch(request: RequestWriter): void {
    this.cease();
    this.#askedTicks = this.agent.hal.clock.ticks();
    writeTokenRequest(request, this.agent.hal, this.agent.config);
  }

  read(body: Body): boolean {
    const jwt = readToken(body);
    if (jwt === undefined) {
      if (body.overflowed && this.trouble === undefined) this.agent.hal.log('error', TOO_LONG);
      return false;
    }
    const claims = claimsOf(jwt);
    this.#lifeMs = lifeMs(claims);
    this.identify(subjectOf(claims));
    this.#before = this.#value;
    this.#value = bearer(jwt);
    return true;
  }

  use(): undefined {
    // The connection with the certificate is closed until the renewal, to free its memory.
    this.#requests.rest();
    const ageMs = this.agent.hal.clock.ticks() - this.#askedTicks;
    this.fireAfter(Math.max(LEAST_RENEWAL_MS, this.#lifeMs * RENEW_AT - ageMs));
    this.agent.hal.log('info', `token for ${Math.round(this.#lifeMs / 1000)} s`);
    const { uplink } = this.agent;
    const hand = () => uplink.onCredentials(this.#user, this.#value, this);
    this.#leaving?.stop();
    const leftMs = this.#lifeMs * (1 - RENEW_AT);
    if (this.#before.length === 0 || leftMs < 2 * RENEWED_MS) hand();
    else {
      // The last request with the former token is the logout that ends its session.
      uplink.pollAs(this.#value);
      this.#leaving = new Leaving(this.agent, RENEWED_MS, hand);
      this.#leaving.enter(LogOut.Send);
    }
    return undefined;
  }

  explain(): undefined {
    const reason =
      this.state === Get.Refused
        ? 'it is expired or revoked, or leads to no trusted CA of the tenant'
        : this.state === Get.Unusable
          ? 'its chain cannot be read, or the device is not registered and its CA does not register it'
          : 'there are no device access tokens at this address';
    const { hal, config } = this.agent;
    // Random, so that a fleet whose CA is trusted again does not return together.
    const leastMs = Math.round(REFUSED_MS * (1 + hal.random() / 2));
    if (this.trouble === undefined) {
      const where = `https://${config.tokenEndpoint.authority}`;
      hal.log('error', `${where} gives no token for the certificate of ${config.deviceId}: ${reason}`);
    }
    this.failAt(Get.Fetch, 'token', reason, leastMs);
    this.fireWhenDue();
    return undefined;
  }

  /** Takes the user from the token: the platform makes it the owner of everything that the device creates. */
  private identify(user: string | undefined): void {
    if (user === undefined || user === this.#user || !/^[\x21-\x7e]{1,256}$/.test(user)) return;
    this.agent.hal.log('warn', `the certificate makes this device ${user}, not ${this.#user} as its deviceId says`);
    this.#user = user;
  }
}

/** Ends the session of a token, and waits for it no longer than `mostMs`. */
export class Leaving extends Machine<AuthorityBase> {
  #onLoggedOut: (() => void) | undefined;

  constructor(agent: AuthorityBase, mostMs: number, onLoggedOut: () => void) {
    super(agent, logOutTable);
    this.#onLoggedOut = onLoggedOut;
    if (agent.stopped) {
      // The logout must go out now: `release` undoes `hold`, and `retry` ends the pause of the line.
      agent.uplink.requests.retry();
      agent.uplink.requests.release();
    }
    this.fireAfter(mostMs);
  }

  // The actions of the states.

  writeLogOut(request: RequestWriter): void {
    request.start(Method.Post).put(Path.Logout).headers(Media.Json, Media.Json);
  }

  left(): undefined {
    this.stop();
    const onLoggedOut = this.#onLoggedOut;
    this.#onLoggedOut = undefined;
    onLoggedOut?.();
    return undefined;
  }
}
