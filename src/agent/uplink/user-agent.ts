// SPDX-License-Identifier: Apache-2.0

import type { Firmware } from '../../../hal/hal.ts';
import { ascii } from '../../bytes/text.ts';
import { VERSION } from '../../version.ts';

const PRODUCT_MAX_CHARS = 64;

/** The value of User-Agent: the agent, and the product that contains it (RFC 9110 §10.1.5). */
export function userAgentOf({ name, version }: Firmware): Uint8Array {
  const own = `fractus/${VERSION}`;
  const product = `${name}/${version}`.replace(/[^!#$%&'*+./^_`|~0-9A-Za-z-]/g, '-').slice(0, PRODUCT_MAX_CHARS);
  return ascii(product === own ? own : `${own} ${product}`);
}
