// SPDX-License-Identifier: Apache-2.0

import type { Hal, Target } from '../../../hal/hal.ts';
import { ANSWERED, type Contact } from '../../base/request-line.ts';
import type { Troubles } from '../../base/trouble.ts';
import { ascii, NO_BYTES } from '../../bytes/text.ts';
import { Channel } from '../../http/channel.ts';
import { type Identity, identityOf } from '../../http/request.ts';
import { Transport } from '../../http/transport.ts';
import { offered } from '../../offered.ts';
import type { DeadlineOwner, Timers } from '../../timers/timers.ts';
import type { Authority, AuthorityBase, AuthorityPart, Lines } from './authority.ts';
import { Credentials } from './credentials.ts';
import { type Escalation, type EscalationPart, type OutageBase, RESTARTED } from './escalation.ts';
import { Requests } from './requests.ts';
import { SideConnections } from './side-connections.ts';
import { targetOf } from './target.ts';
import { Timekeeper, type TimekeeperOwner } from './timekeeper.ts';
import { userAgentOf } from './user-agent.ts';

const REQUEST_BYTES = 768;
/** Extra room for a token, which is longer than a password. Without it each request would create a larger buffer. */
const TOKEN_BYTES = 1024;
const REQUEST_MAX_BYTES = 16_384;
const RECEIVE_BYTES = 512;

/** The services of the agent that the uplink uses, and the receivers of its reports. */
export interface UplinkBase extends AuthorityBase, OutageBase, TimekeeperOwner {
  readonly parts: readonly Partial<EscalationPart & AuthorityPart & { readonly flashQueue: unknown }>[];
  readonly uplink: AuthorityBase['uplink'] & OutageBase['uplink'];
  readonly backlog: {
    /** The long poll is parked for a transfer, so operations are listed in place of it. */
    watch(): void;
  };
  /** The uplink has credentials: the devices can be registered. */
  register(): void;
}

/** The way to the platform: its lines, its authority, and the consequences of each answer. */
export class Uplink implements Contact, DeadlineOwner, Lines {
  readonly requests: Requests;
  /** The line of the long poll; the same as `requests` if there is only one connection. */
  readonly poll: Requests;
  readonly transfers: SideConnections;
  readonly #agent: UplinkBase;
  readonly transport: Transport;
  readonly #timekeeper: Timekeeper;
  /** Undefined for basic authentication with accepted credentials. May be replaced before the start. */
  authority: Authority | undefined;
  #user = '';
  /** Set while no exchange succeeds, in a firmware with the part `escalation`. */
  #outage: Escalation | undefined;
  #hasSucceeded = false;

  constructor(agent: UplinkBase) {
    this.#agent = agent;
    const { config, hal, timers } = agent;
    this.#timekeeper = new Timekeeper(hal, agent);
    this.transport = new Transport({
      network: hal.network,
      timers,
      receiveBytes: RECEIVE_BYTES,
      requestBytes: config.certificateAuth ? REQUEST_BYTES + TOKEN_BYTES : REQUEST_BYTES,
      requestMaxBytes: REQUEST_MAX_BYTES,
      userAgent: userAgentOf(hal.board.firmware),
    });
    const target = targetOf(config.endpoint, { ca: config.ca });
    this.requests = this.line('requests', target);
    this.poll = config.connections === 1 ? this.requests : this.line('long poll', target);
    this.transfers = new SideConnections(agent, this);
    const certificate = config.certificateAuth ? offered(agent.parts, 'certificate') : undefined;
    this.authority = certificate?.(agent, this) ?? new Credentials(agent);
  }

  start(delayMs: number): void {
    if (!this.hal.network.up) this.escalate();
    if (delayMs > 0) this.timers.create(this).start(delayMs);
    else this.onDeadline();
  }

  onDeadline(): void {
    this.authority?.start();
  }

  /** Sends nothing more, so that no waiting request goes out while the activities stop one after the other. */
  hold(): void {
    this.requests.hold();
    this.poll.hold();
    this.transfers.stop();
    this.#outage?.stop();
  }

  /** Ends the session on the platform and closes the lines, after `hold`; takes a second at most. */
  logOut(onLoggedOut: () => void): void {
    if (this.poll !== this.requests) this.poll.close();
    const close = () => {
      this.requests.close();
      onLoggedOut();
    };
    if (this.authority === undefined) close();
    else this.authority.logOut(close);
  }

  /** The user of this device on the platform; empty before the first credentials. */
  get user(): string {
    return this.#user;
  }

  onLink(up: boolean): void {
    if (!up) {
      this.escalate();
      return;
    }
    this.#agent.troubles.hurry();
    this.requests.retry();
    this.poll.retry();
    this.authority?.wake();
  }

  /** Ends all pauses and makes new connections for the lines that fail. */
  reconnect(): void {
    const lines = this.poll === this.requests ? [this.requests] : [this.requests, this.poll];
    const troubled = lines.filter((line) => line.isTroubled);
    this.#agent.troubles.hurry();
    for (const line of troubled) line.reconnect();
  }

  // Called by the authority.

  /** From now on requests are sent as the bootstrap user, only to get the credentials. */
  onBootstrap(authorization: Uint8Array): void {
    this.requests.identify(this.identity(authorization));
    this.requests.release();
  }

  /** From now on requests are sent as this device. `authority` handles a later 401; undefined: none is needed. */
  onCredentials(user: string, authorization: Uint8Array, authority: Authority | undefined): void {
    if (this.#agent.stopped) return;
    const isFirst = this.#user === '';
    this.#user = user;
    this.authority = authority;
    const identity = this.identity(authorization);
    this.requests.identify(identity);
    this.poll.identify(identity);
    this.requests.release();
    this.poll.release();
    if (isFirst) this.#agent.register();
  }

  /** From now on the poll is sent with this value; other requests keep theirs for the moment. */
  pollAs(authorization: Uint8Array): void {
    if (this.poll !== this.requests) this.poll.identify(this.identity(authorization));
  }

  /** Makes a line of the bootstrap user, which asks for credentials while the other lines go on. */
  bootstrapLine(authorization: Uint8Array): Requests {
    const { endpoint, ca } = this.#agent.config;
    const line = this.line('credentials', targetOf(endpoint, { ca }));
    line.identify(this.identity(authorization));
    line.release();
    return line;
  }

  /** The credentials are accepted: the authority is no longer needed. */
  onProven(): void {
    this.authority = undefined;
  }

  // Contact

  get hal(): Hal {
    return this.#agent.hal;
  }

  get timers(): Timers {
    return this.#agent.timers;
  }

  get troubles(): Troubles {
    return this.#agent.troubles;
  }

  onSuccess(requests: Requests, isProof: boolean, dateMs: number): void {
    this.#outage?.stop();
    this.#outage = undefined;
    if (isProof || !Number.isNaN(dateMs)) this.#timekeeper.observe(dateMs, requests.ageMs);
    if (!isProof) return;
    const isOwn = requests === this.requests || requests === this.poll;
    if (isOwn && requests.isCurrent) this.authority?.accepted();
    if (this.#hasSucceeded) return;
    this.#hasSucceeded = true;
    this.#agent.remember(RESTARTED, undefined);
  }

  onTrouble(failure: number): void {
    if (this.#agent.stopped) return;
    // An error answer does not begin an outage.
    if (failure !== ANSWERED) this.escalate();
    this.#outage?.onTrouble(failure);
  }

  onDenied(): boolean {
    this.authority ??= new Credentials(this.#agent);
    return this.authority.denied();
  }

  private escalate(): void {
    this.#outage ??= offered(this.#agent.parts, 'escalation')?.(this.#agent);
  }

  private identity(authorization: Uint8Array): Identity {
    return identityOf(ascii(this.#agent.config.endpoint.authority), authorization);
  }

  line(name: string, target: Target): Requests {
    return new Requests(name, new Channel({ transport: this.transport, target, identity: NO_BYTES }), this);
  }
}
