// SPDX-License-Identifier: Apache-2.0

import { Machine } from '../../base/machine.ts';
import { Decision } from '../../base/outcome.ts';
import { BayeuxSession, Reconnect } from '../../cumulocity/bayeux.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { CookieJar, type CookieOwner } from '../../http/cookies.ts';
import { Failure, failureText } from '../../http/failure.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import { elementList } from '../../json/element-list.ts';
import { ElementSplitter } from '../../json/splitter.ts';
import { backoffMs } from '../uplink/backoff.ts';
import type { Requests } from '../uplink/requests.ts';
import { Listen, type ListenerActions, listenTable } from './listener-table.ts';
import type { OperationsBase } from './operations-base.ts';

/** Between two polls the platform keeps messages for this long. */
const BUFFERED_MS = 10_000;
/** A poll that is silent for this much longer than agreed counts as lost. */
const GRACE_MS = 15_000;
/** The longest silence of a long poll: the platform sends a blank every ten minutes. */
const HEARTBEAT_MS = 750_000;
const SHORT_POLL_MS = 5000;
const REST_MS = 60_000;
/** A poll that is held for this long shows that polling works, even if it breaks later. */
const LONG_HELD_MS = 10_000;
/** The reason when a poll gets no answer. Until its time is over, it looks like a poll that the platform holds. */
const SILENT = failureText(Failure.NoAnswer);
/** After this many polls in a row that are refused without advice, or fail with cookies, a new session is started. */
const MOST_REFUSALS = 3;
/** An empty poll that ends sooner is hasty. Pauses after hasty polls stay below `BUFFERED_MS`. */
const HASTY_MS = 1000;
const MOST_HASTY_PAUSE_MS = 8000;
/** Flags of the listener. They are bits, because a field for each would take 16 bytes. */
const Is = {
  /** A poll was answered since the subscription, and since the last poll without an answer. */
  Proven: 1,
  /** A cookie was left out, and this was logged. */
  LeftOut: 2,
} as const;
const MESSAGES = elementList({ bufferBytes: 512, bufferMaxBytes: 4096, memberDepth: 2 });
/** The cookies of two load balancers (two each), of the servlet container and of Bayeux take half of it. */
const COOKIE_MAX_BYTES = 2048;

/** Keeps a long poll open and gives its operations to the backlog. */
export class Listener extends Machine<OperationsBase> implements CookieOwner, ListenerActions {
  readonly #jar = new CookieJar(COOKIE_MAX_BYTES, Path.Notifications, this);
  readonly #session: BayeuxSession;
  /** Set while an answer arrives. */
  #splitter: ElementSplitter | undefined;
  /**
   * Ticks since which the platform waits for a poll: the last one has ended, or the session has begun. With only one
   * connection, a poll keeps all other requests waiting, so it goes last.
   */
  patientTicks = 0;
  #polls = 0;
  /** Ticks at which the current poll was sent. */
  #askedTicks = 0;
  /** The number of hasty polls in a row. The first poll after a subscription usually is hasty. */
  #hasty = 0;
  /** Bits of `Is`. */
  #flags = 0;
  /** The id of the managed object that is subscribed. */
  #subscribed: Uint8Array | undefined;

  constructor(agent: OperationsBase) {
    super(agent, listenTable);
    this.#session = new BayeuxSession(agent.backlog);
  }

  /** Starts to listen. A second call does nothing. */
  start(): void {
    if (this.state < 0) this.enter(Listen.Handshake);
  }

  /** Starts over if the board has another managed object than the subscribed one. */
  renew(): void {
    if (this.state >= 0 && this.#subscribed !== this.agent.board.idBytes) this.enter(Listen.Handshake);
  }

  /** Starts over because `pollTimeout` has changed, which is agreed at the handshake. */
  retime(): void {
    if (this.state >= 0) this.enter(Listen.Handshake);
  }

  /** Whether a poll is open, or follows after the advised pause. */
  get listening(): boolean {
    if (this.trouble !== undefined || this.requests.isParked) return false;
    return this.state >= Listen.Connect && this.state <= Listen.Pause;
  }

  override fail(what: string, reason: string, retryAfterMs?: number): void {
    const heldMs = this.agent.hal.clock.ticks() - this.#askedTicks;
    if (this.state === Listen.Connect && heldMs > LONG_HELD_MS && reason !== SILENT) this.endTrouble(false);
    if (reason === SILENT) this.#flags &= ~Is.Proven;
    this.cease();
    super.fail(what, reason, retryAfterMs);
    this.agent.backlog.watch();
    // A cookie may bind the session to a server that is gone. A handshake drops all cookies.
    if (this.#jar.value.end > 0 && (this.trouble?.failures ?? 0) % MOST_REFUSALS === 0) this.enter(Listen.Handshake);
  }

  /** A poll that is held shows that polling works, long before its answer. */
  override onDeadline(): void {
    if (this.state !== Listen.Connect) {
      super.onDeadline();
      return;
    }
    this.endTrouble(true);
    this.agent.backlog.relax();
  }

  /** Whether the Bayeux answer reports success: its HTTP status is 200 in any case. */
  protected override get isProgress(): boolean {
    return this.#session.successful;
  }

  protected override get requests(): Requests {
    return this.agent.uplink.poll;
  }

  get cookies(): CookieJar {
    return this.#jar;
  }

  nowMs(): number {
    const { clock, board } = this.agent.hal;
    return clock.now() ?? board.firmware.buildTimeMs;
  }

  onCookieLeftOut(): void {
    if ((this.#flags & Is.LeftOut) !== 0) return;
    this.#flags |= Is.LeftOut;
    this.agent.hal.log(
      'warn',
      `a cookie is left out: it is malformed, too long, or more than ${COOKIE_MAX_BYTES} bytes with the others`,
    );
  }

  /** Discards the partial answer of the last attempt. */
  rewind(): void {
    this.#splitter = undefined;
    this.#session.expect();
  }

  // The actions of the states.

  writeHandshake(request: RequestWriter): void {
    this.#jar.clear();
    this.#session.restart();
    this.begin(request);
    this.#session.writeHandshake(request, this.agent.runtime.pollTimeout * 1000);
  }

  writeSubscribe(request: RequestWriter): void {
    this.#subscribed = this.agent.board.idBytes;
    this.begin(request);
    this.#session.writeSubscribe(request, this.agent.board.idBytes);
  }

  writeConnect(request: RequestWriter): void {
    // A lost or late poll may mean a lost push, so PENDING operations are listed again.
    this.#askedTicks = this.agent.hal.clock.ticks();
    const late = this.#askedTicks - this.patientTicks > BUFFERED_MS + this.#session.intervalMs;
    if (this.#polls > 0 || late) this.agent.backlog.refresh();
    this.#polls++;
    if (this.trouble !== undefined && !this.isShort) this.fireAfter(LONG_HELD_MS);
    this.begin(request);
    this.#session.writeConnect(request, this.isShort ? SHORT_POLL_MS : -1);
  }

  split(): ElementSplitter {
    this.#splitter ??= new ElementSplitter(MESSAGES, this.#session);
    return this.#splitter;
  }

  understood(): boolean {
    const complete = this.#splitter?.end() === true;
    this.#splitter = undefined;
    return complete && this.#session.replied;
  }

  heard(): boolean {
    this.cease();
    this.patientTicks = this.agent.hal.clock.ticks();
    if (!this.understood()) return false;
    if (this.trouble?.reason === SILENT) this.endTrouble(true);
    this.#flags |= Is.Proven;
    this.#polls = 0;
    this.#hasty = this.#session.brought || this.patientTicks - this.#askedTicks >= HASTY_MS ? 0 : this.#hasty + 1;
    return true;
  }

  pollSilenceMs(): number {
    const asked = this.isShort ? SHORT_POLL_MS : this.agent.runtime.pollTimeout * 1000;
    const timeout = this.#session.timeoutMs;
    const agreedMs = Number.isNaN(timeout) || this.isShort ? asked : timeout;
    const silenceMs = Math.min(agreedMs, HEARTBEAT_MS) + GRACE_MS;
    // Blanks keep a poll alive, but not much longer than agreed: the platform does not send them for ever.
    const leftMs = this.#askedTicks + agreedMs + silenceMs - this.agent.hal.clock.ticks();
    return Math.max(1, Math.min(silenceMs, leftMs));
  }

  judge(): Decision {
    const session = this.#session;
    if (session.reconnect === Reconnect.None) return Decision.No;
    if (session.reconnect === Reconnect.Handshake) return Decision.Again;
    if (!session.successful) {
      if (session.errorCode === 403) return Decision.No;
      const refusals = (this.trouble?.failures ?? 0) + 1;
      return refusals % MOST_REFUSALS === 0 ? Decision.Again : Decision.Other;
    }
    if (this.state === Listen.Heard) this.agent.backlog.relax();
    return session.intervalMs > 0 || this.#hasty > 1 ? Decision.Other : Decision.Yes;
  }

  agreed(): Decision {
    const decision = this.judge();
    if (this.state === Listen.Greeted) this.patientTicks = this.agent.hal.clock.ticks();
    if (decision !== Decision.Other) return decision;
    return this.#session.successful ? Decision.Yes : Decision.Again;
  }

  subscribed(): Decision {
    const decision = this.agreed();
    if (decision !== Decision.Yes) {
      // 403: the managed object is gone, or has another owner, so the board is registered again.
      if (this.#session.errorCode === 403) this.agent.renew(this.agent.board);
      return decision;
    }
    this.#polls = 0;
    this.#flags &= ~Is.Proven;
    this.agent.hal.log('info', 'listening for operations');
    this.agent.backlog.hasten();
    return this.#session.intervalMs > 0 ? Decision.Other : Decision.Yes;
  }

  pause(): undefined {
    const { successful, intervalMs } = this.#session;
    if (!successful) return this.refuse('refused', intervalMs);
    // What is advised now is not cut short for an earlier trouble, which only a poll ends.
    if (this.trouble !== undefined) this.trouble.leastTicks = this.agent.hal.clock.ticks() + intervalMs;
    const hasty = this.#hasty;
    const hastyMs = hasty > 1 ? backoffMs(hasty, this.agent.hal.random(), HASTY_MS, MOST_HASTY_PAUSE_MS) : 0;
    this.fireAfter(intervalMs + hastyMs);
    return undefined;
  }

  restart(): undefined {
    return this.refuse('the session is lost', this.#session.intervalMs);
  }

  rest(): undefined {
    const leastMs = REST_MS * (0.75 + 0.5 * this.agent.hal.random());
    return this.refuse('the platform asks not to be called for now', leastMs);
  }

  /** Whether polls are short: other requests use the same connection, or no poll has been answered yet. */
  private get isShort(): boolean {
    return this.agent.config.connections === 1 || (this.#flags & Is.Proven) === 0;
  }

  private begin(request: RequestWriter): void {
    request.start(Method.Post).put(Path.Notifications).cookies(this.#jar);
    request.headers(Media.Json, Media.Json);
  }

  /**
   * Counts a refusal and begins the pause: `leastMs`, which nothing cuts short, and more, at first below `BUFFERED_MS`.
   * Only a poll that works ends the trouble.
   */
  private refuse(reason: string, leastMs: number): undefined {
    const { errorCode } = this.#session;
    const code = errorCode > 0 ? ` (${errorCode})` : '';
    this.failAt(Listen.Connect, 'long poll', `${reason}${code}`, leastMs);
    this.agent.backlog.watch();
    this.fireWhenDue();
  }
}
