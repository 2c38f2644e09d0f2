// SPDX-License-Identifier: Apache-2.0

import { Decision, Signal } from '../base/outcome.ts';
import { type Table, table } from '../base/table.ts';

/** The actions of the states. */
export interface EnrollerActions {
  /** Yes: there is a proven certificate; other: one that is not proven yet; no: there is none. */
  recall(): Decision;
  /** Makes a key, and requests a certificate. No: something is missing; the next try waits. */
  ask(): Decision | undefined;
  /** Yes: the certificate is kept; no: it was refused, or is not the requested one; the next try waits. */
  judge(): Decision;
  /** Requests a token with the new certificate. */
  prove(): undefined;
  /** Yes: the certificate works; no: it was given up; again: undecided; the next try waits. */
  proven(): Decision;
  /** Yes: the new certificate is in use. */
  promote(): Decision | undefined;
  inUse(): undefined;
  /** Yes: it is time for the next certificate. */
  due(): Decision;
}

/** Indexes of the states in the table. */
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

/**
 * Enrolment over secure transport (RFC 7030): a first certificate for a one-time password, and later its successors.
 * Marked as pure, so that other firmware does not contain it.
 */
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
      on: { [Signal.Ended]: Enrol.Judge, [Decision.No]: Enrol.Wait },
    },
    {
      // The certificate is on flash before it is used.
      name: 'judge the answer',
      step: 'RFC 7030 §4.2.3',
      enter: (enroller) => enroller.judge(),
      on: { [Decision.Yes]: Enrol.Prove, [Decision.No]: Enrol.Wait },
    },
    { name: 'wait to ask', step: 'certificate enrolment', on: { [Signal.Time]: Enrol.Due } },
    {
      name: 'prove the certificate',
      step: 'device authentication, JWT retrieval',
      enter: (enroller) => enroller.prove(),
      on: { [Signal.Ended]: Enrol.Proven },
    },
    {
      name: 'judge the proof',
      step: 'device authentication, JWT retrieval',
      enter: (enroller) => enroller.proven(),
      on: { [Decision.Yes]: Enrol.Promote, [Decision.No]: Enrol.Wait, [Decision.Again]: Enrol.Pause },
    },
    { name: 'wait to prove', step: 'certificate enrolment', on: { [Signal.Time]: Enrol.Prove } },
    {
      // The certificate before is forgotten only after the new one has been proven.
      name: 'activate it',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.promote(),
      on: { [Decision.Yes]: Enrol.InUse, [Signal.Time]: Enrol.Promote },
    },
    {
      name: 'certificate in use',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.inUse(),
      on: { [Signal.Time]: Enrol.Due },
    },
    {
      name: 'check for renewal',
      step: 'certificate enrolment',
      enter: (enroller) => enroller.due(),
      on: { [Decision.Yes]: Enrol.Ask, [Decision.No]: Enrol.InUse },
    },
  ]))();
