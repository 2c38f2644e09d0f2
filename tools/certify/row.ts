// SPDX-License-Identifier: Apache-2.0

import type { OperationRecord } from '../cli/operate/tenant.ts';
import { type Document, type Facts, list } from './facts.ts';

/** What has come of a requirement. */
export interface Judgement {
  /** `absent`: it is for devices that have what this one does not declare. */
  readonly result: 'met' | 'missed' | 'absent';
  /** What shows it, or why it does not apply. */
  readonly evidence: string;
}

/** One requirement of the platform's device certification. */
export interface Row {
  readonly area: string;
  readonly requirement: string;
  judge(facts: Facts): Judgement;
}

export const met = (evidence: string): Judgement => ({ result: 'met', evidence });
export const missed = (evidence: string): Judgement => ({ result: 'missed', evidence });
export const absent = (evidence: string): Judgement => ({ result: 'absent', evidence });

/** Met when something is said. @param evidence undefined: it is not there */
export function shown(evidence: string | undefined, otherwise: string): Judgement {
  return evidence === undefined ? missed(otherwise) : met(evidence);
}

/** The device, its children and its services. */
export function documentsOf({ object, children, services }: Facts): readonly Document[] {
  return [object, ...children, ...services];
}

/**
 * Whoever declares an operation has carried it out, and what it has to leave is there.
 * @param leaves what shows that; undefined: it is not there. Absent: an end is enough
 */
export function operationRow(
  name: string,
  requirement: string,
  leaves?: (facts: Facts, operation: OperationRecord, owner: Document) => string | undefined,
): Row {
  return {
    area: 'Operations',
    requirement: `${name}: ${requirement}`,
    judge(facts) {
      const owner = documentsOf(facts).find((each) => list(each, 'c8y_SupportedOperations').includes(name));
      if (owner === undefined) return absent('not declared');
      const operation = facts.operations.find((each) => each.status === 'SUCCESSFUL' && each[name] !== undefined);
      if (operation === undefined) return missed('declared, and none has been SUCCESSFUL');
      const done = `operation ${operation.id} is SUCCESSFUL`;
      if (leaves === undefined) return met(done);
      return shown(leaves(facts, operation, owner), `${done}, and what it has to leave is not there`);
    },
  };
}
