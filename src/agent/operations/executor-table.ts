// SPDX-License-Identifier: Apache-2.0

import { Decision, Outcome, Signal } from '../../base/outcome.ts';
import { refused, type Table, table } from '../../base/table.ts';
import type { RequestWriter } from '../../http/request.ts';

/** The actions of the states. */
export interface ExecutorActions {
  /** Yes: there is an operation to begin. Other: one to finish. No: none. */
  take(): Decision;
  writeExecuting(request: RequestWriter): void;
  /** Yes: the operation has ended. Undefined: its handler still works. */
  run(): Decision | undefined;
  /** Stores the end before it is reported, so that a power cut cannot change it. Yes: the inventory needs an update. */
  ended(): Decision;
  writeInventory(request: RequestWriter): void;
  writeEnd(request: RequestWriter): void;
  told(): Decision;
  done(): Decision;
  putOff(): Decision;
  /** Yes: the update is left to the upkeep. No: it is tried again. */
  leaveInventory(): Decision;
  /** Yes: the operation has ended meanwhile. Other: there is progress to report. */
  goOn(): Decision | undefined;
  writeProgress(request: RequestWriter): void;
}

/** Indexes of the states in the table. */
export const Execute = {
  Idle: 0,
  Take: 1,
  Accept: 2,
  Run: 3,
  Ended: 4,
  Publish: 5,
  Report: 6,
  ReportBare: 7,
  Told: 8,
  Done: 9,
  Later: 10,
  Leave: 11,
  GoOn: 12,
  Tell: 13,
} as const;

/** Guide step 7: EXECUTING, act, inventory, then the final status. */
export const executeTable: Table<ExecutorActions> = table([
  { name: 'idle', step: 'guide step 7', on: { [Signal.Wake]: Execute.Take } },
  {
    name: 'take the next',
    step: 'guide step 7',
    enter: (executor) => executor.take(),
    on: { [Decision.Yes]: Execute.Accept, [Decision.Other]: Execute.Run, [Decision.No]: Execute.Idle },
  },
  {
    name: 'set EXECUTING',
    step: 'guide step 7',
    request: (executor, request) => executor.writeExecuting(request),
    // A refusal means that the operation was deleted, ended or reassigned meanwhile: it is not executed.
    on: { [Outcome.Ok]: Execute.Run, [Outcome.Failed]: Execute.Later, ...refused(Execute.Done) },
  },
  {
    name: 'execute',
    step: 'guide step 7',
    enter: (executor) => executor.run(),
    on: { [Decision.Yes]: Execute.Ended, [Signal.Ended]: Execute.Ended, [Signal.Wake]: Execute.GoOn },
  },
  {
    name: 'executed',
    step: 'guide step 7',
    enter: (executor) => executor.ended(),
    on: { [Decision.Yes]: Execute.Publish, [Decision.No]: Execute.Report },
  },
  {
    name: 'update the inventory',
    step: 'guide step 8, before the final status',
    request: (executor, request) => executor.writeInventory(request),
    on: { [Outcome.Ok]: Execute.Report, [Outcome.Failed]: Execute.Leave, ...refused(Execute.Report) },
  },
  {
    name: 'set the final status',
    step: 'guide step 7',
    request: (executor, request) => executor.writeEnd(request),
    on: {
      [Outcome.Ok]: Execute.Told,
      [Outcome.Failed]: Execute.Later,
      ...refused(Execute.Done),
      [Outcome.Invalid]: Execute.ReportBare,
    },
  },
  {
    name: 'set the final status alone',
    step: 'guide step 7',
    request: (executor, request) => executor.writeEnd(request),
    on: { [Outcome.Ok]: Execute.Told, [Outcome.Failed]: Execute.Later, ...refused(Execute.Done) },
  },
  {
    // After a refused report the reason stays stored, and the next start reports the end again.
    name: 'reported',
    step: 'guide step 7',
    enter: (executor) => executor.told(),
    on: { [Decision.Yes]: Execute.Done },
  },
  { name: 'done', step: 'guide step 7', enter: (executor) => executor.done(), on: { [Decision.Yes]: Execute.Take } },
  {
    // An operation whose requests fail delays the others only for a while.
    name: 'put off',
    step: 'guide step 7',
    enter: (executor) => executor.putOff(),
    on: { [Decision.Yes]: Execute.Take },
  },
  {
    // The final status does not wait for an inventory update that fails for long.
    name: 'leave it to the inventory',
    step: 'guide step 8',
    enter: (executor) => executor.leaveInventory(),
    on: { [Decision.Yes]: Execute.Report, [Decision.No]: Execute.Publish },
  },
  {
    name: 'go on',
    step: 'guide step 7',
    enter: (executor) => executor.goOn(),
    on: {
      [Decision.Yes]: Execute.Ended,
      [Decision.Other]: Execute.Tell,
      [Signal.Ended]: Execute.Ended,
      [Signal.Wake]: Execute.GoOn,
    },
  },
  {
    // If the operation ends during this request, its end is reported afterwards.
    name: 'report progress',
    step: 'guide step 7',
    request: (executor, request) => executor.writeProgress(request),
    on: { [Outcome.Ok]: Execute.GoOn, [Outcome.Failed]: Execute.GoOn, ...refused(Execute.GoOn) },
  },
]);
