// SPDX-License-Identifier: Apache-2.0

import { Machine } from '../../base/machine.ts';
import { Decision, Signal } from '../../base/outcome.ts';
import { LEASH_MS } from '../../base/request-line.ts';
import { pauseMs } from '../../base/trouble.ts';
import { Media, Path, Query } from '../../cumulocity/wire.ts';
import { Failure, failureText } from '../../http/failure.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import { readString } from '../../json/scan.ts';
import { ElementSplitter } from '../../json/splitter.ts';
import type { EventFollower } from '../../timers/event-scope.ts';
import type { Deadline } from '../../timers/timers.ts';
import { UNKNOWN_MS } from '../records/telemetry.ts';
import { Is, Limit, OPERATIONS, POLL_FAILS, UNREADABLE } from './backlog-limits.ts';
import { type BacklogActions, backlogTable, EXECUTING, LISTS, List, PENDING } from './backlog-table.ts';
import { Intake, MOST_WAITING, Source, Taken } from './intake.ts';
import type { Operation } from './operation.ts';
import type { OperationsBase } from './operations-base.ts';

/** Takes in every operation for this device, pushed or listed. */
export class Backlog extends Machine<OperationsBase> implements EventFollower, BacklogActions {
  readonly intake: Intake;
  /** Set while a list arrives. */
  #splitter: ElementSplitter | undefined;
  /** Bits of `Is`. */
  #flags = 0;
  #page = 1;
  #elements = 0;
  #fresh = 0;
  /** Of the present listing: operations that the platform did not let begin. */
  #refused = 0;
  /** Ends the wait of skipped operations for their child. */
  #patience: Deadline | undefined;
  /** The wait after which one operation that the platform did not let begin is tried again. */
  #probe: Deadline | undefined;
  /** The number of such waits since an operation could last begin. */
  #leaves = 0;
  /** The number of lists in place of the long poll since it last worked. */
  #asks = 0;
  /** Operations that were pushed while a list was due. */
  #held: Uint8Array[] | undefined;

  constructor(agent: OperationsBase) {
    super(agent, backlogTable);
    this.intake = new Intake(agent);
    agent.timers.scope.last = this;
    this.enter(List.Fresh);
  }

  /** Lists EXECUTING operations, once the board is registered. A second call does nothing. */
  start(): void {
    if (this.state === List.Fresh) this.fire(Signal.Wake);
  }

  /** Lists PENDING operations, now or as soon as possible. */
  refresh(): void {
    this.#flags |= Is.Again;
    if (this.state === List.Idle) this.fire(Signal.Wake);
  }

  /** Lists skipped operations again: a child was registered, or the wait for it is over. */
  review(): void {
    if (!this.is(Is.Passed)) return;
    this.#flags = (this.#flags | Is.Review) & ~Is.Passed;
    this.refresh();
  }

  override onDeadline(deadline?: Deadline): void {
    if (deadline !== undefined && deadline === this.#patience) this.review();
    else if (deadline !== undefined && deadline === this.#probe) {
      this.intake.journal.forgetLeft(false);
      this.refresh();
    } else {
      if (LISTS.includes(this.state)) this.fail(`requests: ${this.stateName}`, failureText(Failure.NoAnswer));
      super.onDeadline();
    }
  }

  /**
   * Takes a pushed operation. It waits while a list, which may have older ones, is due or executed: operations run in
   * order of creation. A failing list is requested once more; then the wait ends.
   */
  push(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    const isFree = this.state === List.Idle && !this.is(Is.Again);
    const { trouble } = this;
    const isFailing = trouble !== undefined && this.isListFailing;
    const heldBytes = this.#held?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    const waits = !elided && heldBytes + to - from <= Limit.HeldBytes;
    if (isFree || (isFailing && (!waits || trouble.leastTicks > this.agent.hal.clock.ticks()))) {
      this.#flags &= ~Is.Crowded;
      this.accept(bytes, from, to, elided, Source.Push);
      if (isFree && !this.is(Is.Crowded | Is.Again)) return;
    } else if (waits) {
      this.#held ??= [];
      this.#held.push(bytes.slice(from, to));
      if (isFailing) {
        this.hasten();
        if (heldBytes === 0) this.fireAfter(LEASH_MS);
      }
    }
    this.refresh();
  }

  /** As `refresh`, and ends the pause after a failed list, except one that the platform wants (Retry-After). */
  hasten(): void {
    const { trouble } = this;
    if (trouble !== undefined && trouble.leastTicks <= this.agent.hal.clock.ticks()) {
      trouble.dueTicks = 0;
      this.retry();
    }
    this.refresh();
  }

  /** Ends the pause after a failed list. A list under way goes on: for it, the end of a wait would be that of its time. */
  override retry(): void {
    if (LISTS.includes(this.state)) return;
    this.cease();
    this.fire(this.state === List.Idle ? Signal.Wake : Signal.Time);
  }

  /** The long poll does not work or is parked for a transfer: lists operations once a minute until it works. */
  watch(): void {
    this.#flags &= ~Is.Polled;
    if (this.state === List.Idle && !this.isTimed) this.fireAfter(Limit.AskMs);
  }

  /** The long poll works: resets the count of lists in place of it. */
  relax(): void {
    this.#flags |= Is.Polled;
    if (this.#asks > Limit.ManyAsks) this.agent.board.event('fractus_LongPollWorks', 'The long poll works again');
    this.#asks = 0;
  }

  /** Begins new operations at the end of the event, when all that it brought are in line. */
  afterEvent(): void {
    if (!this.is(Is.Accepted)) return;
    this.#flags &= ~Is.Accepted;
    this.intake.begin();
  }

  override stop(): void {
    super.stop();
    this.#probe?.stop();
    this.#patience?.stop();
    this.intake.stop();
  }

  rewind(): void {
    this.#splitter?.reset();
    this.#elements = 0;
    this.#fresh = 0;
    this.#flags &= ~Is.Crowded;
  }

  /** Called by the splitter for each operation of the list. */
  onElement(bytes: Uint8Array, from: number, to: number, elided: boolean): void {
    this.#elements++;
    const source = this.state === List.Executing ? Source.Executing : Source.Pending;
    if (this.accept(bytes, from, to, elided, source)) this.#fresh++;
  }

  /** Called by the splitter: whether a device has a capability of the name in `[from, to)`. */
  keeps(bytes: Uint8Array, from: number, to: number): boolean {
    const name = readString(bytes, from, to);
    return name !== undefined && this.agent.devices.some((device) => device.capability(name) !== undefined);
  }

  // The actions of the states.

  writeList(request: RequestWriter): void {
    if (this.state === List.Pending) this.#flags &= ~Is.Again;
    request.start(Method.Get).put(Path.Operations).put(Query.AgentId).put(this.agent.board.idBytes).put(Query.Status);
    request.put(this.state === List.Pending ? PENDING : EXECUTING).put(Query.PageSize);
    request.integer(MOST_WAITING).put(Query.CurrentPage).integer(this.#page);
    request.headers(undefined, Media.OperationCollection);
  }

  split(): ElementSplitter {
    this.#splitter ??= new ElementSplitter(OPERATIONS, this);
    return this.#splitter;
  }

  listed(): boolean {
    return this.#splitter?.end() === true && this.#splitter.found;
  }

  sorted(): Decision {
    const isMore = this.#elements >= MOST_WAITING || (this.#elements > 0 && this.#splitter?.more === true);
    this.#splitter = undefined;
    this.#held = undefined;
    const most = this.#leaves > 1 ? 1 : Limit.MostRefused;
    if (this.#refused >= most || this.#page >= Limit.MostPages || !(isMore || this.is(Is.Crowded))) {
      this.#page = 1;
      return Decision.No;
    }
    this.#page = this.#fresh === 0 ? this.#page + 1 : 1; // A full page without new ones: they stay in the list.
    return this.#fresh === 0 ? Decision.Again : Decision.Yes;
  }

  drained(): Decision | undefined {
    return this.intake.waiting <= this.few ? Decision.Yes : undefined;
  }

  idle(): Decision | undefined {
    if (!this.is(Is.Recovered)) {
      this.#flags |= Is.Recovered;
      this.agent.onRecovered();
    }
    if (!this.agent.isListening) this.watch();
    if (!this.is(Is.Again | Is.Review) || this.intake.waiting > this.few) return undefined;
    this.cease();
    if (this.is(Is.Review)) {
      this.#flags &= ~(Is.Review | Is.Recovered);
      return Decision.Again;
    }
    this.#refused = 0;
    return Decision.Yes;
  }

  ask(): Decision {
    this.cease();
    if (this.agent.isListening) return Decision.Yes;
    this.#flags |= Is.Again;
    if (!this.agent.uplink.poll.isParked && ++this.#asks === Limit.ManyAsks + 1)
      this.agent.board.event('fractus_LongPollFails', POLL_FAILS);
    return Decision.Yes;
  }

  later(): undefined {
    this.fireWhenDue();
    if (!this.isListFailing) return;
    this.agent.onRecovered(); // Listening does not wait for the list either.
    this.#flags &= ~Is.Crowded;
    for (const bytes of this.#held ?? []) this.accept(bytes, 0, bytes.length, false, Source.Push);
    this.#held = undefined;
  }

  /** Whether the long poll works, and the lists that were due have arrived. */
  get isHealthy(): boolean {
    return this.is(Is.Polled) && this.trouble === undefined && !LISTS.includes(this.state);
  }

  /** Whether the list has failed for too long: pushed operations and the listener no longer wait for it. */
  private get isListFailing(): boolean {
    const waitMs = this.resumeTicks - this.agent.hal.clock.ticks();
    return (this.trouble?.failures ?? 0) >= Limit.MostFailures || waitMs > Limit.LongMs;
  }

  /** Listing goes on when at most this many operations wait; 0 while the platform lets none begin. */
  private get few(): number {
    return this.#leaves > 1 ? 0 : Limit.FewWaiting;
  }

  private is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  /** Takes an operation. True: it was not known; without room for it, it has to be listed again. */
  private accept(bytes: Uint8Array, from: number, to: number, elided: boolean, source: number): boolean {
    const { intake, agent } = this;
    intake.most = this.#leaves > 1 ? 1 : MOST_WAITING;
    const taken = intake.take(bytes, from, to, elided, source);
    if (taken === Taken.Yes) this.#flags |= Is.Accepted;
    else if (taken === Taken.NoRoom) this.#flags |= Is.Crowded;
    else if (taken === Taken.InDoubt) this.#flags |= Is.Again;
    else if (taken === Taken.Unreadable && !this.is(Is.Told)) {
      this.#flags |= Is.Told;
      agent.hal.log('warn', UNREADABLE);
    } else if (taken === Taken.ForLater) {
      this.#flags |= Is.Passed;
      this.#patience ??= agent.timers.create(this);
      // Later than that, the child is declared but not registered yet, which may take longer.
      this.#patience.start(agent.upMs < UNKNOWN_MS ? UNKNOWN_MS - agent.upMs : UNKNOWN_MS);
    }
    return taken === Taken.Yes || taken === Taken.NoRoom;
  }

  /** Called by an executor: the platform has let an operation begin, so those that it had not let are tried again. */
  onBegun(): void {
    const wasLasting = this.#leaves > 1;
    this.#leaves = 0;
    this.#page = 1; // It leaves the list: those behind it move up, perhaps by a page.
    if (!wasLasting) return;
    this.#probe?.stop();
    this.intake.journal.forgetLeft(true);
    this.refresh();
  }

  /** Called by an executor: the operation has ended, or the platform did not let it begin. */
  onDone(operation: Operation): void {
    this.intake.onDone(operation);
    if (!operation.finished) {
      this.#refused++;
      this.#probe ??= this.agent.timers.create(this);
      if (!this.#probe.active) this.#probe.start(Limit.ProbeMs + pauseMs(++this.#leaves, this.agent.hal.random()));
    }
    if (this.intake.waiting <= this.few) this.fire(Signal.Ended);
  }
}
