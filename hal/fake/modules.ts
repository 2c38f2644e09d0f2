// SPDX-License-Identifier: Apache-2.0

import type { ModuleSlot } from '../hal.ts';
import { change } from './change.ts';
import type { FlashFault } from './flash.ts';

/** The module slot of a fake machine: an installed archive is in its place at the next start. */
export class FakeModules {
  /** The archive in its place; undefined: none. */
  place: Uint8Array | undefined;
  /** The archive for the next start; `undefined` in it: none. */
  next: { readonly archive: Uint8Array | undefined } | undefined;
  /** Called at every change: each piece of an archive, and its choice for the next start. Returns its fault. */
  onChange: (() => FlashFault | undefined) | undefined;
  /** Whether an archive is complete; default: it has the head of one. */
  isWhole: (archive: Uint8Array) => boolean = hasHead;
  readonly #onCut: () => void;

  /** @param onCut the power has failed within a change */
  constructor(onCut: () => void = () => {}) {
    this.#onCut = onCut;
  }

  /** Begins a start: the archive for it moves into its place. */
  start(): void {
    if (this.next !== undefined) this.place = this.next.archive;
    this.next = undefined;
  }

  /** The slot for one start. The loader of the archive sets `runs`. */
  open(capacityBytes: number, isAlive: () => boolean): ModuleSlot {
    const modules = this;
    let isBusy = false;
    // A torn choice is none: what begins it is written last. One that is not there shows at the next start.
    const keep = (archive: Uint8Array | undefined) =>
      isAlive() &&
      modules.#change(1, (share) => {
        if (share === 1) modules.next = { archive };
      });
    return {
      capacityBytes,
      get installed() {
        const { next, place } = modules;
        return next === undefined ? place !== undefined : next.archive !== undefined;
      },
      install(byteLength) {
        if (isBusy || !(byteLength > 8 && byteLength <= capacityBytes)) return undefined;
        isBusy = true;
        const archive: number[] = [];
        let isOpen = true;
        let isHarmed = false;
        const end = () => {
          if (isOpen) isBusy = false;
          isOpen = false;
        };
        return {
          write(bytes, from, to) {
            if (!isOpen || archive.length + to - from > byteLength) return false;
            return modules.#change(to - from, (count) => {
              for (let i = from; i < to; i++) archive.push(i < from + count ? (bytes[i] as number) : 0xff);
              if (count < to - from) isHarmed = true;
            });
          },
          complete() {
            const bytes = Uint8Array.from(archive);
            // What is on the flash is compared with what was given.
            const isSound = !isHarmed && bytes.length === byteLength && modules.isWhole(bytes);
            const isTaken = isOpen && isSound && keep(bytes);
            end();
            return isTaken;
          },
          abort: end,
        };
      },
      remove: () => !isBusy && keep(undefined),
    };
  }

  #change(whole: number, act: (share: number) => void): boolean {
    return change(this.onChange?.(), whole, act, this.#onCut);
  }
}

function hasHead(archive: Uint8Array): boolean {
  return Buffer.from(archive.subarray(4, 8)).toString('latin1') === 'XS_A';
}
