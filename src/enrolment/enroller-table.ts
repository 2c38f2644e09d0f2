// SPDX-License-Identifier: Apache-2.0

import { Decision, Event } from '../agent/base/outcome.ts';
import { type Table, table } from '../agent/base/table.ts';

/** What the states do. */
export interface EnrollerActions {
  /** Yes: there is a certificate that was proven; other: one that has yet to be; no: there is none. */
  recall(): Decision;
  /** Makes a key, and asks. No: something is missing; what follows waits. */
  ask(): Decision | undefined;
  /** Yes: the certificate is kept; no: it was refused, or is not what was asked for; what follows waits. */
  judge(): Decision;
  /** Asks for a token with the certificate that is new. */
  prove(): undefined;
  /** Yes: it is good; no: it was given up; again: nobody knows; what follows waits. */
  proven(): Decision;
  /** Yes: it is the one in use. */
  promote(): Decision | undefined;
  inUse(): undefined;
  /** Yes: time for another one. */
  due(): Decision;
}

/** The states, by their place in the table. */
export const Enrol = {
  Recall: 0,
  Ask: 1,
  Judge: 2,
  Wait: 3,
  Prove: 4,
  Proven: 5,
  Pause: 6,
  Promote: 7,
  InUse: 8,
  Due: 9,
} as const;

/** Enrolment over secure transport (RFC 7030): a first certificate for a one-time password, and others in its place in time. Made so that it is in no other firmware. */
export const enrollerTable: Table<EnrollerActions> = /* @__PURE__ */ (() =>
  table([
    {
      name: 'recall the certificate',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.recall(),
      on: { [Decision.Yes]: Enrol.InUse, [Decision.No]: Enrol.Ask, [Decision.Other]: Enrol.Prove },
    },
    {
      name: 'ask for a certificate',
      step: 'RFC 7030 §4.2',
      enter: (enroller) => enroller.ask(),
      on: { [Event.Ended]: Enrol.Judge, [Decision.No]: Enrol.Wait },
    },
    {
      // On flash before anything is done with it.
      name: 'judge the answer',
      step: 'RFC 7030 §4.2.3',
      enter: (enroller) => enroller.judge(),
      on: { [Decision.Yes]: Enrol.Prove, [Decision.No]: Enrol.Wait },
    },
    { name: 'wait to ask', step: 'certificate enrolment', on: { [Event.Time]: Enrol.Due } },
    {
      name: 'prove the certificate',
      step: 'device authentication, JWT retrieval',
      enter: (enroller) => enroller.prove(),
      on: { [Event.Ended]: Enrol.Proven },
    },
    {
      name: 'judge the proof',
      step: 'device authentication, JWT retrieval',
      enter: (enroller) => enroller.proven(),
      on: { [Decision.Yes]: Enrol.Promote, [Decision.No]: Enrol.Wait, [Decision.Again]: Enrol.Pause },
    },
    { name: 'wait to prove', step: 'certificate enrolment', on: { [Event.Time]: Enrol.Prove } },
    {
      // The one before is forgotten when the new one has been proven, and not earlier.
      name: 'put it in force',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.promote(),
      on: { [Decision.Yes]: Enrol.InUse, [Event.Time]: Enrol.Promote },
    },
    {
      name: 'certificate in use',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.inUse(),
      on: { [Event.Time]: Enrol.Due },
    },
    {
      name: 'look whether it is time',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.due(),
      on: { [Decision.Yes]: Enrol.Ask, [Decision.No]: Enrol.InUse },
    },
  ]))();
