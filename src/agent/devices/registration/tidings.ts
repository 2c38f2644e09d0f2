// SPDX-License-Identifier: Apache-2.0

import { cut } from '../../../bytes/text.ts';
import type { Device } from '../device.ts';
import type { RegistrationBase } from './registration.ts';

const TEXT_MAX_CHARS = 1000;

/** Reports refused registrations, and those that work again, once for all devices together. */
export class Tidings {
  readonly #agent: RegistrationBase;
  #refused: Device[] = [];
  #healed: Device[] = [];

  constructor(agent: RegistrationBase) {
    this.#agent = agent;
  }

  onRefused(device: Device): void {
    device.told = true;
    this.#refused.push(device);
  }

  onHealed(device: Device): void {
    if (!device.told) return;
    device.told = false;
    const at = this.#refused.indexOf(device);
    if (at < 0) this.#healed.push(device);
    else this.#refused.splice(at, 1);
  }

  /** All devices were tried: sends the reports. */
  tell(): void {
    const { board, hal, uplink } = this.#agent;
    const refused = this.#refused;
    const healed = this.#healed;
    this.#refused = [];
    this.#healed = [];
    // No event if only the board is refused: it could not be sent.
    if (refused.some(({ isBoard }) => !isBoard)) {
      const text = `The platform refuses ${uplink.user} managed objects: is it the owner? ${listOf(refused)}`;
      board.event('c8y_ChildRefused', cut(text, TEXT_MAX_CHARS));
    }
    if (healed.length === 0) return;
    const text = cut(`Registered after failures: ${listOf(healed)}`, TEXT_MAX_CHARS);
    hal.log('info', text);
    board.event('fractus_RegistrationHealed', text);
  }
}

function listOf(devices: readonly Device[]): string {
  return devices.map(({ label, id }) => `${label} (${id || 'new'})`).join(', ');
}
