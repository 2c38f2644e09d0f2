// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../base/body.ts';
import { Machine } from '../../base/machine.ts';
import { Decision, Signal } from '../../base/outcome.ts';
import { asideName } from '../../base/stored-state.ts';
import { base64 } from '../../bytes/base64.ts';
import { ascii, CONTROL, utf8 } from '../../bytes/text.ts';
import { Media, Name, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import { member, readString } from '../../json/scan.ts';
import { writeString } from '../../json/write.ts';
import type { Authority, AuthorityBase } from './authority.ts';
import { type CredentialsActions, credentialsTable, Get } from './credentials-table.ts';
import type { Requests } from './requests.ts';

/** The name of the credentials in the store. */
export const STORED = 'credentials';
/** The name of new credentials, until a request has succeeded with them. */
const CANDIDATE = 'credentials-new';
/** The names of all stored credentials: present, new and damaged ones. */
export const CREDENTIAL_NAMES = [STORED, CANDIDATE, asideName(STORED)];
const VERSION = 'fractus1';
const NO_CODING = ascii('Accept-Encoding: identity');
const FIRST_WAIT_MS = 2000;
const GROWTH = 1.3;
const WATCHED_MS = 600_000;
const WATCHED_MOST_MS = 10_000;
const MOST_MS = 60_000;
const KEEP_RETRY_MS = 10_000;
/** While both the new and the former credentials are refused, they are tried in turn, each for this time. */
const SWAP_MS = 600_000;

/** Basic authentication with the credentials of this device; the user is always tenantId/username. */
export class Credentials extends Machine<AuthorityBase> implements Authority, CredentialsActions {
  #tenant = '';
  #user = '';
  #password = '';
  #asks = 0;
  #sinceTicks = 0;
  #lateAsks = 0;
  /** Whether the credentials in use are new, and no request has succeeded with them yet. */
  #isCandidate = false;
  /** Ticks since which the credentials have been refused; NaN: they are not refused. */
  #refusedTicks = NaN;
  /** The line that asks for new credentials while refused ones are in use. */
  #line: Requests | undefined;

  constructor(agent: AuthorityBase) {
    super(agent, credentialsTable);
  }

  start(): void {
    this.#sinceTicks = this.agent.hal.clock.ticks();
    this.enter(Get.Recall);
  }

  protected override get requests(): Requests {
    return this.#line ?? this.agent.uplink.requests;
  }

  /** The platform refuses the credentials. They stay in use, with growing pauses, because a person has to act. */
  denied(): boolean {
    // Without a state this object is new: accepted credentials have no authority (`Uplink.onProven`).
    if (this.state < 0) this.enter(Get.Doubt);
    else if (this.state === Get.Ready) this.fire(Signal.Refused);
    return false;
  }

  /** The credentials in use are accepted: former ones are deleted. */
  accepted(): void {
    const { agent } = this;
    if (!this.#isCandidate && Number.isNaN(this.#refusedTicks)) return;
    if (this.state === Get.Keep) return;
    const proven = this.#isCandidate ? agent.recall(CANDIDATE) : undefined;
    if (proven !== undefined && !agent.remember(STORED, proven)) return;
    agent.remember(CANDIDATE, undefined);
    this.stop();
    agent.uplink.onProven();
  }

  override stop(): void {
    super.stop();
    this.closeLine();
  }

  private closeLine(): void {
    this.#line?.close();
    this.#line = undefined;
  }

  wake(): void {
    this.#line?.retry();
  }

  logOut(onLoggedOut: () => void): void {
    this.stop();
    onLoggedOut();
  }

  // The actions of the states.

  recall(): Decision {
    if (this.#line !== undefined) return Decision.No;
    // New credentials first: they were requested because the former ones were refused.
    this.#isCandidate = this.load(CANDIDATE);
    if (this.#isCandidate || this.load(STORED)) return Decision.Yes;
    if (this.agent.config.given('bootstrapPassword') === undefined) return Decision.Other;
    this.useBootstrap();
    this.agent.hal.log('info', `asking for credentials as ${this.agent.config.deviceId}: accept it on the platform`);
    return Decision.No;
  }

  writeAsk(request: RequestWriter): void {
    const { config } = this.agent;
    const { deviceId } = config;
    const securityToken = config.given('securityToken');
    request.start(Method.Post).put(Path.Credentials);
    // Credentials are given only once: a proxy must not make them unreadable by a coding (RFC 9110 §12.5.3).
    if (!request.asksForIdentity) request.extra(NO_CODING);
    request.headers(Media.Credentials, Media.Credentials).text('{"id":');
    writeString(request, deviceId);
    if (securityToken !== undefined) {
      request.text(',"securityToken":');
      writeString(request, securityToken);
    }
    request.byte(0x7d);
  }

  read(body: Body): boolean {
    const tenant = textMember(body, Name.TenantId);
    const user = textMember(body, Name.UserName);
    const password = textMember(body, Name.Password);
    if (!isPlain(tenant) || !isPlain(user) || !isPlain(password) || tenant.includes('/')) return false;
    this.#tenant = tenant;
    this.#user = user;
    this.#password = password;
    return true;
  }

  wait(): undefined {
    this.endTrouble(false);
    const elapsedMs = this.agent.hal.clock.ticks() - this.#sinceTicks;
    const watched = elapsedMs < WATCHED_MS;
    if (!watched) this.#lateAsks++;
    const grown = watched
      ? Math.min(FIRST_WAIT_MS * GROWTH ** Math.min(this.#asks++, 20), WATCHED_MOST_MS)
      : Math.min(WATCHED_MOST_MS * GROWTH ** Math.min(this.#lateAsks, 20), MOST_MS);
    this.fireAfter(Math.round(grown * (0.75 + 0.25 * this.agent.hal.random())));
    return undefined;
  }

  keep(): Decision | undefined {
    const text = `${VERSION}\n${this.#tenant}\n${this.#user}\n${this.#password}\nend`;
    const isAgain = this.#line !== undefined;
    if (this.agent.remember(isAgain ? CANDIDATE : STORED, text)) {
      this.agent.hal.log('info', `accepted: this device is ${this.#tenant}/${this.#user}`);
      this.#isCandidate = isAgain;
      return Decision.Yes;
    }
    this.agent.hal.log('error', 'the flash refuses the credentials: trying again');
    this.fireAfter(KEEP_RETRY_MS);
    return undefined;
  }

  refused(): undefined {
    const { hal, config } = this.agent;
    const isAsked = config.given('bootstrapPassword') !== undefined;
    if (this.trouble === undefined) {
      hal.log(
        'error',
        isAsked
          ? 'the platform gives no credentials: check bootstrapUser, its password and securityToken'
          : 'bootstrapPassword: missing; it is needed to ask for the credentials of this device',
      );
    }
    this.failAt(Get.Ask, 'credentials', isAsked ? 'refused' : 'bootstrapPassword is missing', MOST_MS);
    this.fireWhenDue();
    return undefined;
  }

  ready(): undefined {
    this.closeLine();
    this.use(this.#isCandidate ? this : undefined);
    return undefined;
  }

  doubt(): Decision | undefined {
    const { config, hal } = this.agent;
    const ticks = hal.clock.ticks();
    if (Number.isNaN(this.#refusedTicks)) {
      this.#refusedTicks = ticks;
      hal.log('error', 'the platform refuses the credentials of this device: they are tried again and again');
    }
    const isAsking = config.rebootstrapAfterMs > 0 && config.given('bootstrapPassword') !== undefined;
    const waitMs = isAsking ? this.#refusedTicks + config.rebootstrapAfterMs - ticks : Infinity;
    if (waitMs <= 0) return Decision.Yes;
    const swapMs = this.agent.recall(CANDIDATE) === undefined ? Infinity : SWAP_MS;
    if (Math.min(waitMs, swapMs) < Infinity) this.fireAfter(Math.min(waitMs, swapMs));
    return undefined;
  }

  swap(): Decision {
    if (this.load(this.#isCandidate ? STORED : CANDIDATE)) {
      this.#isCandidate = !this.#isCandidate;
      this.use(this);
    }
    return Decision.Yes;
  }

  again(): Decision {
    this.#refusedTicks = this.agent.hal.clock.ticks();
    this.#sinceTicks = this.#refusedTicks;
    this.#line = this.agent.uplink.bootstrapLine(this.bootstrap());
    this.agent.hal.log(
      'warn',
      `asking for new credentials as ${this.agent.config.deviceId}: accept it on the platform`,
    );
    return Decision.Yes;
  }

  /** Loads the credentials of this name. False: there are none, or they cannot be read. */
  private load(name: string): boolean {
    const stored = this.agent.recall(name);
    if (stored === undefined) return false;
    const [tenant, user, password] = storedCredentials(stored);
    if (!tenant || !user || !password) {
      this.agent.hal.log('warn', 'the stored credentials cannot be read');
      return false;
    }
    this.#tenant = tenant;
    this.#user = user;
    this.#password = password;
    return true;
  }

  private use(authority: Authority | undefined): void {
    // Requests that were refused with the former credentials may succeed with these.
    this.agent.troubles.hurry();
    this.agent.uplink.onCredentials(this.#user, basic(`${this.#tenant}/${this.#user}`, this.#password), authority);
  }

  private useBootstrap(): void {
    this.agent.uplink.onBootstrap(this.bootstrap());
  }

  /** The Authorization of the bootstrap user. */
  private bootstrap(): Uint8Array {
    const { config } = this.agent;
    return basic(config.text('bootstrapUser'), config.text('bootstrapPassword'));
  }
}

const BASIC = ascii('Basic ');

/** Tenant, user and password of a stored text; an empty list if the text has another form. */
export function storedCredentials(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.length === 5 && lines[0] === VERSION && lines[4] === 'end' ? lines.slice(1, 4) : [];
}

/** The value of an Authorization header (RFC 7617). */
export function basic(user: string, password: string): Uint8Array {
  return base64(utf8(`${user}:${password}`), BASIC);
}

function textMember(body: Body, name: Uint8Array): string | undefined {
  const at = member(body.bytes, 0, body.end, name);
  return at < 0 ? undefined : readString(body.bytes, at, body.end);
}

/** Whether the text fits a header and the stored text: 1 to 256 characters, no control characters. */
function isPlain(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text.length <= 256 && !CONTROL.test(text);
}
