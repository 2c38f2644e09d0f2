// SPDX-License-Identifier: Apache-2.0

import type { ChildDefinition } from '../../api.ts';
import type { AppHal } from '../../app-hal.ts';
import { fnv1a } from '../../bytes/hash.ts';
import { ascii, decodeUtf8, NO_BYTES, utf8 } from '../../bytes/text.ts';
import type { Base } from '../base/base.ts';

/** In flash: an expression that is made for each search takes far more. */
const OWN_KEY = /^[A-Za-z0-9_:.-]{1,64}$/;

/** Where a device stands with the platform. */
export const Standing = { Unregistered: 0, Registered: 1, Removing: 2, Removed: 3 } as const;

/** What the name of a device takes of the agent. */
export type RegistrantBase = Pick<Base, 'hal' | 'config'>;

/** Who a device is, what the platform calls it, and how far its registration is. */
export abstract class Registrant<A extends RegistrantBase = RegistrantBase> {
  readonly agent: A;
  /** Position in the agent's list; records name their source by it. */
  readonly index: number;
  /** The child's id; empty for the board. */
  readonly childId: string;
  /** What flash calls it: the same in every start, whatever its position. */
  readonly key: number;
  readonly definition: ChildDefinition;
  idBytes: Uint8Array = NO_BYTES;
  standing: number = Standing.Unregistered;
  /** Its object was made by this start. */
  made = false;
  /** Registered but for its update or its place under the board, which have failed so far. */
  owes = false;
  /** Its registration has failed, and is tried again when the registrar's pause is over. */
  putOff = false;
  /** Since when its registration fails, by the clock's ticks. */
  failingTicks = 0;
  /** How often in a row its registration has failed. */
  failures = 0;
  /** A person was told that it fails, and will be when it does no more. */
  told = false;
  /** How often an object that it may have created is still to be looked for. */
  looks = 0;

  constructor({
    agent,
    index,
    childId,
    definition,
  }: Pick<Registrant<A>, 'agent' | 'index' | 'childId' | 'definition'>) {
    this.agent = agent;
    this.index = index;
    this.childId = childId;
    this.key = keyOf(childId);
    this.definition = definition;
  }

  get hal(): AppHal {
    return this.agent.hal;
  }

  /** Id of the managed object; empty while there is none. */
  get id(): string {
    return decodeUtf8(this.idBytes, 0, this.idBytes.length);
  }

  /** The same id keeps its bytes, so that whoever holds them can tell when the device has another object. */
  set id(id: string) {
    if (id !== this.id) this.idBytes = ascii(id);
  }

  /** The platform has an object for it. */
  get known(): boolean {
    return this.idBytes.length > 0;
  }

  get registered(): boolean {
    return this.standing === Standing.Registered && this.known;
  }

  /** Taken away for good. */
  get gone(): boolean {
    return this.standing >= Standing.Removing;
  }

  get isBoard(): boolean {
    return this.childId === '';
  }

  /** For texts that a person reads. */
  get label(): string {
    return this.isBoard ? 'the device' : `child ${this.childId}`;
  }

  get externalId(): string {
    const { externalId } = this.agent.config;
    return this.isBoard ? externalId : (this.definition.externalId?.id ?? `${externalId}:${this.childId}`);
  }

  get externalIdType(): string {
    return this.definition.externalId?.type ?? this.agent.config.externalIdType;
  }

  /**
   * What is written into the object that is made for it, so that it is found again: the external id, or a short form of
   * one that could not be read out of a large object.
   */
  get ownKey(): string {
    const { externalId } = this;
    if (OWN_KEY.test(externalId)) return externalId;
    return `${keyOf(externalId).toString(16)}:${this.childId.slice(-50)}`;
  }

  get serialNumber(): string | undefined {
    return this.isBoard ? this.hal.board.serialNumber : this.definition.hardware?.serialNumber;
  }

  get requiredAvailabilityMin(): number {
    return this.definition.requiredAvailabilityMin ?? this.agent.config.requiredAvailabilityMin;
  }

  /** It has to be registered again; false when that is so already. */
  unsettle(): boolean {
    if (this.standing !== Standing.Registered) return false;
    this.standing = Standing.Unregistered;
    return true;
  }
}

/** Hash of an id. */
export function keyOf(id: string): number {
  const name = utf8(id);
  return fnv1a(name, 0, name.length);
}
