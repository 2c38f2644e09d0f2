// SPDX-License-Identifier: Apache-2.0

import type { Author } from './reporting.ts';

export const path = '/measurement/measurements';

/** Queues a measurement that the platform refuses: a series has no value. */
export function poison(author: Author): void {
  author.device.measure('x_Bad', { x_Bad: { T: { unit: 'C' } } });
}
