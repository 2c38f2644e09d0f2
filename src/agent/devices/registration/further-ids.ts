// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../../base/body.ts';
import { Decision, Outcome } from '../../../base/outcome.ts';
import { type Row, refused } from '../../../base/table.ts';
import { writeBinding, writeIdentityLookUp } from '../../../cumulocity/identity.ts';
import type { RequestWriter } from '../../../http/request.ts';
import type { OtherId } from '../device.ts';
import { Register } from './register-states.ts';
import type { Registration } from './registration.ts';

/** Guide steps 1 and 3 for further external ids of the object, by which other systems find it. */
export const furtherIdRows: readonly Row<FurtherIds>[] = [
  {
    name: 'look up a further id',
    step: 'guide step 1, further ids',
    enter: (ids) => ids.skip(),
    request: (ids, request) => ids.writeLookUp(request),
    read: (ids, body) => ids.readLookUp(body),
    on: {
      [Decision.No]: Register.Done,
      [Outcome.Ok]: Register.WhoseId,
      [Outcome.NotFound]: Register.BindId,
      [Outcome.Failed]: Register.OweId,
    },
  },
  {
    name: 'look up its owner',
    step: 'guide step 1, further ids',
    enter: (ids) => ids.judge(),
    on: { [Decision.Yes]: Register.FurtherId, [Decision.No]: Register.OweId },
  },
  {
    name: 'bind a further id',
    step: 'guide step 3, further ids',
    creates: true,
    request: (ids, request) => ids.writeBinding(request),
    read: (ids) => ids.bound(),
    on: {
      ...refused(Register.OweId),
      [Outcome.Ok]: Register.FurtherId,
      // It was bound meanwhile, so it is looked up again.
      [Outcome.Conflict]: Register.FurtherId,
      [Outcome.Failed]: Register.OweId,
    },
  },
  {
    name: 'further id put off',
    step: 'guide step 3, again later',
    enter: (ids) => ids.owe(),
    on: { [Decision.Yes]: Register.FurtherId },
  },
];

/** Binds the further external ids of a device to its object, one by one. Each registration of a device has a new instance. */
export class FurtherIds {
  readonly #registration: Registration;
  /** The number of ids that are done. */
  #count = 0;

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  // The actions of the states.

  skip(): Decision | undefined {
    return this.next === undefined ? Decision.No : undefined;
  }

  writeLookUp(request: RequestWriter): void {
    this.#registration.foundId = '';
    writeIdentityLookUp(request, this.next?.type ?? '', this.next?.id ?? '');
  }

  readLookUp(body: Body): boolean {
    return this.#registration.readLookUp(body);
  }

  /** Yes: it is bound to the object of this device. No: to another one. */
  judge(): Decision {
    const { device, foundId } = this.#registration;
    if (foundId !== device.id) return Decision.No;
    this.#count++;
    return Decision.Yes;
  }

  writeBinding(request: RequestWriter): void {
    writeBinding(request, this.#registration.device.id, this.next?.type ?? '', this.next?.id ?? '');
  }

  bound(): boolean {
    this.#count++;
    return true;
  }

  owe(): Decision {
    const { foundId } = this.#registration;
    const whose = foundId === '' ? 'is not bound' : `is that of managed object ${foundId}`;
    const what = `its external id ${this.next?.type} ${this.next?.id} ${whose}`;
    this.#count++;
    return this.#registration.owe(what);
  }

  private get next(): OtherId | undefined {
    return this.#registration.device.otherIds[this.#count];
  }
}
