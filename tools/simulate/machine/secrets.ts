// SPDX-License-Identifier: Apache-2.0
/** The secrets of devices, which must never appear in texts. */

import type { Platform } from '../../platform/platform.ts';

/** Shorter secrets would match ordinary words. */
const leastChars = 6;
const mostSecrets = 1000;
const mostClean = 1000;

export class Secrets {
  readonly #platform: Platform;
  readonly #texts = new Set<string>();
  /** Texts that contain none of the secrets so far. */
  readonly #clean = new Set<string>();
  #users = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  add(text: string | undefined): void {
    if (text === undefined || text.length < leastChars || this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#clean.clear();
    const [oldest] = this.#texts;
    if (this.#texts.size > mostSecrets && oldest !== undefined) this.#texts.delete(oldest);
  }

  /** Adds the secrets of an Authorization header. */
  learn(header: string | undefined): void {
    const value = header?.split(' ', 2)[1];
    if (header === undefined || value === undefined || this.#texts.has(value)) return;
    this.add(value);
    if (!/^basic /i.test(header)) return;
    const login = Buffer.from(value, 'base64').toString('utf8');
    this.add(login.slice(login.indexOf(':') + 1));
  }

  foundIn(text: string): boolean {
    const { size } = this.#platform.core.users;
    if (size !== this.#users || this.#clean.size >= mostClean) this.#clean.clear();
    this.#users = size;
    if (this.#clean.has(text)) return false;
    const isFound = this.#isIn(text);
    if (!isFound) this.#clean.add(text);
    return isFound;
  }

  #isIn(text: string): boolean {
    for (const secret of this.#texts) if (text.includes(secret)) return true;
    for (const { password } of this.#platform.core.users.values()) {
      if (password !== undefined && text.includes(password)) return true;
    }
    return false;
  }
}
