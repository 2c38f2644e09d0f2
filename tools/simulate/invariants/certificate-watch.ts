// SPDX-License-Identifier: Apache-2.0
/** I19: a device with enrolled certificates never loses its last one, and never uses an unproven one. */

import { X509Certificate } from 'node:crypto';
import { certificateIn } from '../machine/certificate.ts';
import type { Life } from '../machine/life.ts';

const CURRENT = 'enrolled';
const CANDIDATE = 'enrolled-new';

export class CertificateWatch {
  readonly #life: Life;
  /** Serial numbers of certificates that have got a token. */
  readonly #proven = new Set<string>();
  readonly #enrols: boolean;
  #kept: Uint8Array | undefined;
  #has: boolean;

  constructor(life: Life) {
    this.#life = life;
    this.#enrols = life.scenario.enrols === true;
    this.#kept = this.#value;
    const first = this.#enrols ? certificateIn(life, CURRENT) : undefined;
    this.#has = first !== undefined;
    if (first !== undefined) this.#proven.add(first.serialNumber);
    if (this.#enrols)
      life.world.platform.core.onToken = (leaf) => this.#proven.add(new X509Certificate(leaf).serialNumber);
  }

  get #value(): Uint8Array | undefined {
    return this.#life.device.machine.flash.values.get(CURRENT);
  }

  afterEvent(): void {
    if (!this.#enrols) return;
    const value = this.#value;
    if (value === this.#kept && this.#has) return;
    this.#kept = value;
    const certificate = certificateIn(this.#life, CURRENT);
    if (certificate === undefined) {
      // The write was spoilt by the flash; the candidate is still there.
      if (this.#has && certificateIn(this.#life, CANDIDATE) === undefined)
        throw new Error('I19: there is no certificate any more');
      return;
    }
    this.#has = true;
    if (!this.#proven.has(certificate.serialNumber))
      throw new Error('I19: a certificate is in use that was never proven');
  }
}
