// SPDX-License-Identifier: Apache-2.0

import { cut } from '../../../bytes/text.ts';
import { writeUnbinding } from '../../../cumulocity/identity.ts';
import { writeReference } from '../../../cumulocity/inventory.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import type { ResponseHead } from '../../../http/response.ts';
import type { Body, BodySink } from '../../base/body.ts';
import { Decision, Outcome } from '../../base/outcome.ts';
import { type Row, refused } from '../../base/table.ts';
import { FormerChildren } from './former-children.ts';
import { isIntended } from './intents.ts';
import { Register } from './register-states.ts';
import type { Registration } from './registration.ts';

const TEXT_MAX_CHARS = 1000;
/** Of what is there already only that counts. */
const NOWHERE: BodySink = { feed() {} };

/**
 * Guide, replacing a physical device: a child that is not under the board, or has no object, may stand there as that of
 * the device before. Then it goes on with that object.
 */
export const successionRows: readonly Row<Succession>[] = [
  {
    name: 'see whether it is under the board',
    step: 'guide step 5',
    request: (succession, request) => succession.writePlaced(request),
    sink: () => NOWHERE,
    read: (succession, body, head) => succession.readPlaced(body, head),
    on: { ...refused(Register.Former), [Outcome.Ok]: Register.Claim, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'look for children of the device before',
    step: 'guide, replacing a physical device',
    enter: (succession) => succession.skipFormer(),
    request: (succession, request) => succession.writeFormer(request),
    sink: (succession) => succession.former?.splitter ?? NOWHERE,
    read: (succession) => succession.readFormer(),
    on: {
      ...refused(Register.Claim),
      [Decision.Yes]: Register.Claim,
      [Decision.Again]: Register.Next,
      [Outcome.Ok]: Register.Former,
      [Outcome.Failed]: Register.PutOff,
    },
  },
  {
    name: 'choose its object',
    step: 'guide, replacing a physical device',
    enter: (succession) => succession.claim(),
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
    request: (succession, request) => succession.writeRelease(request),
    on: {
      ...refused(Register.Refused),
      [Outcome.Ok]: Register.Identify,
      [Outcome.NotFound]: Register.Identify,
      [Outcome.Failed]: Register.PutOff,
    },
  },
];

/** Takes over children of the device before: those that stand under the board's object and that nobody has here. */
export class Succession {
  readonly #registration: Registration;
  /** What the device before has left, once that is of interest. */
  former: FormerChildren | undefined = undefined;
  /** The object of the present child is that of the device before. */
  #isClaimed = false;
  /** Children that were taken over. */
  #taken: string[] = [];
  /** Ids of objects that are nobody's any more. */
  #left: string[] = [];

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  /** The turn of another device. */
  begin(): void {
    this.#isClaimed = false;
  }

  /** The present child's object is bound. */
  onBound(): void {
    if (this.#isClaimed) this.#taken.push(this.#registration.device.childId);
  }

  /** All are looked at: what was done is told in one event. */
  tell(): void {
    // What has failed is looked up anew: people may be at it.
    this.former = undefined;
    if (this.#taken.length === 0) return;
    const left = this.#left.length === 0 ? '' : `; not in use any more: managed object ${this.#left.join(', ')}`;
    const text = cut(`Children of the device before are taken over: ${this.#taken.join(', ')}${left}`, TEXT_MAX_CHARS);
    this.#taken = [];
    this.#left = [];
    this.#registration.agent.hal.log('info', text);
    this.#registration.agent.board.event('fractus_ChildrenTakenOver', text);
  }

  // What the states do.

  writePlaced(request: RequestWriter): void {
    const { agent, device, foundId } = this.#registration;
    writeReference(request, Method.Get, agent.board.id, foundId, device.definition.type);
  }

  readPlaced(_body: Body, head: ResponseHead): boolean {
    this.#registration.isPlaced = head.isCumulocity;
    return head.isCumulocity;
  }

  /** Yes: it is known who is there, or nobody can be. Again: the board first. */
  skipFormer(): Decision | undefined {
    const { device, foundId } = this.#registration;
    const { board, config } = this.#registration.agent;
    const isGone = device.known && foundId === '' && !isIntended(this.#registration.agent, device.externalId);
    if (isGone && !device.isBoard) {
      // It is deleted. Perhaps the board's object is, too, and another one has the children.
      device.id = '';
      board.unsettle();
      return Decision.Again;
    }
    if (!this.canFollow || board.made) return Decision.Yes;
    if (this.former?.isOf(board.id) !== true) this.former = new FormerChildren(board.id, `${config.externalId}:`);
    return this.former.isComplete ? Decision.Yes : undefined;
  }

  writeFormer(request: RequestWriter): void {
    this.former?.writeRequest(request);
  }

  readFormer(): boolean {
    return this.former?.read() === true;
  }

  /** Yes: what was found. Other: what the device before has left. Again: the same, in the place of what was found. No: nothing. */
  claim(): Decision {
    const { foundId, isPlaced } = this.#registration;
    const formerId = isPlaced ? undefined : this.formerId();
    if (formerId !== undefined) {
      this.#registration.foundId = formerId;
      this.#registration.isPlaced = this.#isClaimed = true;
      if (foundId === '') return Decision.Other;
      this.#left.push(foundId);
      return Decision.Again;
    }
    if (foundId === '') return Decision.No;
    this.#registration.adopt(foundId);
    return Decision.Yes;
  }

  writeRelease(request: RequestWriter): void {
    const { externalIdType, externalId } = this.#registration.device;
    writeUnbinding(request, externalIdType, externalId);
  }

  /** One with an external id of its own is found by that. */
  private get canFollow(): boolean {
    const { device } = this.#registration;
    return !device.isBoard && device.definition.externalId === undefined;
  }

  /** Id of the object that the device before has had for this child; undefined when there is none, or it has it. */
  private formerId(): string | undefined {
    const { device, foundId } = this.#registration;
    const id = this.canFollow ? this.former?.idOf(device.childId) : undefined;
    if (id === undefined || id === foundId) return undefined;
    const holder = this.#registration.agent.deviceOf(id);
    return holder === undefined || holder === device ? id : undefined;
  }
}
