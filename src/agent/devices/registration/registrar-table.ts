// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../../base/body.ts';
import { Decision, Outcome, Signal } from '../../../base/outcome.ts';
import { type Row, refused, type Table, table } from '../../../base/table.ts';
import type { RequestWriter } from '../../../http/request.ts';
import { type Creation, creationRows } from './creation.ts';
import { type FurtherIds, furtherIdRows } from './further-ids.ts';
import { type Placement, placementRows } from './placement.ts';
import { Register } from './register-states.ts';
import { type Succession, successionRows } from './succession.ts';

/** The actions of the states, and the delegates that carry out their own states. */
export interface RegistrarActions {
  readonly creation: Creation;
  /** Absent without the part `children`; the board enters none of their states. */
  readonly succession?: Succession | undefined;
  readonly placement?: Placement | undefined;
  readonly furtherIds: FurtherIds;
  /** Yes: a device to register. Other: one to remove. Again: the rest has failed and waits. No: all are done. */
  next(): Decision;
  writeLookUp(request: RequestWriter): void;
  readLookUp(body: Body): boolean;
  /** Yes: it is the board. Other: a child, which may have a new object while that of the replaced device is unused. */
  found(): Decision;
  /** Yes: the board. Other: a child, for which the replaced device may have left an object. */
  absent(): Decision;
  /** Yes: it is the board, which is under no other device. Other: a child. */
  place(): Decision;
  writeIdentify(request: RequestWriter): void;
  /** Yes: the external id is bound to the new object. Other: the new object is an orphan. No: no object was created. */
  compare(): Decision;
  writeRemoveOrphan(request: RequestWriter): void;
  writeUpdate(request: RequestWriter): void;
  updated(): boolean;
  /** @param what the step that is due; default: the update of the inventory */
  owe(what?: string): Decision;
  /** Yes: the external id is looked up again later. No: the device goes on with the id that it has. */
  missing(): Decision;
  notOwner(): Decision;
  done(): Decision;
  /** The platform refuses the object or its external id: a person has to act. */
  refused(): Decision;
  putOff(): Decision;
  wait(): undefined;
  skipLookUp(): Decision | undefined;
  readRemoved(body: Body): boolean;
  writeUnlink(request: RequestWriter): void;
  unlinked(): Decision;
}

const rows: readonly Row<RegistrarActions>[] = [
  { name: 'idle', step: 'guide step 1', on: { [Signal.Wake]: Register.Next } },
  {
    name: 'next device',
    step: 'guide step 5',
    enter: (registrar) => registrar.next(),
    on: {
      [Decision.Yes]: Register.LookUp,
      [Decision.Other]: Register.LookUpRemoved,
      [Decision.Again]: Register.Wait,
      [Decision.No]: Register.Idle,
    },
  },
  {
    name: 'look up the external id',
    step: 'guide step 1',
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readLookUp(body),
    on: { [Outcome.Ok]: Register.Found, [Outcome.NotFound]: Register.Absent, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'registered before',
    step: 'guide step 1',
    enter: (registrar) => registrar.found(),
    on: { [Decision.Yes]: Register.Update, [Decision.Other]: Register.Placed },
  },
  {
    name: 'bind the external id',
    step: 'guide step 3',
    creates: true,
    request: (registrar, request) => registrar.writeIdentify(request),
    on: {
      [Outcome.Ok]: Register.Compare,
      [Outcome.Conflict]: Register.LookAgain,
      [Outcome.NotFound]: Register.PutOff,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.PutOff,
      [Outcome.Failed]: Register.PutOff,
    },
  },
  {
    name: 'look up the owner of the id',
    step: 'guide step 3, bound already',
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readLookUp(body),
    on: { [Outcome.Ok]: Register.Compare, [Outcome.NotFound]: Register.PutOff, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'compare',
    step: 'guide step 3',
    enter: (registrar) => registrar.compare(),
    on: {
      [Decision.Yes]: Register.Place,
      [Decision.Other]: Register.RemoveOrphan,
      // The object has the fragments of an earlier start.
      [Decision.No]: Register.Update,
    },
  },
  {
    name: 'remove the orphan',
    step: 'guide step 3, bound already',
    request: (registrar, request) => registrar.writeRemoveOrphan(request),
    on: { ...refused(Register.Update), [Outcome.Ok]: Register.Update, [Outcome.Failed]: Register.Update },
  },
  {
    name: 'update',
    step: 'guide step 4',
    request: (registrar, request) => registrar.writeUpdate(request),
    read: (registrar) => registrar.updated(),
    on: {
      ...refused(Register.OweUpdate),
      [Outcome.Ok]: Register.Place,
      [Outcome.NotFound]: Register.Missing,
      [Outcome.Forbidden]: Register.NotOwner,
      [Outcome.Failed]: Register.OweUpdate,
    },
  },
  {
    // The object exists and has its external id: the registration goes on without the update.
    name: 'update put off',
    step: 'guide step 4, again later',
    enter: (registrar) => registrar.owe(),
    on: { [Decision.Yes]: Register.Place },
  },
  {
    // The external id of a deleted object goes a little later. If it stays, only updates of the object fail.
    name: 'no such object',
    step: 'guide step 4, deleted',
    enter: (registrar) => registrar.missing(),
    on: { [Decision.Yes]: Register.PutOff, [Decision.No]: Register.OweUpdate },
  },
  {
    name: 'not the owner',
    step: 'guide, replacing a physical device',
    enter: (registrar) => registrar.notOwner(),
    on: { [Decision.Yes]: Register.Place },
  },
  {
    name: 'registered',
    step: 'guide step 5',
    enter: (registrar) => registrar.done(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    name: 'not available',
    step: 'guide steps 2 and 3, refused',
    enter: (registrar) => registrar.refused(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    // A device that fails does not delay the others.
    name: 'put off',
    step: 'guide steps 1 to 5, again later',
    enter: (registrar) => registrar.putOff(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    name: 'wait',
    step: 'guide step 1, again',
    enter: (registrar) => registrar.wait(),
    on: { [Signal.Time]: Register.Next, [Signal.Wake]: Register.Next },
  },
  {
    // Removed before this start has registered it: an earlier start may have put it under the board.
    name: 'look up a removed child',
    step: 'guide step 5, removed',
    enter: (registrar) => registrar.skipLookUp(),
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readRemoved(body),
    on: {
      [Decision.Yes]: Register.Unlink,
      [Outcome.Ok]: Register.Unlink,
      [Outcome.NotFound]: Register.Unlinked,
      [Outcome.Failed]: Register.PutOff,
    },
  },
  {
    name: 'remove from the board',
    step: 'guide step 5, removed',
    request: (registrar, request) => registrar.writeUnlink(request),
    on: { ...refused(Register.Unlinked), [Outcome.Ok]: Register.Unlinked, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'removed',
    step: 'guide step 5, removed',
    enter: (registrar) => registrar.unlinked(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    name: 'not registered yet',
    step: 'guide step 2',
    enter: (registrar) => registrar.absent(),
    on: { [Decision.Yes]: Register.Intend, [Decision.Other]: Register.Former },
  },
  {
    name: 'give it its place',
    step: 'guide step 5',
    enter: (registrar) => registrar.place(),
    on: { [Decision.Yes]: Register.FurtherId, [Decision.Other]: Register.Link },
  },
];

/**
 * Guide steps 1 to 5, for the board and then for each child: look up the external id; if it is not bound, create the
 * object and bind the id to it; otherwise update the object; put a child under the board.
 */
export const registerTable: Table<RegistrarActions> = table(rows, {
  creation: creationRows,
  succession: successionRows,
  placement: placementRows,
  furtherIds: furtherIdRows,
});
