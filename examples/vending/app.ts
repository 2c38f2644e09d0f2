// SPDX-License-Identifier: Apache-2.0

import type { App } from 'fractus';

/** The driver of a vending machine. */
export interface VendingMachine {
  readonly cups: number;
  onSold: ((drink: string) => void) | undefined;
  onJam: ((jammed: boolean) => void) | undefined;
}

/** A device that reports events of its own, instead of being sampled. */
export function createApp(machine: VendingMachine): App {
  return (board) => {
    const stock = () => ({ cups: machine.cups });
    board.fragment('acme_Stock', stock());
    board.position(51.2277, 6.7735, 38);
    board.command({ name: 'cups', help: 'how many cups are left', run: () => `${machine.cups} cups` });

    machine.onSold = (drink) => {
      board.event('acme_Sale', `${drink} sold`, { acme_Sale: { drink } });
      board.measure('acme_Stock', { acme_Stock: { cups: { value: machine.cups, unit: 'cups' } } });
      board.fragment('acme_Stock', stock());
    };
    machine.onJam = (jammed) => {
      if (jammed) board.alarm('acme_Jam', 'MAJOR', 'A cup is stuck');
      else board.clear('acme_Jam');
    };
  };
}
