// SPDX-License-Identifier: Apache-2.0
/** I19: a device that gets its certificates by itself is never without one again, and none is in use that was not proven. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Life } from './life.ts';

const CURRENT = 'enrolled';
const CANDIDATE = 'enrolled-new';

/** By what flash holds, which is another array once it is written: after each event somebody asks. */
const known = new WeakMap<Uint8Array, { readonly certificate: X509Certificate | undefined }>();

/** What a slot holds; undefined: no certificate, or none with its key. */
export function certificateIn({ device }: Pick<Life, 'device'>, slot: string): X509Certificate | undefined {
  const value = device.machine.flash.values.get(slot);
  if (value === undefined) return undefined;
  const entry = known.get(value) ?? { certificate: certificateOf(value) };
  known.set(value, entry);
  return entry.certificate;
}

function certificateOf(value: Uint8Array): X509Certificate | undefined {
  try {
    const text = Buffer.from(value);
    const certificate = new X509Certificate(text);
    return certificate.checkPrivateKey(createPrivateKey(text)) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

export class CertificateWatch {
  readonly #life: Life;
  /** Numbers of those that have given a token. */
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
      // A write that flash has spoilt: what was to be written is there still.
      if (this.#has && certificateIn(this.#life, CANDIDATE) === undefined)
        throw new Error('I19: there is no certificate any more');
      return;
    }
    this.#has = true;
    if (!this.#proven.has(certificate.serialNumber))
      throw new Error('I19: a certificate is in use that was never proven');
  }
}
