// SPDX-License-Identifier: Apache-2.0

import type { ModuleSlot } from '../hal.ts';

/** The place for modules of a fake machine: what is installed is in its place at the next start. */
export class FakeModules {
  /** The archive in its place; undefined: none. */
  place: Uint8Array | undefined;
  /** For the next start; `undefined` in it: there will be none. */
  next: { readonly archive: Uint8Array | undefined } | undefined;
  /** Asked at every change for whether it is done; the power may go meanwhile. */
  onWrite: (() => boolean) | undefined;
  /** Whether an archive is whole; default: its head is that of one. */
  isWhole: (archive: Uint8Array) => boolean = hasHead;

  /** A start. */
  start(): void {
    if (this.next !== undefined) this.place = this.next.archive;
    this.next = undefined;
  }

  /** The place as one start sees it. Who loads what is there says what runs. */
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
