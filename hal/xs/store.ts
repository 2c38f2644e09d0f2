// SPDX-License-Identifier: Apache-2.0

import type { Store } from '../hal.ts';
import { Op } from './protocol.ts';

/** The HAL of the parent checks names and sizes; its exceptions come through the call. */
export class XsStore implements Store {
  get(name: string): Uint8Array | undefined {
    if (xsHost.call(Op.StoreGet, 0, 0, 0, name) === 0) return undefined;
    const bytes = new Uint8Array(xsHost.length());
    xsHost.copy(bytes, 0, bytes.length);
    return bytes;
  }

  set(name: string, value: Uint8Array): boolean {
    return xsHost.call(Op.StoreSet, 0, name.length, 0, name, value, 0, value.length) === 1;
  }

  delete(name: string): boolean {
    return xsHost.call(Op.StoreDelete, 0, 0, 0, name) === 1;
  }

  keys(): string[] {
    xsHost.call(Op.StoreKeys, 0, 0);
    return JSON.parse(xsHost.text());
  }

  freeBytes(): number {
    return xsHost.call(Op.StoreFree, 0, 0);
  }
}
