// SPDX-License-Identifier: Apache-2.0
/** The app of lives with lasting faults: every device samples, carries out work, and reports events on request. */

import { type App, type AppBoard, type AppChild, type AppDevice, measurement } from '../../../src/index.ts';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
export const TROUBLE = 'x_Trouble';
const WORK_MS = 3000;

export class Estate {
  /** Present children, which it declares at each start. */
  readonly present: Set<string>;
  /** Number of times that the work of each operation was begun, by its id. */
  readonly begun = new Map<string, number>();
  readonly #children = new Map<string, AppChild>();
  #board: AppBoard | undefined;
  #samples = 0;

  constructor(children: readonly string[]) {
    this.present = new Set(children);
  }

  readonly app: App = (board) => {
    this.#board = board;
    this.#children.clear();
    this.#equip(board);
    for (const id of this.present) this.#declare(board, id);
  };

  /** Adds a child. */
  add(id: string): void {
    this.present.add(id);
    if (this.#board !== undefined) this.#declare(this.#board, id);
  }

  /** Removes a child for good. */
  remove(id: string): void {
    this.present.delete(id);
    this.#children.get(id)?.remove();
  }

  /** The board and all children report an event with this text. */
  tell(text: string): void {
    this.#board?.event('x_Told', text);
    for (const id of this.present) this.#children.get(id)?.event('x_Told', text);
  }

  raise(): void {
    this.#board?.alarm(TROUBLE, 'MAJOR', 'trouble');
  }

  clear(): void {
    this.#board?.clear(TROUBLE);
  }

  #declare(board: AppBoard, id: string): void {
    const child = board.child(id, { type: 'x_Machine', hardware: { model: 'machine', serialNumber: `serial-${id}` } });
    this.#children.set(id, child);
    this.#equip(child);
  }

  #equip(device: AppDevice): void {
    device.sensor({
      reports: LEVEL,
      sensor: {
        sample: () => {
          this.#samples += 1;
          return { level: this.#samples };
        },
      },
    });
    device.operation({
      name: 'x_Work',
      run: (operation) => {
        this.begun.set(operation.id, (this.begun.get(operation.id) ?? 0) + 1);
        device.hal.createTimer(() => operation.succeed()).start(WORK_MS);
      },
    });
  }
}
