// SPDX-License-Identifier: Apache-2.0

import { cut } from '../../bytes/text.ts';
import type { Agent } from '../agent.ts';
import type { Device } from './device.ts';
import { FormerChildren } from './former-children.ts';

const TEXT_MAX_CHARS = 1000;

/** Which children of the device before are taken over: those that stand under the board's object and that nobody has here. */
export class Succession {
  /** What the device before has left, once that is of interest. */
  former: FormerChildren | undefined = undefined;
  readonly #agent: Agent;
  #taken: string[] = [];
  #left: string[] = [];

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** True: it is known who is there, or nobody can be. */
  isKnown(device: Device | undefined): boolean {
    const { board, config } = this.#agent;
    if (device?.isBoard === true || device?.definition.externalId !== undefined || board.made) return true;
    if (this.former?.isOf(board.id) !== true) this.former = new FormerChildren(board.id, `${config.externalId}:`);
    return this.former.isComplete;
  }

  /** Id of the object that the device before has had for this child; undefined when there is none, or it has it. */
  formerId(device: Device | undefined, foundId: string): string | undefined {
    if (device === undefined || device.isBoard || device.definition.externalId !== undefined) return undefined;
    const id = this.former?.idOf(device.childId);
    if (id === undefined || id === foundId) return undefined;
    const holder = this.#agent.deviceOf(id);
    return holder === undefined || holder === device ? id : undefined;
  }

  onTaken(device: Device | undefined): void {
    this.#taken.push(device?.childId ?? '');
  }

  onLeft(id: string): void {
    this.#left.push(id);
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
    this.#agent.hal.log('info', text);
    this.#agent.board.event('fractus_ChildrenTakenOver', text);
  }
}
