// SPDX-License-Identifier: Apache-2.0
/** The deterministic core of the emulated platform: requests in, answers out, with injected time and randomness. */

import { Call } from './calls/call.ts';
import { checkHeaders, checkMediaType } from './calls/conformance.ts';
import { GuardedReply } from './calls/guarded.ts';
import { Router } from './calls/router.ts';
import { TrackedReply } from './calls/tracked.ts';
import { type Controlled, control } from './control/control.ts';
import { Core } from './core/core.ts';
import { LoggedRequest } from './core/request-log.ts';
import type { Fault, OrderedFault } from './faults.ts';
import { DisturbedReply, isOfAnswer, statusAnswer } from './http/disturbed.ts';
import { errorAnswer, forbidden, PlatformError, textOf } from './http/http.ts';
import type { PlatformOptions, PlatformRequest, Reply, User, UserKind } from './model.ts';
import { expireSessions } from './operations/bayeux-session.ts';
import { routes } from './routes.ts';
import type { Breach } from './rules.ts';
import type { Settings } from './settings.ts';
import { Witness } from './stream/witness.ts';
import { type Identification, identify } from './tenant/auth.ts';
import { enrolmentIdentity, enrolPath } from './tenant/enrolment.ts';
import { accessTokenPath, certificateUser, issueToken } from './tenant/tokens.ts';

/** An emulated tenant. Its behaviour only depends on requests, ordered faults, and injected time and randomness. */
export class Platform implements Controlled {
  /** The whole state, for tests that look inside. */
  readonly core: Core;
  readonly #router = new Router(routes);
  #witness: Witness | undefined;

  constructor(options: PlatformOptions) {
    this.core = new Core(options);
  }

  /** Breaches of the protocol by devices, oldest first. */
  get breaches(): readonly Breach[] {
    return this.core.breaches;
  }

  /** Requests so far, oldest first, without those to the emulator's own API. */
  get requests(): readonly LoggedRequest[] {
    return this.core.requests.lines;
  }

  /** Settings that may be changed while the emulator runs. */
  get settings(): Settings {
    return this.core.settings;
  }

  /** Records everything that happens from now on; returns the recorder. */
  watch(): Witness {
    this.#witness ??= new Witness(this.core);
    return this.#witness;
  }

  /** Orders a fault; the id is for `cancel`. */
  order(fault: Fault): number {
    const id = this.core.faults.order(fault);
    this.#tellFaults();
    return id;
  }

  /** Orders that are not used up. */
  get faults(): OrderedFault[] {
    return this.core.faults.list();
  }

  /** Cancels one order, or all. */
  cancel(id?: number): void {
    this.core.faults.cancel(id);
    this.#tellFaults();
  }

  /** Expires the tokens of a device user, or all, now. */
  expireTokens(user?: string): void {
    this.core.tokens.expire(user === undefined ? {} : { user });
  }

  /** Ends the Bayeux sessions of a device user, or all, now; their clients get 402. */
  expireSessions(user?: string): void {
    expireSessions(this.core, user);
  }

  /** The device has lost power or memory: repetitions of earlier requests are no breaches. */
  forgive(user: string): void {
    this.core.ledger.forgive(user, this.core.lastRequest);
  }

  /** Reports a message that the HTTP layer could not read. */
  malformed(what: string): void {
    this.core.breach('header', what, '', '');
  }

  /** Answers a request, at once or later. Never throws. */
  handle(request: PlatformRequest, reply: Reply): void {
    const guarded = new GuardedReply(reply, this.core);
    if (!this.core.guard(() => this.#handle(request, guarded))) guarded.fail();
  }

  #handle(request: PlatformRequest, reply: Reply): void {
    const target = request.path.replace(/^https?:\/\/[^/]*/i, '');
    const question = target.indexOf('?');
    const path = question < 0 ? target : target.slice(0, question);
    const query = question < 0 ? noQuery : new URLSearchParams(target.slice(question + 1));
    if (path.startsWith('/emulator/')) {
      const { method, headers, body, origin } = request;
      control(this, { method, path, query, headers, body, origin }, reply);
      return;
    }
    const identity = this.#identify(request, path);
    const user = identity.user ?? stranger;
    const entry = this.#log(request, identity.user ?? identity.holder ?? stranger);
    const tracked = new TrackedReply({ core: this.core, entry, reply });
    const faults = this.#takeFaults(request, target, path, user);
    const isExpired = faults.some((fault) => fault.kind === 'expireToken');
    if (isExpired && identity.token !== undefined) this.core.tokens.expire({ token: identity.token });
    const outer = this.#disturb(faults, tracked, entry);
    const call = new Call({
      core: this.core,
      number: entry.number,
      request,
      reply: outer,
      user,
      token: identity.token,
      path,
      query,
    });
    outer.onClose = () => call.onLost?.();
    const run = () => this.#run(call, isExpired ? identify(this.core, request) : identity);
    this.#begin(call, faults, tracked, run);
  }

  #takeFaults(request: PlatformRequest, target: string, path: string, user: User): readonly Fault[] {
    if (this.core.faults.isEmpty) return noFaults;
    const taken = this.core.faults.takeFor({
      method: request.method,
      path,
      user: user.name,
      isOperator: user.kind === 'operator',
      text: `${target}\n${textOf(request.body) ?? ''}`,
    });
    if (taken.length > 0) this.#tellFaults();
    return taken;
  }

  #tellFaults(): void {
    this.core.witness?.say({ kind: 'faults', faults: this.faults });
  }

  /** Applies the faults that act before the request. */
  #begin(call: Call, faults: readonly Fault[], tracked: TrackedReply, run: () => void): void {
    let delayMs = 0;
    for (const fault of faults) {
      if (fault.kind === 'expireToken' && call.token !== undefined) this.#applied(fault);
      if (fault.kind === 'dropBefore') {
        this.#applied(fault);
        tracked.drop();
        return;
      }
      if (fault.kind === 'status' && fault.applied !== true) {
        this.#applied(fault);
        const { headers, body } = statusAnswer(fault);
        call.begin(fault.status, headers);
        call.reply.end(body);
        return;
      }
      if (fault.kind === 'delay' && fault.after !== true) {
        this.#applied(fault);
        delayMs += fault.ms;
      }
      if (fault.kind === 'cut') this.core.scheduler.set(() => this.#cut(call, tracked, fault), fault.ms);
    }
    if (delayMs === 0) {
      run();
      return;
    }
    this.core.scheduler.set(() => {
      // A request whose connection was lost while it waited is dropped.
      if (tracked.isDone || this.core.ledger.isForgiven(call.number, call.user.name)) tracked.drop();
      else if (!this.core.guard(run)) tracked.drop();
    }, delayMs);
  }

  #applied(fault: Fault): void {
    this.core.faults.onApplied?.(fault);
  }

  #cut(call: Call, tracked: TrackedReply, fault: Fault): void {
    if (tracked.isDone) return;
    this.#applied(fault);
    tracked.drop();
    call.onLost?.();
  }

  /** Wraps the reply in faults that act on the answer. */
  #disturb(faults: readonly Fault[], tracked: TrackedReply, entry: LoggedRequest): Reply {
    const { scheduler, ledger } = this.core;
    let reply: Reply = tracked;
    for (const fault of faults) {
      const { kind } = fault;
      if (kind === 'status' || kind === 'truncate' || kind === 'empty')
        ledger.lose(entry.number, entry.user, entry.path);
      if (kind === 'status' && isRefusal(fault.status)) ledger.refuse(entry.number, entry.path);
      if (kind === 'delay' || kind === 'trickle') ledger.disturb(entry.number, entry.user);
      if (isOfAnswer(fault)) {
        reply = new DisturbedReply({ fault, reply, scheduler, onApplied: () => this.#applied(fault) });
      }
    }
    return reply;
  }

  #run(call: Call, identity: Identification): void {
    try {
      if (identity.breach !== undefined) call.breach(identity.breach.rule, identity.breach.what);
      checkHeaders(call);
      if (identity.error !== undefined) throw identity.error;
      this.#dispatch(call);
    } catch (error) {
      if (error instanceof PlatformError) {
        call.answer(errorAnswer(error));
      } else throw error;
    }
  }

  #dispatch(call: Call): void {
    if (call.path === accessTokenPath && call.method === 'POST') {
      call.answer(issueToken(call));
      return;
    }
    if (call.request.port === 'token') {
      call.breach('token-endpoint', 'other resource on the port for certificates');
      throw new PlatformError(404, 'general/Not Found', 'Only deviceAccessToken is served here');
    }
    const match = this.#find(call);
    if (match.route === undefined) {
      call.breach('unknown-resource', `${call.method} ${call.path}`);
      if (match.otherMethods.length === 0)
        throw new PlatformError(404, 'general/Not Found', `No resource ${call.path}`);
      throw new PlatformError(405, 'general/Method Not Allowed', `Allowed: ${match.otherMethods.join(', ')}`);
    }
    call.params = match.params;
    if (!(match.route.users ?? everybody).includes(call.user.kind)) {
      call.breach('operator-api', `not for ${call.user.kind} users`);
      throw forbidden();
    }
    checkMediaType(call, match.route);
    const answer = match.route.handle(call);
    if (answer !== undefined) call.answer(answer);
  }

  #find(call: Call): ReturnType<Router['find']> {
    if (/\/(?:\/|$)/.test(call.path)) call.breach('unknown-resource', `${call.path} has an empty segment`);
    try {
      return this.#router.find(call.method, call.path);
    } catch {
      call.breach('unknown-resource', 'path cannot be decoded');
      throw new PlatformError(400, 'undefined/invalidInput', 'Path cannot be decoded');
    }
  }

  /**
   * Identifies the caller: certificates and one-time passwords authenticate on their own resources, the Authorization
   * header on all others.
   */
  #identify(request: PlatformRequest, path: string): Identification {
    if (path === accessTokenPath) return { user: certificateUser(this.core, request) };
    if (path === enrolPath) return enrolmentIdentity(this.core, request);
    return identify(this.core, request);
  }

  #log(request: PlatformRequest, user: User): LoggedRequest {
    const entry = new LoggedRequest({
      number: this.core.nextRequest(),
      method: request.method,
      path: request.path,
      user: user.name,
      port: request.port,
      connection: request.connection ?? 0,
      sizeBytes: request.sizeBytes ?? request.body.length,
      timeMs: this.core.now(),
      headers: request.headers,
      body: request.body,
    });
    this.core.requests.add(entry);
    this.core.witness?.asked(entry, request);
    return entry;
  }
}

const noQuery = new URLSearchParams();
const noFaults: readonly Fault[] = [];
const everybody: readonly UserKind[] = ['operator', 'device'];
/** The user of unidentified callers; the rules of devices apply to it. */
const stranger: User = { tenant: '', name: '', kind: 'device', password: undefined, enabled: true };

/** Whether the status allows the device to give up the request. */
function isRefusal(status: number): boolean {
  return (status >= 400 && status < 500 && ![401, 408, 429].includes(status)) || status === 501;
}
