// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../../bytes/text.ts';
import { firstMember, readId, stringEquals } from '../../json/scan.ts';
import { firstBytes, indexOfName, soundEnd, soundNext, soundValue } from '../../json/sound.ts';
import { EXECUTING, PENDING } from './backlog-table.ts';
import { Executor } from './executor.ts';
import { Journal, Progress } from './journal.ts';
import { Operation, Trait } from './operation.ts';
import type { OperationsBase } from './operations-base.ts';

/** Indexes of the members in `MEMBERS`. */
const Place = { OfId: 0, OfDevice: 1, OfStatus: 2 } as const;
const MEMBERS = [ascii('id'), ascii('deviceId'), ascii('status')];
const FIRST_BYTES = firstBytes(MEMBERS);

/** Operations in memory at one time. */
export const MOST_WAITING = 8;

/** The way by which an operation arrives. */
export const Source = { Push: 0, Executing: 1, Pending: 2 } as const;

/** The result of `Intake.take`. */
export const Taken = {
  /** Not taken: it is known already, has another status, or is malformed. */
  No: 0,
  /** It is in the line of its device. */
  Yes: 1,
  /** There is no room for it: it has to be listed again. */
  NoRoom: 2,
  /** Its child may still be declared. */
  ForLater: 3,
  /** The push may be outdated: a list shows the present status. */
  InDoubt: 4,
  /** No request could name it. */
  Unreadable: 5,
} as const;

/** Gives each operation once to the executor of its device, however often it arrives. */
export class Intake {
  readonly #agent: OperationsBase;
  /** Created with the first operation. */
  #journal: Journal | undefined;
  /** The number of operations that are taken in and have not ended. */
  waiting = 0;
  /** The limit of `waiting`. */
  most = MOST_WAITING;

  constructor(agent: OperationsBase) {
    this.#agent = agent;
  }

  get journal(): Journal {
    this.#journal ??= new Journal(this.#agent);
    return this.#journal;
  }

  /** Takes the operation in `[from, to)`. @param source one of `Source` @returns one of `Taken` */
  take(bytes: Uint8Array, from: number, to: number, elided: boolean, source: number): number {
    let idAt = -1;
    let deviceAt = -1;
    let statusAt = -1;
    for (
      let at = firstMember(bytes, from, to), value = 0;
      at >= 0;
      at = soundNext(bytes, soundEnd(bytes, value, to), to)
    ) {
      value = soundValue(bytes, at, to);
      const name = indexOfName(bytes, at, to, FIRST_BYTES, MEMBERS);
      if (name === Place.OfId) idAt = value;
      else if (name === Place.OfDevice) deviceAt = value;
      else if (name === Place.OfStatus) statusAt = value;
    }
    const id = readId(bytes, idAt, to);
    if (id === undefined || statusAt < 0) return Taken.Unreadable;
    const { journal } = this;
    const isExecuting = source === Source.Executing;
    if (!stringEquals(bytes, statusAt, to, isExecuting ? EXECUTING : PENDING)) return Taken.No;
    const entryAt = journal.find(id);
    if (journal.knows(entryAt)) return Taken.No;
    // An operation begun in an earlier start is ended, but never begun again. A push of it may be outdated.
    const progress = journal.progress(entryAt);
    const isEarlier = progress !== Progress.None;
    if (isEarlier && source === Source.Push) return Taken.InDoubt;
    const interrupted = isExecuting || isEarlier;
    const addressee = this.#agent.deviceOf(readId(bytes, deviceAt, to) ?? '');
    const device = addressee ?? this.#agent.board;
    const traits =
      (interrupted ? Trait.Interrupted : Trait.None) |
      (isEarlier && !isExecuting ? Trait.TakenBack : Trait.None) |
      (progress === Progress.Begun ? Trait.Begun : Trait.None) |
      (addressee === undefined ? Trait.Foreign : Trait.None) |
      (elided ? Trait.Elided : Trait.None);
    const operation = new Operation(id, device, bytes.slice(from, to), idAt - from, traits);
    if (this.isForLater(operation, progress)) return this.#agent.isSafe ? Taken.No : Taken.ForLater;
    if (this.waiting >= this.most) return Taken.NoRoom;
    journal.take(id, entryAt);
    this.waiting++;
    device.executor ??= new Executor(this.#agent, device);
    if (progress === Progress.Succeeded) operation.succeed();
    else if (progress === Progress.Failed) operation.fail(journal.reason(id));
    device.executor.accept(operation);
    return Taken.Yes;
  }

  /** Makes the executors begin the operations that were taken in. */
  begin(): void {
    const { devices } = this.#agent;
    for (let i = 0; i < devices.length; i++) devices[i]?.executor?.begin();
  }

  /** The operation has ended, or the platform did not let it begin. */
  onDone(operation: Operation): void {
    this.waiting--;
    if (!operation.finished) this.journal.leaveAlone(operation.id);
  }

  stop(): void {
    const { devices } = this.#agent;
    for (let i = 0; i < devices.length; i++) devices[i]?.executor?.stop();
  }

  /** Whether to leave it as it is: its child may still be declared, or the app may run again after safe mode. */
  private isForLater(operation: Operation, progress: number): boolean {
    const { isSafe, telemetry, devices, hal } = this.#agent;
    if (operation.foreign) {
      if (!telemetry.isEarly && !devices.some(({ known, gone }) => !known && !gone)) return false;
    } else if (!isSafe || operation.capability !== undefined) return false;
    // Safe mode lasts until the next start, so the operation is left alone. A known progress stays for that start.
    if (isSafe && progress === Progress.None) this.journal.leaveAlone(operation.id);
    hal.log('info', `operation ${operation.id}, ${operation.name}: waits for ${isSafe ? 'the app' : 'its child'}`);
    return true;
  }
}
