// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8 } from '../bytes/text.ts';

const HEAD_BYTES = 32;

/**
 * Finds out whether a file is a page of HTML: a portal or a gateway answers with one in place of the platform. Such a
 * page is never a configuration or a package.
 */
export class PageCheck {
  #head = '';

  /** The file begins. */
  begin(): void {
    this.#head = '';
  }

  /** Takes the next bytes; true: the file begins like a page. */
  isPage(bytes: Uint8Array, from: number, to: number): boolean {
    const room = HEAD_BYTES - this.#head.length;
    if (room <= 0) return false;
    this.#head += decodeUtf8(bytes, from, Math.min(to, from + room));
    return /^\s*<(!doctype html|html)\b/i.test(this.#head);
  }
}
