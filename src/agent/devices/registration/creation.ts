// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../../base/body.ts';
import { Decision, Outcome } from '../../../base/outcome.ts';
import type { Row } from '../../../base/table.ts';
import { Media, Path } from '../../../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import type { ResponseHead } from '../../../http/response.ts';
import type { Acknowledged } from '../acknowledged.ts';
import { writeCreation } from '../device-document.ts';
import { noteIntent } from './intents.ts';
import { OwnObjects } from './own-objects.ts';
import { Register } from './register-states.ts';
import type { Registration } from './registration.ts';

/** The number of searches for an object, after a lost answer, before another one is created. */
const MOST_LOOKS = 3;

/** Guide step 2: the object is created once, even if the answer is lost or the power fails meanwhile. */
export const creationRows: readonly Row<Creation>[] = [
  {
    // The intent is stored before the creation, so that a search follows a lost answer or a power cut.
    name: 'note the intent',
    step: 'guide step 2, before',
    enter: (creation) => creation.intend(),
    on: { [Decision.Other]: Register.FindOwn, [Decision.Yes]: Register.Create, [Decision.No]: Register.PutOff },
  },
  {
    name: 'look for the object',
    step: 'guide step 2, outcome unknown',
    request: (creation, request) => creation.writeFindOwn(request),
    sink: (creation) => creation.own.splitter,
    read: (creation) => creation.own.understood(),
    on: { [Outcome.Ok]: Register.FoundOwn, [Outcome.Forbidden]: Register.PutOff, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'judge the objects',
    step: 'guide step 2, outcome unknown',
    enter: (creation) => creation.judgeOwn(),
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
    creates: true,
    once: true,
    request: (creation, request) => creation.writeCreate(request),
    read: (creation, body, head) => creation.readCreate(body, head),
    on: {
      [Outcome.Ok]: Register.Keep,
      // The object may exist: it is searched for before it is created again, with pauses for a slow platform.
      [Outcome.Unknown]: Register.Doubt,
      [Outcome.Failed]: Register.PutOff,
      [Outcome.Forbidden]: Register.Refused,
      [Outcome.Invalid]: Register.PutOff,
    },
  },
  {
    name: 'note the id',
    step: 'guide step 3, before',
    enter: (creation) => creation.keep(),
    on: { [Decision.Yes]: Register.Identify },
  },
  {
    name: 'in doubt',
    step: 'guide step 2, outcome unknown',
    enter: (creation) => creation.doubt(),
    on: { [Decision.Yes]: Register.PutOff },
  },
];

/** Creates the object of a device that has none. Each registration of a device has a new instance. */
export class Creation {
  /** Id of the object that was created in this registration; empty: none. */
  madeId = '';
  readonly #registration: Registration;
  /** The fragments that count as accepted once the object is created. */
  #acknowledged: Acknowledged | undefined;
  /** Set during the search for an object that may have been created. */
  #own: OwnObjects | undefined;

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  // The actions of the states.

  /** Yes: the intent is stored. Other: there was one before, so an object may exist. No: the flash refuses. */
  intend(): Decision {
    const { device } = this.#registration;
    const decision = noteIntent(this.#registration.agent, device.externalId);
    // Counted for this state, because the success of the look-up before it must not end the trouble.
    if (decision === Decision.No) {
      this.#registration.fail(`${device.label}: the registration`, 'the flash refuses the intent');
    }
    return decision;
  }

  writeFindOwn(request: RequestWriter): void {
    this.own.writeRequest(request, this.#registration.agent.uplink.user);
  }

  /** Yes: it is found. Again: there are more pages. Other: it may still appear. No: it was not created. */
  judgeOwn(): Decision {
    if (this.own.turnPage()) return Decision.Again;
    const { foundId } = this.own;
    this.#registration.foundId = foundId;
    this.#own = undefined;
    const { device } = this.#registration;
    if (foundId !== '') {
      this.#registration.agent.hal.log('info', `${device.label}: managed object ${foundId} was made before: adopted`);
      return Decision.Yes;
    }
    // The platform may not have finished the creation whose answer was lost.
    if (device.looks > 0) device.looks--;
    return device.looks > 0 ? Decision.Other : Decision.No;
  }

  writeCreate(request: RequestWriter): void {
    this.#registration.foundId = '';
    request.start(Method.Post).put(Path.ManagedObjects).headers(Media.ManagedObject, undefined);
    this.#acknowledged = writeCreation(request, this.#registration.device);
  }

  /** Reads the id of the new object. False: the answer has none and counts as lost. */
  readCreate(_body: Body, head: ResponseHead): boolean {
    this.#registration.foundId = this.madeId = head.locationId ?? '';
    return this.madeId !== '';
  }

  keep(): Decision {
    const { device, foundId } = this.#registration;
    this.#registration.adopt(foundId);
    device.made = true;
    if (this.madeId !== '') this.#acknowledged?.keep();
    this.#acknowledged = undefined;
    this.#registration.agent.hal.log('info', `${device.label}: managed object ${foundId}`);
    return Decision.Yes;
  }

  doubt(): Decision {
    this.#registration.device.looks = MOST_LOOKS;
    return Decision.Yes;
  }

  get own(): OwnObjects {
    this.#own ??= new OwnObjects(this.#registration.device.ownKey);
    return this.#own;
  }
}
