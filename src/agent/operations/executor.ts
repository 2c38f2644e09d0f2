// SPDX-License-Identifier: Apache-2.0

import { Machine } from '../../base/machine.ts';
import { Decision, Signal } from '../../base/outcome.ts';
import { ascii, cut, reasonOf, steady } from '../../bytes/text.ts';
import { Media, Path } from '../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../http/request.ts';
import { writeString } from '../../json/write.ts';
import { Execute, type ExecutorActions, executeTable } from './executor-table.ts';
import type { Operation } from './operation.ts';
import type { Addressee, OperationLine, OperationsBase } from './operations-base.ts';

/** The size of operations that fit: a little less than the buffers that receive them. */
const ALLOWED_BYTES = 4000;
/** After this many failures of one operation the next one goes first. */
const MOST_FAILURES = 4;
/** The shortest time between two progress reports. */
const PROGRESS_MS = 5000;
/** The pause after a progress report that has failed. */
const PROGRESS_PAUSE_MS = 60_000;
const EXECUTING = steady('{"status":"EXECUTING"}');
const PROGRESS = ascii('{"status":"EXECUTING","fractus_Progress":{"text":');

/** Executes the operations of one device, in order and one at a time. */
export class Executor extends Machine<OperationsBase> implements OperationLine, ExecutorActions {
  readonly #device: Addressee;
  #first: Operation | undefined;
  #current: Operation | undefined;
  /** Ticks before which no progress is reported. */
  #newsTicks = 0;

  constructor(agent: OperationsBase, device: Addressee) {
    super(agent, executeTable);
    this.#device = device;
    this.enter(Execute.Idle);
  }

  /** Adds an operation at the end of the line; `begin` follows. */
  accept(operation: Operation): void {
    if (this.#first === undefined) {
      this.#first = operation;
    } else {
      let last = this.#first;
      while (last.following !== undefined) last = last.following;
      last.following = operation;
    }
  }

  /** Takes the next operation in line, if none is under way. */
  begin(): void {
    if (this.state === Execute.Idle && this.#first !== undefined) this.fire(Signal.Wake);
  }

  get isIdle(): boolean {
    return this.state === Execute.Idle && this.#first === undefined;
  }

  /** The more executors fail, the longer each waits. The first that recovers ends the pauses of the others. */
  override fail(what: string, reason: string, retryAfterMs?: number): void {
    super.fail(what, reason, retryAfterMs);
    const { trouble } = this;
    if (trouble === undefined) return;
    // The wait that the platform asks for (Retry-After) is not multiplied.
    const pauseMs = trouble.dueTicks - trouble.leastTicks;
    for (const { executor } of this.agent.devices) {
      if (executor !== undefined && executor !== this && executor.isRetry) trouble.dueTicks += pauseMs;
    }
  }

  override stop(): void {
    this.#current?.onFinished(undefined);
    super.stop();
  }

  /** The handler has exceeded its time. */
  override onDeadline(): void {
    const operation = this.#current;
    // The operation may have ended while its progress is reported.
    if (operation?.finished !== false) return;
    operation.fail('the operation took too long');
    try {
      operation.onTimeout?.();
    } catch {
      // Ignored: the operation has its failure reason already.
    }
  }

  // The actions of the states.

  take(): Decision {
    const operation = this.#first;
    this.#current = operation;
    if (operation === undefined) return Decision.No;
    this.#first = operation.following;
    operation.following = undefined;
    if (operation.takenBack) return Decision.Yes;
    return operation.interrupted || operation.finished ? Decision.Other : Decision.Yes;
  }

  run(): Decision | undefined {
    const operation = this.#current;
    if (operation === undefined) return Decision.Yes;
    if (operation.takenBack || !operation.interrupted) this.agent.backlog.onBegun();
    operation.accepted();
    // An operation that has ended in an earlier start is only reported.
    if (!operation.finished) this.carryOut(operation);
    if (operation.finished) return Decision.Yes;
    this.agent.hal.log('info', `operation ${operation.id}, ${operation.name}: under way`);
    operation.onFinished(
      () => this.finished(operation),
      () => this.fire(Signal.Wake),
    );
    this.fireAfter(operation.capability?.timeoutMs ?? this.#device.operationTimeoutMs);
    return undefined;
  }

  goOn(): Decision | undefined {
    const operation = this.#current;
    const ticks = this.agent.hal.clock.ticks();
    if (this.trouble?.state === Execute.Tell) {
      // Progress may be dropped: neither the end nor the next operation waits for the pause after its failure.
      this.endTrouble(false);
      this.#newsTicks = ticks + PROGRESS_PAUSE_MS;
    }
    if (operation?.finished !== false) return Decision.Yes;
    return operation.news !== '' && ticks >= this.#newsTicks ? Decision.Other : undefined;
  }

  writeProgress(request: RequestWriter): void {
    this.writePut(request);
    request.put(PROGRESS);
    writeString(request, this.#current?.news ?? '');
    request.text('}}');
    if (this.#current !== undefined) this.#current.news = '';
    this.#newsTicks = this.agent.hal.clock.ticks() + PROGRESS_MS;
  }

  ended(): Decision {
    const operation = this.#current;
    if (operation === undefined) return Decision.No;
    this.cease();
    this.agent.backlog.intake.journal.end(operation.id, operation.failureReason);
    return operation.hasFragments ? Decision.Yes : Decision.No;
  }

  writeExecuting(request: RequestWriter): void {
    this.writePut(request);
    request.put(EXECUTING);
  }

  writeInventory(request: RequestWriter): void {
    request.start(Method.Put).put(Path.ManagedObjects).byte(0x2f).put(this.#device.idBytes);
    request.headers(Media.ManagedObject, undefined);
    this.#current?.writeFragments(request);
    // The upkeep notes the change, so that the next start does not undo it.
    for (const [name, value] of this.#current?.fragments ?? []) {
      this.agent.upkeep.noteChange(this.#device, name, value);
    }
  }

  writeEnd(request: RequestWriter): void {
    this.writePut(request);
    this.#current?.writeEnd(request, this.state === Execute.ReportBare);
  }

  putOff(): Decision {
    const operation = this.#current;
    this.#current = undefined;
    if (operation === undefined) return Decision.Yes;
    if ((this.trouble?.failures ?? 0) >= MOST_FAILURES) {
      this.accept(operation);
    } else {
      operation.following = this.#first;
      this.#first = operation;
    }
    return Decision.Yes;
  }

  leaveInventory(): Decision {
    if ((this.trouble?.failures ?? 0) < MOST_FAILURES) return Decision.No;
    this.endTrouble(false);
    for (const [name, value] of this.#current?.fragments ?? []) this.#device.restate(name, value);
    return Decision.Yes;
  }

  told(): Decision {
    if (this.#current !== undefined) this.agent.backlog.intake.journal.told(this.#current.id);
    return Decision.Yes;
  }

  done(): Decision {
    const operation = this.#current;
    this.#current = undefined;
    if (operation !== undefined) {
      const reason = operation.failureReason;
      const whose = this.#device.isBoard ? '' : ` for ${this.#device.label}`;
      const end = reason !== undefined ? `FAILED: ${reason}` : operation.finished ? 'SUCCESSFUL' : 'gone';
      this.agent.hal.log(
        reason === undefined ? 'info' : 'warn',
        `operation ${operation.id}${operation.name && `, ${operation.name}`}${whose}: ${end}`,
      );
      this.agent.backlog.onDone(operation);
    }
    return Decision.Yes;
  }

  private writePut(request: RequestWriter): void {
    request.start(Method.Put).put(Path.Operations).byte(0x2f);
    this.#current?.writeId(request);
    request.headers(Media.Operation, undefined);
  }

  /** Calls the handler. An error that it throws fails this operation only, and so does the rejection of its promise. */
  private carryOut(operation: Operation): void {
    const capability = operation.capability;
    const { interrupted } = operation;
    // JavaScript may return anything; a type of `void` allows an `async` method.
    let working: unknown;
    try {
      if (operation.tooLarge) operation.fail(this.tooLarge(operation));
      else if (capability === undefined) operation.fail(this.unsupported(operation));
      else if (interrupted && capability.recover !== undefined) working = capability.recover(operation, this.agent);
      else if (!interrupted || (capability.repeatable === true && !operation.begun)) {
        if (capability.repeatable !== true) this.agent.once(operation);
        working = capability.run(operation, this.agent);
      } else operation.fail(`the device restarted before the operation was ${operation.begun ? 'finished' : 'begun'}`);
      (working as Promise<void> | undefined)?.then?.(undefined, (error: unknown) => this.failed(operation, error));
    } catch (error) {
      this.failed(operation, error);
    }
  }

  private failed(operation: Operation, error: unknown): void {
    if (this.agent.isPanicking) return;
    operation.fail(reasonOf(error));
  }

  private tooLarge(operation: Operation): string {
    const what = operation.name === '' ? 'the operation' : cut(operation.name, 60);
    return `${what}: larger than this device can take; allowed: about ${ALLOWED_BYTES} bytes`;
  }

  private unsupported(operation: Operation): string {
    if (operation.foreign) return 'this device has no such child';
    if (operation.name === '') return 'the operation asks for nothing';
    return `${cut(operation.name, 60)}: not supported by ${this.#device.label}; supported: ${this.#device.operationNames()}`;
  }

  private finished(operation: Operation): void {
    if (operation === this.#current) this.fire(Signal.Ended);
  }
}
