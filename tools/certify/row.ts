// SPDX-License-Identifier: Apache-2.0

import type { OperationRecord } from '../operate/tenant.ts';
import { type Document, type Facts, fragment, list, SUPPORTED } from './facts.ts';

/** The result of a requirement. */
export interface Judgement {
  /** `absent`: the device does not declare the feature of the requirement. */
  readonly result: 'met' | 'missed' | 'absent';
  /** The proof, or the reason why the requirement does not apply. */
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

/** Met when there is evidence. @param evidence undefined: there is none */
export function shown(evidence: string | undefined, otherwise: string): Judgement {
  return evidence === undefined ? missed(otherwise) : met(evidence);
}

/** The device, its children and its services. */
export function documentsOf({ object, children, services }: Facts): readonly Document[] {
  return [object, ...children, ...services];
}

/**
 * A device that declares an operation must have carried it out, and its results must be there.
 * @param leaves returns the evidence of the results; undefined: there is none. Without `leaves`, the end of the
 * operation is enough
 * @param asked members of the operation without which there is no evidence
 */
export function operationRow(
  name: string,
  requirement: string,
  leaves?: (facts: Facts, operation: OperationRecord, owner: Document) => string | undefined,
  asked: readonly string[] = [],
): Row {
  return {
    area: 'Operations',
    requirement: `${name}: ${requirement}`,
    judge(facts) {
      const { object, services, operations } = facts;
      const owners = [object, ...services].filter((each) => list(each, SUPPORTED).includes(name));
      if (owners.length === 0) return absent('not declared');
      const proofs: string[] = [];
      // Each service has carried it out.
      for (const owner of owners) {
        const operation = operations.find(
          (each) => each.status === 'SUCCESSFUL' && each[name] !== undefined && each['deviceId'] === owner['id'],
        );
        const of = owner === object ? '' : `service ${owner['name']}: `;
        if (operation === undefined) return missed(`${of}declared, but no operation was SUCCESSFUL`);
        const done = `operation ${operation.id} is SUCCESSFUL`;
        const proof = leaves === undefined ? done : leaves(facts, operation, owner);
        if (proof === undefined) {
          const absent = asked.filter((member) => fragment(operation, name)?.[member] === undefined);
          const lack = absent.length > 0 ? `it was sent without ${absent.join(', ')}` : 'the required data is missing';
          return missed(`${of}${done}, but ${lack}`);
        }
        proofs.push(of + proof);
      }
      return met(proofs.join('; '));
    },
  };
}
