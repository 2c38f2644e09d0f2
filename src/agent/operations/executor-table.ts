// SPDX-License-Identifier: Apache-2.0

import type { RequestWriter } from '../../http/request.ts';
import { Decision, Event, Outcome } from '../base/outcome.ts';
import { refused, type Table, table } from '../base/table.ts';

/** What the states do. */
export interface ExecutorActions {
  /** Yes: one to begin. Other: one to finish. No: none. */
  take(): Decision;
  writeExecuting(request: RequestWriter): void;
  /** Yes: ended. Undefined: the handler is still at it. */
  run(): Decision | undefined;
  /** On flash before it is reported: after a power cut it ends the same way. Yes: the inventory wants an update. */
  ended(): Decision;
  writeInventory(request: RequestWriter): void;
  writeEnd(request: RequestWriter): void;
  told(): Decision;
  done(): Decision;
  putOff(): Decision;
  /** Yes: it is told later, with what else the inventory is to say. No: it is tried again. */
  leaveInventory(): Decision;
  /** Yes: it has ended meanwhile. Other: there are news of it. */
  goOn(): Decision | undefined;
  writeProgress(request: RequestWriter): void;
}

/** The states, by their place in the table. */
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
  { name: 'idle', step: 'guide step 7', on: { [Event.Wake]: Execute.Take } },
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
    // Deleted, ended or taken away meanwhile: no longer ours to execute.
    on: { [Outcome.Ok]: Execute.Run, [Outcome.Failed]: Execute.Later, ...refused(Execute.Done) },
  },
  {
    name: 'carry out',
    step: 'guide step 7',
    enter: (executor) => executor.run(),
    on: { [Decision.Yes]: Execute.Ended, [Event.Ended]: Execute.Ended, [Event.Wake]: Execute.GoOn },
  },
  {
    name: 'carried out',
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
    // An end that is refused stays known: the next start tells it again.
    name: 'told',
    step: 'guide step 7',
    enter: (executor) => executor.told(),
    on: { [Decision.Yes]: Execute.Done },
  },
  { name: 'done', step: 'guide step 7', enter: (executor) => executor.done(), on: { [Decision.Yes]: Execute.Take } },
  {
    // One that the platform cannot take holds the others up only for a while.
    name: 'put off',
    step: 'guide step 7',
    enter: (executor) => executor.putOff(),
    on: { [Decision.Yes]: Execute.Take },
  },
  {
    // The end of an operation does not wait for an inventory that fails for long.
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
      [Event.Ended]: Execute.Ended,
      [Event.Wake]: Execute.GoOn,
    },
  },
  {
    // What ends meanwhile is reported after it.
    name: 'tell how far it is',
    step: 'guide step 7',
    request: (executor, request) => executor.writeProgress(request),
    on: { [Outcome.Ok]: Execute.GoOn, [Outcome.Failed]: Execute.GoOn, ...refused(Execute.GoOn) },
  },
]);
