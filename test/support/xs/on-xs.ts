// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { XsHostBuild } from '../../../tools/xs/build.ts';
import { testWith } from '../needs.ts';

export type XsHost = Extract<XsHostBuild, { available: true }>;

/** A test on XS, where that can be built. */
export function testWithXs(
  host: XsHostBuild,
  title: string,
  run: (t: ExecutionContext, xs: XsHost) => Promise<void>,
): void {
  testWith(host.reason)(title, async (t) => {
    if (host.available) await run(t, host);
  });
}
