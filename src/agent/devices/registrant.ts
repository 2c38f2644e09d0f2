// SPDX-License-Identifier: Apache-2.0

import type { ChildDefinition } from '../../api.ts';
import type { AppHal } from '../../app-hal.ts';
import type { Base } from '../../base/base.ts';
import { fnv1a } from '../../bytes/hash.ts';
import { ascii, decodeUtf8, NO_BYTES, utf8 } from '../../bytes/text.ts';

/** A constant in flash, because an expression created for each search takes far more memory. */
const OWN_KEY = /^[A-Za-z0-9_:.-]{1,64}$/;

/** The states of a device's registration. */
export const Standing = { Unregistered: 0, Registered: 1, Removing: 2, Removed: 3 } as const;

/** The services of the agent that the identity of a device uses. */
export type RegistrantBase = Pick<Base, 'hal' | 'config'>;

/** The identity of a device, here and on the platform, and the progress of its registration. */
export abstract class Registrant<A extends RegistrantBase = RegistrantBase> {
  readonly agent: A;
  /** Index in the agent's list; records refer to their source by it. */
  readonly index: number;
  /** The child's id; empty for the board. */
  readonly childId: string;
  /** Identifies the device on flash: the same in every start, whatever its index. */
  readonly key: number;
  readonly definition: ChildDefinition;
  idBytes: Uint8Array = NO_BYTES;
  standing: number = Standing.Unregistered;
  /** Whether this start has created its managed object. */
  made = false;
  /** Whether a step of its registration is due: its update, its place under the board, or a further external id. */
  owes = false;
  /** Whether its registration has failed. It is tried again after the pause of the registrar. */
  putOff = false;
  /** Ticks since which its registration fails. */
  failingTicks = 0;
  /** The number of failures of its registration in a row. */
  failures = 0;
  /** Whether the failure was reported to a person. Then its end is reported, too. */
  told = false;
  /** The number of searches that are left for an object that it may have created. */
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

  /** An equal id keeps the same array, so that a holder of the array notices when the device has another object. */
  set id(id: string) {
    if (id !== this.id) this.idBytes = ascii(id);
  }

  /** Whether the platform has a managed object for it. */
  get known(): boolean {
    return this.idBytes.length > 0;
  }

  get registered(): boolean {
    return this.standing === Standing.Registered && this.known;
  }

  /** Whether the app has removed it for good. */
  get gone(): boolean {
    return this.standing >= Standing.Removing;
  }

  get isBoard(): boolean {
    return this.childId === '';
  }

  /** Its name in texts for a person. */
  get label(): string {
    return this.isBoard ? 'the device' : `child ${this.childId}`;
  }

  get externalId(): string {
    const { externalId } = this.agent.config;
    return this.isBoard ? externalId : (this.definition.externalId?.id ?? `${externalId}:${this.childId}`);
  }

  get externalIdType(): string {
    return this.definition.externalId?.type ?? this.agent.config.text('externalIdType');
  }

  /**
   * The key in the managed object that is created for it, by which the object is found again: the external id, or a
   * short form of one that could not be read out of a large object.
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

  /** Marks the device to be registered again. False: it is not registered at present. */
  unsettle(): boolean {
    if (this.standing !== Standing.Registered) return false;
    this.standing = Standing.Unregistered;
    return true;
  }
}

/** Whether a device has to be registered, completed or removed. */
export function isUnfinished(device: Registrant): boolean {
  const { standing } = device;
  return standing === Standing.Unregistered || standing === Standing.Removing || (device.owes && !device.gone);
}

/** Hash of an id. */
export function keyOf(id: string): number {
  const name = utf8(id);
  return fnv1a(name, 0, name.length);
}
