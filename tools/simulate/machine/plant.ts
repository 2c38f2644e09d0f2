// SPDX-License-Identifier: Apache-2.0
/** The app of simulated devices. All of its actions leave records that outlive power cuts and can be checked. */

import type { FakeMachine } from '../../../hal/fake/machine.ts';
import type { VirtualTime } from '../../../hal/fake/time.ts';
import type { App, AppBoard, AppDevice, Severity } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import type { Json } from '../../platform/model.ts';
import { Appliance } from './appliance.ts';
import { Controller } from './controller.ts';
import { Workbench } from './workbench.ts';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
/** Type of the alarm in `wish`. */
export const TROUBLE = 'x_Trouble';
/** Type of the events that report finished work. */
export const WORKED = 'x_Worked';
/** Reason of work that is ordered to fail. */
export const BROKEN = 'it is broken';
/** Duration of the work of `x_Work`. */
const WORK_MS = 3000;
/** The source id of the board. */
export const BOARD = '';

/** The time of an action: the true time, and that of the device's clock, which may not know it. */
export interface Moment {
  readonly epochMs: number;
  readonly clockMs: number | undefined;
  /** Number of the start, from 1. */
  readonly start: number;
}

/** The alarm that the app wants. */
export interface Wish {
  readonly severity: Severity;
  readonly text: string;
}

/** Work whose end was reported as an event. */
export interface Work extends Moment {
  /** The id of a child, or `BOARD`. */
  readonly source: string;
  /** The device has recorded the end of the work without a fault of the flash. */
  readonly isNoted: boolean;
}

/** The state of a plant that continues in later lives. */
export interface PlantPast {
  /** Times of the samples of each source; the samples are 1, 2, 3 … */
  readonly taken: ReadonlyMap<string, readonly Moment[]>;
  /** Times of the device's starts, epoch ms. */
  readonly starts: readonly number[];
}

export interface PlantOptions {
  /** The true time. */
  readonly time: VirtualTime;
  /** Ids of its children. */
  readonly children?: readonly string[] | undefined;
  readonly past?: PlantPast | undefined;
}

/** Counts its samples and its work over all starts. */
export class Plant implements PlantPast {
  readonly taken = new Map<string, Moment[]>();
  readonly starts: number[];
  /** The board's own boot count at each start, by the true number of the start. */
  readonly bootCounts = new Map<number, number>();
  /** Number of times that the work of each operation was begun, by its id. */
  readonly begun = new Map<string, number>();
  /** Finished work, by the id of the operation. */
  readonly worked = new Map<string, Work>();
  /** Failed work, by the id of the operation; true: the device has recorded the failure. */
  readonly failed = new Map<string, boolean>();
  /** The wanted alarm; undefined: none. */
  wish: Wish | undefined;
  /** Times at which the device was told of the wanted alarm, or of the last one. */
  alarmed: Moment[] = [];
  /** The app reports a change once; otherwise again at each sample and each start. */
  tellsOnce = false;
  /** Number of flash changes with a wrong result. */
  harmedWrites: () => number = () => 0;
  /** Id of the operation that stops the pump. */
  stopping = '';
  /** Parameters in force. */
  applied: Readonly<Record<string, Json>> = {};
  /** No parameter of the app exceeds this. */
  mostApplied = Number.POSITIVE_INFINITY;
  /** Number of times that the board has moved, and where it is then. */
  moves = 0;
  onMove: (moves: number) => void = () => {};
  /** The state of its children, and whether they declare it. */
  readonly controller = new Controller();
  isControlled = false;
  /** Another kind of child, and whether its children are of this kind. */
  readonly appliance = new Appliance();
  isAppliance = false;
  /** The file, the relay and the display of its app. */
  readonly workbench = new Workbench();
  /** Id of the operation with the message for its display. */
  messageId = '';
  /** The machine that it runs on. */
  machine: FakeMachine | undefined;
  readonly #options: PlantOptions;
  /** Number of samples of each source at the last start. */
  readonly #before = new Map<string, number>();
  #board: AppBoard | undefined;
  /** The alarm that the present start was told. */
  #told: Wish | undefined;
  /** The latest wish has been told, in any start. */
  #isTold = true;

  constructor(options: PlantOptions) {
    this.#options = options;
    this.starts = [...(options.past?.starts ?? [])];
    for (const source of [BOARD, ...(options.children ?? [])]) {
      this.taken.set(source, [...(options.past?.taken.get(source) ?? [])]);
    }
  }

  readonly app: App = (board) => {
    this.#board = board;
    this.#told = undefined;
    this.starts.push(this.#options.time.epochMs);
    this.bootCounts.set(this.starts.length, board.hal.board.bootCount);
    this.#equip(board, BOARD);
    for (const id of this.#options.children ?? []) {
      const child = board.child(id, { type: 'x_Machine' });
      this.#equip(child, id);
      if (this.isControlled) this.controller.declare(child, () => this.#isPowered);
      if (this.isAppliance) this.appliance.declare(child, () => this.#isPowered);
    }
  };

  /** Samples of the board so far. */
  get samples(): number {
    return this.taken.get(BOARD)?.length ?? 0;
  }

  /** Number of samples of a source at the last start. */
  samplesBefore(source: string): number {
    return this.#before.get(source) ?? 0;
  }

  /** Wants this alarm from now on; a device without power learns it at its next sample. */
  raise(severity: Severity, text: string): void {
    if (this.wish === undefined) this.alarmed = [];
    this.wish = { severity, text };
    this.#follow();
  }

  /** Wants no alarm from now on. */
  clear(): void {
    this.wish = undefined;
    this.#follow();
  }

  /** Declares the workbench. */
  declareWorkbench(board: AppBoard): void {
    const count = () => void this.begun.set(this.messageId, (this.begun.get(this.messageId) ?? 0) + 1);
    this.workbench.declare(board, () => this.#isPowered, count);
  }

  /** Sets the app's parameters. */
  apply(values: Readonly<Record<string, Json>>): void {
    if (!this.#isPowered) return;
    const inForce = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? Math.min(value, this.mostApplied) : value,
    ]);
    this.applied = Object.fromEntries(inForce) as typeof values;
  }

  /** Moves the board. One without power reports it at its next start. */
  move(): void {
    this.moves += 1;
    if (this.#isPowered) this.#guarded(() => this.onMove(this.moves));
  }

  /** Stops the pump, and counts that for its operation. */
  stop(): void {
    if (this.#isPowered) this.begun.set(this.stopping, (this.begun.get(this.stopping) ?? 0) + 1);
  }

  get isStopped(): boolean {
    return this.begun.has(this.stopping);
  }

  #follow(): void {
    this.#isTold = false;
    this.#guarded(() => this.#alarm());
  }

  /** Runs a callback of the app: an error is a panic. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.machine?.panic(error);
    }
  }

  #alarm(): void {
    const board = this.#board;
    if (board === undefined || (this.tellsOnce && this.#isTold)) return;
    const harmedWrites = this.harmedWrites();
    if (this.wish === undefined) board.clear(TROUBLE);
    else {
      if (this.#told !== this.wish) this.alarmed.push(this.#now());
      board.alarm(TROUBLE, this.wish.severity, this.wish.text);
    }
    this.#told = this.wish;
    // A wish that a fault hit while it was told does not count as told.
    this.#isTold = this.#isPowered && this.harmedWrites() === harmedWrites;
  }

  #now(): Moment {
    const clockMs = this.machine?.hal?.clock.now();
    return { epochMs: this.#options.time.epochMs, clockMs, start: this.starts.length };
  }

  /** False: the board has no power, so calls have no effect. */
  get #isPowered(): boolean {
    return this.machine?.hal !== undefined;
  }

  #equip(device: AppDevice, source: string): void {
    const taken = this.taken.get(source) ?? [];
    this.#before.set(source, taken.length);
    device.sensor({
      reports: LEVEL,
      sensor: {
        sample: () => {
          if (!this.#isPowered) return undefined;
          if (source === BOARD) this.#alarm();
          taken.push(this.#now());
          return { level: taken.length };
        },
      },
    });
    device.operation({
      name: 'x_Work',
      run: (operation) => {
        if (!this.#isPowered) return;
        this.begun.set(operation.id, (this.begun.get(operation.id) ?? 0) + 1);
        device.hal
          .createTimer(() => {
            const work = { ...this.#now(), source };
            const harmedWrites = this.harmedWrites();
            if (operation.flag('fails') === true) {
              this.failed.set(operation.id, false);
              operation.fail(BROKEN);
              this.failed.set(operation.id, this.harmedWrites() === harmedWrites);
              return;
            }
            this.worked.set(operation.id, { ...work, isNoted: false });
            device.event(WORKED, operation.id);
            operation.succeed();
            this.worked.set(operation.id, { ...work, isNoted: this.harmedWrites() === harmedWrites });
          })
          .start(WORK_MS);
      },
    });
  }
}
