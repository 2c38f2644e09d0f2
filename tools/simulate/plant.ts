/** The app of simulated devices: everything it does leaves a trace that outlives power cuts and can be checked. */

import type { App, AppDevice } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
/** How long the work of `x_Work` takes. */
const WORK_MS = 3000;

export interface PlantOptions {
  /** Ids of its children. */
  readonly children?: readonly string[];
}

/** Counts its samples and its work over all starts. */
export class Plant {
  /** Samples taken so far, which are 1, 2, 3 … */
  samples = 0;
  /** How often the work of each operation was begun, by its id. */
  readonly begun = new Map<string, number>();
  /** What the alarm of the app is to be. */
  alarming = false;
  readonly #options: PlantOptions;

  constructor(options: PlantOptions = {}) {
    this.#options = options;
  }

  readonly app: App = (board) => {
    board.sensor({
      reports: LEVEL,
      sensor: {
        sample: () => {
          this.samples += 1;
          if (this.alarming) board.alarm('x_Trouble', 'MAJOR', 'trouble');
          else board.clear('x_Trouble');
          return { level: this.samples };
        },
      },
    });
    this.#equip(board);
    for (const id of this.#options.children ?? []) this.#equip(board.child(id, { type: 'x_Machine' }));
  };

  #equip(device: AppDevice): void {
    device.operation({
      name: 'x_Work',
      run: (operation) => {
        this.begun.set(operation.id, (this.begun.get(operation.id) ?? 0) + 1);
        device.hal.createTimer(() => operation.succeed()).start(WORK_MS);
      },
    });
  }
}
