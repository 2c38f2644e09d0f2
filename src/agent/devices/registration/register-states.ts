// SPDX-License-Identifier: Apache-2.0

/** Indexes of the states in the table of the registration: the registrar's own, then those of its parts. */
export const Register = {
  Idle: 0,
  Next: 1,
  LookUp: 2,
  Found: 3,
  Identify: 4,
  LookAgain: 5,
  Compare: 6,
  RemoveOrphan: 7,
  Update: 8,
  OweUpdate: 9,
  Missing: 10,
  NotOwner: 11,
  Done: 12,
  Refused: 13,
  PutOff: 14,
  Wait: 15,
  LookUpRemoved: 16,
  Unlink: 17,
  Unlinked: 18,
  // creation.ts
  Intend: 19,
  FindOwn: 20,
  FoundOwn: 21,
  Create: 22,
  Keep: 23,
  Doubt: 24,
  // succession.ts
  Placed: 25,
  Former: 26,
  Claim: 27,
  Release: 28,
  // placement.ts
  Link: 29,
  NoParent: 30,
  OweLink: 31,
  Parents: 32,
  Leave: 33,
  StillThere: 34,
  // further-ids.ts
  FurtherId: 35,
  WhoseId: 36,
  BindId: 37,
  OweId: 38,
} as const;
