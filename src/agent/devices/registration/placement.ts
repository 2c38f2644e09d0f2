// SPDX-License-Identifier: Apache-2.0

import { Decision, Outcome } from '../../../base/outcome.ts';
import { type Row, refused } from '../../../base/table.ts';
import { writeLink, writeReference } from '../../../cumulocity/inventory.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import { Parents } from './parents.ts';
import { Register } from './register-states.ts';
import type { Registration } from './registration.ts';

/** The board is registered again once in this number of failures of a child whose parent is missing. */
const NO_PARENT_LOOKS = 4;

/** Guide step 5: a child is under the board, and under no other device. */
export const placementRows: readonly Row<Placement>[] = [
  {
    name: 'put under the board',
    step: 'guide step 5',
    enter: (placement) => placement.skipLink(),
    request: (placement, request) => placement.writeLink(request),
    on: {
      ...refused(Register.OweLink),
      [Decision.No]: Register.Parents,
      [Outcome.Ok]: Register.Parents,
      [Outcome.Conflict]: Register.Parents,
      [Outcome.NotFound]: Register.NoParent,
      [Outcome.Failed]: Register.OweLink,
    },
  },
  {
    name: 'no such parent',
    step: 'guide step 5, deleted',
    enter: (placement) => placement.noParent(),
    on: { [Decision.Yes]: Register.OweLink },
  },
  {
    name: 'place put off',
    step: 'guide step 5, again later',
    enter: (placement) => placement.owe(),
    on: { [Decision.Yes]: Register.FurtherId },
  },
  {
    // A child with an external id of its own may come from another device.
    name: 'look up its parents',
    step: 'guide step 5, moved',
    enter: (placement) => placement.skipParents(),
    request: (placement, request) => placement.writeParents(request),
    sink: (placement) => placement.parents.splitter,
    read: (placement) => placement.parents.understood(),
    on: {
      ...refused(Register.FurtherId),
      [Decision.Yes]: Register.FurtherId,
      [Outcome.Ok]: Register.Leave,
      [Outcome.Failed]: Register.OweLink,
    },
  },
  {
    name: 'remove from another parent',
    step: 'guide step 5, moved',
    enter: (placement) => placement.skipLeave(),
    request: (placement, request) => placement.writeLeave(request),
    on: {
      ...refused(Register.Leave),
      [Decision.No]: Register.FurtherId,
      [Outcome.Ok]: Register.Leave,
      [Outcome.Forbidden]: Register.StillThere,
      [Outcome.Failed]: Register.OweLink,
    },
  },
  {
    name: 'not removed',
    step: 'guide step 5, moved',
    enter: (placement) => placement.stillThere(),
    on: { [Decision.Yes]: Register.FurtherId },
  },
];

/** Puts a child under the board, and takes it from other devices. */
export class Placement {
  readonly #registration: Registration;
  /** The parents of the child; set when they are needed. */
  #parents: Parents | undefined;
  /** Id of the parent that the child is taken from. */
  #leftId = '';

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  /** The registration of another device begins. */
  begin(): void {
    this.#parents = undefined;
    this.#leftId = '';
  }

  // The actions of the states.

  /** No: the child is in its place already. */
  skipLink(): Decision | undefined {
    return this.#registration.isPlaced ? Decision.No : undefined;
  }

  writeLink(request: RequestWriter): void {
    const { agent, device } = this.#registration;
    writeLink(request, agent.board.id, device.id, device.definition.type);
  }

  /** Registers the board again from time to time, because its object may be gone. */
  noParent(): Decision {
    if (this.#registration.device.failures % NO_PARENT_LOOKS === 0) this.#registration.agent.board.unsettle();
    return Decision.Yes;
  }

  owe(): Decision {
    return this.#registration.owe('the child is not put under the device');
  }

  /** Yes: no other parent is possible, because the child has no external id of its own, or its object is new. */
  skipParents(): Decision | undefined {
    const { device } = this.#registration;
    return device.definition.externalId === undefined || device.made ? Decision.Yes : undefined;
  }

  writeParents(request: RequestWriter): void {
    this.parents.writeRequest(request, this.#registration.device.id);
  }

  skipLeave(): Decision | undefined {
    do this.#leftId = this.parents.ids.pop() ?? '';
    while (this.#leftId === this.#registration.agent.board.id);
    return this.#leftId === '' ? Decision.No : undefined;
  }

  writeLeave(request: RequestWriter): void {
    writeReference(request, Method.Delete, this.#leftId, this.#registration.device.id);
  }

  stillThere(): Decision {
    return this.#registration.owe(`it is still under managed object ${this.#leftId} too: remove it there`);
  }

  get parents(): Parents {
    this.#parents ??= new Parents();
    return this.#parents;
  }
}
