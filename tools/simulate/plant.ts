// SPDX-License-Identifier: Apache-2.0
/** The app of simulated devices: everything it does leaves a trace that outlives power cuts and can be checked. */

import type { FakeMachine } from '../../hal/fake/machine.ts';
import type { VirtualTime } from '../../hal/fake/time.ts';
import type { App, AppBoard, AppDevice, Severity } from '../../src/index.ts';
import { measurement } from '../../src/index.ts';
import type { Json } from '../platform/model.ts';
import { Controller } from './controller.ts';

const LEVEL = measurement({ type: 'level', fragments: { level: { L: { of: 'level', decimals: 0 } } } });
/** Type of the alarm that `wish` is about. */
export const TROUBLE = 'x_Trouble';
/** Of the events that tell of work that was done. */
export const WORKED = 'x_Worked';
/** How work ends that is ordered to fail. */
export const BROKEN = 'it is broken';
/** How long the work of `x_Work` takes. */
const WORK_MS = 3000;
/** The board among the sources. */
export const BOARD = '';

/** When something was taken: in truth, and by the clock of the device, which may not know. */
export interface Moment {
  readonly epochMs: number;
  readonly clockMs: number | undefined;
  /** Number of the start, from 1. */
  readonly start: number;
}

/** An alarm as the app wants it. */
export interface Wish {
  readonly severity: Severity;
  readonly text: string;
}

/** Work whose end was reported as an event. */
export interface Work extends Moment {
  /** Whose it was: the id of a child, or `BOARD`. */
  readonly source: string;
  /** The device has learned that the work was done, and nothing hit the flash while it noted that. */
  readonly isNoted: boolean;
}

/** What outlives the life of a plant. */
export interface PlantPast {
  /** Samples of each source, which are 1, 2, 3 … */
  readonly taken: ReadonlyMap<string, readonly Moment[]>;
  /** When the device has started, epoch ms. */
  readonly starts: readonly number[];
}

export interface PlantOptions {
  /** The true one. */
  readonly time: VirtualTime;
  /** Ids of its children. */
  readonly children?: readonly string[] | undefined;
  readonly past?: PlantPast | undefined;
}

/** Counts its samples and its work over all starts. */
export class Plant implements PlantPast {
  readonly taken = new Map<string, Moment[]>();
  readonly starts: number[];
  /** What the board takes for the number of each start, by its true number. */
  readonly bootCounts = new Map<number, number>();
  /** How often the work of each operation was begun, by its id. */
  readonly begun = new Map<string, number>();
  /** By the id of the operation. */
  readonly worked = new Map<string, Work>();
  /** Work that has failed, by the id of the operation, and whether the device has noted that. */
  readonly failed = new Map<string, boolean>();
  /** What the alarm is to be; undefined: there is to be none. */
  wish: Wish | undefined;
  /** When the device was told of the alarm that is wanted now, or was last. */
  alarmed: Moment[] = [];
  /** The app tells of a change once; else again at each sample, and at each start. */
  tellsOnce = false;
  /** So many changes of the flash have not become what they should. */
  harmedWrites: () => number = () => 0;
  /** The operation that is to stop the pump, by its id. */
  stopping = '';
  /** Parameters in force. */
  applied: Readonly<Record<string, Json>> = {};
  /** What its children are, and whether they say so. */
  readonly controller = new Controller();
  isControlled = false;
  /** What it runs on. */
  machine: FakeMachine | undefined;
  readonly #options: PlantOptions;
  /** How many samples of each source there were when the device started last. */
  readonly #before = new Map<string, number>();
  #board: AppBoard | undefined;
  /** What the present start was told of the alarm. */
  #told: Wish | undefined;
  /** The latest wish has been told, in whichever start. */
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
    }
  };

  /** Samples of the board so far. */
  get samples(): number {
    return this.taken.get(BOARD)?.length ?? 0;
  }

  /** How many samples of a source there were when the device started last. */
  samplesBefore(source: string): number {
    return this.#before.get(source) ?? 0;
  }

  /** From now on there shall be this alarm; a device without power learns it at its next sample. */
  raise(severity: Severity, text: string): void {
    if (this.wish === undefined) this.alarmed = [];
    this.wish = { severity, text };
    this.#follow();
  }

  /** From now on there shall be none. */
  clear(): void {
    this.wish = undefined;
    this.#follow();
  }

  /** The app is told what its parameters are. */
  apply(values: Readonly<Record<string, Json>>): void {
    if (this.#isPowered) this.applied = values;
  }

  /** The pump is stopped, for the operation that asks for it. */
  stop(): void {
    if (this.#isPowered) this.begun.set(this.stopping, (this.begun.get(this.stopping) ?? 0) + 1);
  }

  get isStopped(): boolean {
    return this.begun.has(this.stopping);
  }

  /** As in a callback of its own. */
  #follow(): void {
    this.#isTold = false;
    try {
      this.#alarm();
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
    // What a fault hits while it is told has not been.
    this.#isTold = this.#isPowered && this.harmedWrites() === harmedWrites;
  }

  #now(): Moment {
    const clockMs = this.machine?.hal?.clock.now();
    return { epochMs: this.#options.time.epochMs, clockMs, start: this.starts.length };
  }

  /** False: what is called is what a start without power would have done. */
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
