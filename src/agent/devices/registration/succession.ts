// SPDX-License-Identifier: Apache-2.0

import type { Body, BodySink } from '../../../base/body.ts';
import { Decision, Outcome } from '../../../base/outcome.ts';
import { type Row, refused } from '../../../base/table.ts';
import { cut } from '../../../bytes/text.ts';
import { writeUnbinding } from '../../../cumulocity/identity.ts';
import { writeReference } from '../../../cumulocity/inventory.ts';
import { Method, type RequestWriter } from '../../../http/request.ts';
import type { ResponseHead } from '../../../http/response.ts';
import { FormerChildren } from './former-children.ts';
import { isIntended } from './intents.ts';
import { Register } from './register-states.ts';
import type { Registration } from './registration.ts';

const TEXT_MAX_CHARS = 1000;
/** Discards the body: only the existence of the reference counts. */
const NOWHERE: BodySink = { feed() {} };

/**
 * Guide, replacing a physical device: for a child that has no object, or is not under the board, the replaced device
 * may have left an object under the board. Then the child takes over that object.
 */
export const successionRows: readonly Row<Succession>[] = [
  {
    name: 'look it up under the board',
    step: 'guide step 5',
    request: (succession, request) => succession.writePlaced(request),
    sink: () => NOWHERE,
    read: (succession, body, head) => succession.readPlaced(body, head),
    on: { ...refused(Register.Former), [Outcome.Ok]: Register.Claim, [Outcome.Failed]: Register.PutOff },
  },
  {
    name: 'look up children of the old device',
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

/** Takes over children of the replaced device: objects under the board that no other device here has. */
export class Succession {
  readonly #registration: Registration;
  /** The children that the replaced device has left; set when they are needed. */
  former: FormerChildren | undefined;
  /** Whether the present child takes over an object of the replaced device. */
  #isClaimed = false;
  /** Ids of the children that were taken over. */
  #taken: string[] = [];
  /** Ids of objects that no device uses any more. */
  #left: string[] = [];

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  /** The registration of another device begins. */
  begin(): void {
    this.#isClaimed = false;
  }

  /** The external id of the present child is bound. */
  onBound(): void {
    if (this.#isClaimed) this.#taken.push(this.#registration.device.childId);
  }

  /** All devices are done: reports the children that were taken over in one event. */
  tell(): void {
    // The next try searches again, because people may change the objects meanwhile.
    this.former = undefined;
    if (this.#taken.length === 0) return;
    const left = this.#left.length === 0 ? '' : `; not used any more: managed object ${this.#left.join(', ')}`;
    const text = cut(`Children of the old device are taken over: ${this.#taken.join(', ')}${left}`, TEXT_MAX_CHARS);
    this.#taken = [];
    this.#left = [];
    this.#registration.agent.hal.log('info', text);
    this.#registration.agent.board.event('fractus_ChildrenTakenOver', text);
  }

  // The actions of the states.

  writePlaced(request: RequestWriter): void {
    const { agent, device, foundId } = this.#registration;
    writeReference(request, Method.Get, agent.board.id, foundId, device.definition.type);
  }

  readPlaced(_body: Body, head: ResponseHead): boolean {
    this.#registration.isPlaced = head.isCumulocity;
    return head.isCumulocity;
  }

  /** Yes: the children are known, or there can be none. Again: the board is registered again first. */
  skipFormer(): Decision | undefined {
    const { device, foundId } = this.#registration;
    const { board, config } = this.#registration.agent;
    const isGone = device.known && foundId === '' && !isIntended(this.#registration.agent, device.externalId);
    if (isGone && !device.isBoard) {
      // The object is deleted. Perhaps that of the board is, too, and a new one has the children.
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

  /** Yes: the found object. Other: that of the replaced device. Again: the same, instead of the found one. No: none. */
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

  /** Whether the device may take over an object: a child without an external id of its own. */
  private get canFollow(): boolean {
    const { device } = this.#registration;
    return !device.isBoard && device.definition.externalId === undefined;
  }

  /** Id of the replaced device's object for this child; undefined: there is none, or a device here has it already. */
  private formerId(): string | undefined {
    const { device, foundId } = this.#registration;
    const id = this.canFollow ? this.former?.idOf(device.childId) : undefined;
    if (id === undefined || id === foundId) return undefined;
    const holder = this.#registration.agent.deviceOf(id);
    return holder === undefined || holder === device ? id : undefined;
  }
}
