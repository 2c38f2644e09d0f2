// SPDX-License-Identifier: Apache-2.0

import { type BodySink, Decision, Event, Outcome, type Table } from '../machine.ts';
import type { Registrar } from './registrar.ts';

/** Of what is there already only that counts. */
const NOWHERE: BodySink = { feed() {} };

/** The states, by their place in the table. */
export const Register = {
  Idle: 0,
  Next: 1,
  LookUp: 2,
  Found: 3,
  Intend: 4,
  FindOwn: 5,
  FoundOwn: 6,
  Create: 7,
  Keep: 8,
  Identify: 9,
  LookAgain: 10,
  Compare: 11,
  RemoveOrphan: 12,
  Update: 13,
  Link: 14,
  Done: 15,
  Refused: 16,
  Wait: 17,
  Unlink: 18,
  Unlinked: 19,
  LookUpRemoved: 20,
  PutOff: 21,
  OweUpdate: 22,
  OweLink: 23,
  Missing: 24,
  NoParent: 25,
  Doubt: 26,
  NotOwner: 27,
  Placed: 28,
  Former: 29,
  Claim: 30,
  Release: 31,
} as const;

/**
 * Guide steps 1 to 5, for the board and then for each child: look the external id up; without one create the object
 * and bind the id to it; with one update the object; put a child under the board. A child that is not under the board, or
 * has no object, may stand there as that of the device before: then its object is taken over.
 */
export const registerTable: Table<Registrar> = [
  { name: 'idle', step: 'guide step 1', on: { [Event.Wake]: Register.Next } },
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
    name: 'look the external id up',
    step: 'guide step 1',
    request: (registrar, request) => registrar.writeLookUp(request),
    read: (registrar, body) => registrar.readLookUp(body),
    on: { [Outcome.Ok]: Register.Found, [Outcome.NotFound]: Register.Former, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'registered before',
    step: 'guide step 1',
    enter: (registrar) => registrar.found(),
    on: { [Decision.Yes]: Register.Update, [Decision.Other]: Register.Placed },
  },
  {
    // The intent is on flash before the creation: after an answer that was lost, also by a power cut, comes a search.
    name: 'note the intent',
    step: 'guide step 2, before',
    enter: (registrar) => registrar.intend(),
    on: { [Decision.Other]: Register.FindOwn, [Decision.Yes]: Register.Create, [Decision.No]: Register.PutOff },
  },
  {
    name: 'look for an own object',
    step: 'guide step 2, outcome unknown',
    request: (registrar, request) => registrar.writeFindOwn(request),
    sink: (registrar) => registrar.ownSink,
    read: (registrar) => registrar.readFindOwn(),
    on: { [Outcome.Ok]: Register.FoundOwn, [Outcome.Forbidden]: Register.PutOff, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'judge the own objects',
    step: 'guide step 2, outcome unknown',
    enter: (registrar) => registrar.judgeOwn(),
    on: {
      [Decision.Yes]: Register.Keep,
      [Decision.Again]: Register.FindOwn,
      [Decision.Other]: Register.PutOff,
      [Decision.No]: Register.Create,
    },
  },
  {
    name: 'create',
    step: 'guide step 2',
    once: true,
    request: (registrar, request) => registrar.writeCreate(request),
    read: (registrar, _body, head) => registrar.readCreate(head),
    on: {
      [Outcome.Ok]: Register.Keep,
      // Made or not: it is looked for before it is made again, and what is slow is given time.
      [Outcome.Unknown]: Register.Doubt,
      [Outcome.Failed]: Register.PutOff,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.Refused,
    },
  },
  {
    name: 'note the id',
    step: 'guide step 3, before',
    enter: (registrar) => registrar.keep(),
    on: { [Decision.Yes]: Register.Identify },
  },
  {
    name: 'bind the external id',
    step: 'guide step 3',
    request: (registrar, request) => registrar.writeIdentify(request),
    on: {
      [Outcome.Ok]: Register.Compare,
      [Outcome.Conflict]: Register.LookAgain,
      [Outcome.NotFound]: Register.PutOff,
      [Outcome.Failed]: Register.PutOff,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.Refused,
    },
  },
  {
    name: 'see whose the external id is',
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
      [Decision.Yes]: Register.Link,
      [Decision.Other]: Register.RemoveOrphan,
      // It has what an earlier start has given it.
      [Decision.No]: Register.Update,
    },
  },
  {
    name: 'remove the orphan',
    step: 'guide step 3, bound already',
    request: (registrar, request) => registrar.writeRemoveOrphan(request),
    on: {
      [Outcome.Ok]: Register.Update,
      [Outcome.Failed]: Register.Update,
      [Outcome.NotFound]: Register.Update,
      [Outcome.Forbidden]: Register.Update,
      [Outcome.Conflict]: Register.Update,
      [Outcome.Invalid]: Register.Update,
    },
  },
  {
    name: 'update',
    step: 'guide step 4',
    request: (registrar, request) => registrar.writeUpdate(request),
    read: (registrar) => registrar.updated(),
    on: {
      [Outcome.Ok]: Register.Link,
      [Outcome.NotFound]: Register.Missing,
      [Outcome.Failed]: Register.OweUpdate,
      [Outcome.Forbidden]: Register.NotOwner,
      [Outcome.Conflict]: Register.OweUpdate,
      [Outcome.Invalid]: Register.OweUpdate,
    },
  },
  {
    name: 'put under the board',
    step: 'guide step 5',
    enter: (registrar) => registrar.skipLink(),
    request: (registrar, request) => registrar.writeLink(request),
    on: {
      [Decision.No]: Register.Done,
      [Outcome.Ok]: Register.Done,
      [Outcome.Conflict]: Register.Done,
      [Outcome.Failed]: Register.OweLink,
      [Outcome.Invalid]: Register.OweLink,
      [Outcome.Forbidden]: Register.OweLink,
      [Outcome.NotFound]: Register.NoParent,
    },
  },
  {
    name: 'registered',
    step: 'guide step 5',
    enter: (registrar) => registrar.done(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    name: 'not to be had',
    step: 'guide steps 2 and 3, refused',
    enter: (registrar) => registrar.refused(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    name: 'wait',
    step: 'guide step 1, again',
    enter: (registrar) => registrar.wait(),
    on: { [Event.Time]: Register.Next, [Event.Wake]: Register.Next },
  },
  {
    name: 'take from under the board',
    step: 'guide step 5, removed',
    request: (registrar, request) => registrar.writeUnlink(request),
    on: {
      [Outcome.Ok]: Register.Unlinked,
      [Outcome.Failed]: Register.PutOff,
      [Outcome.NotFound]: Register.Unlinked,
      [Outcome.Invalid]: Register.Unlinked,
      [Outcome.Conflict]: Register.Unlinked,
      [Outcome.Forbidden]: Register.Unlinked,
    },
  },
  {
    name: 'removed',
    step: 'guide step 5, removed',
    enter: (registrar) => registrar.unlinked(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    // Declared removed before this start has registered it: it may be under the board since the time before.
    name: 'look up what is removed',
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
    // One that fails keeps none of the others waiting.
    name: 'put off',
    step: 'guide steps 1 to 5, again later',
    enter: (registrar) => registrar.putOff(),
    on: { [Decision.Yes]: Register.Next },
  },
  {
    // It is there and has its id: what else it does needs no update.
    name: 'the update is owed',
    step: 'guide step 4, again later',
    enter: (registrar) => registrar.owe('the inventory is not updated'),
    on: { [Decision.Yes]: Register.Link },
  },
  {
    name: 'its place is owed',
    step: 'guide step 5, again later',
    enter: (registrar) => registrar.owe('the child is not put under the device'),
    on: { [Decision.Yes]: Register.Done },
  },
  {
    // Deleted: its external id goes a little later. If it does not, the object is there for all but updates.
    name: 'no such object',
    step: 'guide step 4, deleted',
    enter: (registrar) => registrar.missing(),
    on: { [Decision.Yes]: Register.PutOff, [Decision.No]: Register.OweUpdate },
  },
  {
    name: 'no such parent',
    step: 'guide step 5, deleted',
    enter: (registrar) => registrar.noParent(),
    on: { [Decision.Yes]: Register.OweLink },
  },
  {
    name: 'created or not',
    step: 'guide step 2, outcome unknown',
    enter: (registrar) => registrar.doubt(),
    on: { [Decision.Yes]: Register.PutOff },
  },
  {
    name: 'not the owner',
    step: 'guide, replacing a physical device',
    enter: (registrar) => registrar.notOwner(),
    on: { [Decision.Yes]: Register.Link },
  },
  {
    name: 'see whether it is under the board',
    step: 'guide step 5',
    request: (registrar, request) => registrar.writePlaced(request),
    sink: () => NOWHERE,
    read: (registrar, _body, head) => registrar.readPlaced(head),
    on: {
      [Outcome.Ok]: Register.Claim,
      [Outcome.NotFound]: Register.Former,
      [Outcome.Invalid]: Register.Former,
      [Outcome.Conflict]: Register.Former,
      [Outcome.Forbidden]: Register.Former,
      [Outcome.Failed]: Register.PutOff,
    },
  },
  {
    name: 'look for children of the device before',
    step: 'guide, replacing a physical device',
    enter: (registrar) => registrar.skipFormer(),
    request: (registrar, request) => registrar.writeFormer(request),
    sink: (registrar) => registrar.formerSink ?? NOWHERE,
    read: (registrar) => registrar.readFormer(),
    on: {
      [Decision.Yes]: Register.Claim,
      [Decision.Again]: Register.Next,
      [Outcome.Ok]: Register.Former,
      [Outcome.NotFound]: Register.Claim,
      [Outcome.Invalid]: Register.Claim,
      [Outcome.Conflict]: Register.Claim,
      [Outcome.Forbidden]: Register.Claim,
      [Outcome.Failed]: Register.PutOff,
    },
  },
  {
    name: 'choose its object',
    step: 'guide, replacing a physical device',
    enter: (registrar) => registrar.claim(),
    on: {
      [Decision.Yes]: Register.Update,
      [Decision.Other]: Register.Identify,
      [Decision.Again]: Register.Release,
      [Decision.No]: Register.Intend,
    },
  },
  {
    name: 'free the external id',
    step: 'guide, replacing a physical device',
    request: (registrar, request) => registrar.writeRelease(request),
    on: {
      [Outcome.Ok]: Register.Identify,
      [Outcome.NotFound]: Register.Identify,
      [Outcome.Invalid]: Register.Refused,
      [Outcome.Conflict]: Register.Refused,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Failed]: Register.PutOff,
    },
  },
];
