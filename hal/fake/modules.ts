// SPDX-License-Identifier: Apache-2.0

import type { ModuleSlot } from '../hal.ts';

/** The module slot of a fake machine: an installed archive is in its place at the next start. */
export class FakeModules {
  /** The archive in its place; undefined: none. */
  place: Uint8Array | undefined;
  /** The archive for the next start; `undefined` in it: none. */
  next: { readonly archive: Uint8Array | undefined } | undefined;
  /** Asked at every change whether it succeeds; the power may fail meanwhile. */
  onWrite: (() => boolean) | undefined;
  /** Whether an archive is complete; default: it has the head of one. */
  isWhole: (archive: Uint8Array) => boolean = hasHead;

  /** Begins a start: the archive for it moves into its place. */
  start(): void {
    if (this.next !== undefined) this.place = this.next.archive;
    this.next = undefined;
  }

  /** The slot for one start. The loader of the archive sets `runs`. */
  open(capacityBytes: number, isAlive: () => boolean): ModuleSlot {
    const modules = this;
    let isBusy = false;
    const keep = (archive: Uint8Array | undefined) => {
      if (!isAlive() || modules.onWrite?.() === false || !isAlive()) return false;
      modules.next = { archive };
      return true;
    };
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
        const end = () => {
          if (isOpen) isBusy = false;
          isOpen = false;
        };
        return {
          write(bytes, from, to) {
            if (!isOpen || archive.length + to - from > byteLength || modules.onWrite?.() === false) return false;
            for (let i = from; i < to; i++) archive.push(bytes[i] as number);
            return true;
          },
          complete() {
            const bytes = Uint8Array.from(archive);
            const isTaken = isOpen && bytes.length === byteLength && modules.isWhole(bytes) && keep(bytes);
            end();
            return isTaken;
          },
          abort: end,
        };
      },
      remove: () => !isBusy && keep(undefined),
    };
  }
}

function hasHead(archive: Uint8Array): boolean {
  return Buffer.from(archive.subarray(4, 8)).toString('latin1') === 'XS_A';
}
