// SPDX-License-Identifier: Apache-2.0
/* A process of its own: starts a machine, prints the process id of its host, and waits to be killed. */
import { XsMachine } from '../../../tools/xs/machine.ts';
import { BareBoard } from '../../support/xs/board.ts';

const [path = '', wordBits, bundle = ''] = process.argv.slice(2);
const { hal, timers } = new BareBoard();
const limits = { byteCodesPerEvent: 1_000_000_000 };
const machine = new XsMachine({ host: { path, wordBits: wordBits === '32' ? 32 : 64 }, bundle, hal, limits });
machine.boot().then(() => {
  timers[0]?.();
  console.log(machine.pid);
});
