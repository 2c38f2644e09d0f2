/** The app of simulated devices: everything it does leaves a trace that outlives power cuts and can be checked. */

import type { App, AppBoard, AppDevice } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
/** Type of the alarm that `alarming` is about. */
export const TROUBLE = 'x_Trouble';
/** How long the work of `x_Work` takes. */
const WORK_MS = 3000;

export interface PlantOptions {
  /** Ids of its children. */
  readonly children?: readonly string[] | undefined;
}

/** Counts its samples and its work over all starts. */
export class Plant {
  /** Samples taken so far, which are 1, 2, 3 … */
  samples = 0;
  /** Samples that had been taken when the device started last. */
  samplesBefore = 0;
  /** How often the work of each operation was begun, by its id. */
  readonly begun = new Map<string, number>();
  /** Ids of operations whose end was reported as an event. */
  readonly told: string[] = [];
  readonly #options: PlantOptions;
  #board: AppBoard | undefined;
  #alarming = false;

  constructor(options: PlantOptions = {}) {
    this.#options = options;
  }

  readonly app: App = (board) => {
    this.#board = board;
    this.samplesBefore = this.samples;
    board.sensor({
      reports: LEVEL,
      sensor: {
        sample: () => {
          this.samples += 1;
          this.#alarm(board);
          return { level: this.samples };
        },
      },
    });
    this.#equip(board);
    for (const id of this.#options.children ?? []) this.#equip(board.child(id, { type: 'x_Machine' }));
  };

  /** What the alarm of the app is to be; a device without power learns it at its next sample. */
  get alarming(): boolean {
    return this.#alarming;
  }

  set alarming(yes: boolean) {
    this.#alarming = yes;
    if (this.#board !== undefined) this.#alarm(this.#board);
  }

  #alarm(board: AppBoard): void {
    if (this.#alarming) board.alarm(TROUBLE, 'MAJOR', 'trouble');
    else board.clear(TROUBLE);
  }

  #equip(device: AppDevice): void {
    device.operation({
      name: 'x_Work',
      run: (operation) => {
        this.begun.set(operation.id, (this.begun.get(operation.id) ?? 0) + 1);
        device.hal
          .createTimer(() => {
            this.told.push(operation.id);
            device.event('x_Worked', operation.id);
            operation.succeed();
          })
          .start(WORK_MS);
      },
    });
  }
}
