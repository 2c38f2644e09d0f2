// SPDX-License-Identifier: Apache-2.0

import type { XsListener } from '../../hal/xs/host.ts';
import { Op } from '../../hal/xs/protocol.ts';
import { hotPaths, outcomes } from './xs-cases.ts';

/** Logs all outcomes, and runs one hot path each time one of its timers fires. */
export function main(): void {
  for (const line of outcomes()) xsHost.send(Op.Log, 0, 0, 0, line);
  const paths = hotPaths();
  const listener: XsListener = { event: (_op, id) => paths[id]?.[1]() };
  xsHost.listen(listener);
  for (let id = 0; id < paths.length; id++) xsHost.send(Op.TimerStart, id, 0, 0);
}
