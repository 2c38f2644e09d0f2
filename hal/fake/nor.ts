// SPDX-License-Identifier: Apache-2.0

import { checkFlashRange, checkSector } from '../common/checks.ts';
import type { Flash } from '../hal.ts';
import type { FlashFault } from './flash.ts';

export interface FakeNorOptions {
  /** Default 4,096. */
  sectorBytes?: number | undefined;
  /** Default 16. */
  sectors?: number | undefined;
}

const ERASED = 0xff;

/** Raw flash that survives everything, but can lose power at any byte of a program and within any erase. */
export class FakeNor implements Flash {
  readonly sectorBytes: number;
  readonly sectors: number;
  /** The content, for tests, which may also damage it. */
  readonly bytes: Uint8Array;
  /** Number of programs and erases of each sector. */
  readonly programs: number[];
  readonly erases: number[];
  /** Bits that a program should have set: flash cannot, so that is a defect of the caller. */
  breaches = 0;
  /** Number of steps: each programmed byte and each erase is one. */
  steps = 0;
  /** Called at every program and erase; returns its fault. */
  onChange: (() => FlashFault | undefined) | undefined;
  /** The result of changes: done, refused, or reported as done, but not done. */
  behaviour: 'good' | 'refusing' | 'ignoring' = 'good';
  readonly #random: () => number;
  readonly #onCut: () => void;
  #cutStep = 0;
  #powered = true;

  constructor(options: FakeNorOptions, random: () => number, onCut: () => void) {
    this.sectorBytes = options.sectorBytes ?? 4096;
    this.sectors = options.sectors ?? 16;
    this.bytes = new Uint8Array(this.sectorBytes * this.sectors).fill(ERASED);
    this.programs = new Array<number>(this.sectors).fill(0);
    this.erases = new Array<number>(this.sectors).fill(0);
    this.#random = random;
    this.#onCut = onCut;
  }

  /** Cuts the power within the `n`-th step from now on, counted from 1. */
  cutAtStep(n: number): void {
    this.#cutStep = this.steps + n;
  }

  powerOff(): void {
    this.#powered = false;
    this.#cutStep = 0;
  }

  powerOn(): void {
    this.#powered = true;
  }

  /** Flips one bit. */
  flip(at: number, bit: number): void {
    this.bytes[at] = (this.bytes[at] ?? 0) ^ (1 << bit);
  }

  read(at: number, into: Uint8Array, from: number, to: number): void {
    checkFlashRange(this, at, into, from, to);
    into.set(this.bytes.subarray(at, at + to - from), from);
  }

  program(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    checkFlashRange(this, at, bytes, from, to);
    if (!this.#powered || this.behaviour !== 'good') return this.#powered && this.behaviour === 'ignoring';
    const fault = this.onChange?.();
    if (fault === 'ignored' || fault === 'refused') return fault === 'ignored';
    if (fault === 'before') return this.#die();
    if (fault === 'half' || fault === 'torn') this.cutAtStep(1 + Math.floor(this.#random() * (to - from)));
    const sector = Math.floor(at / this.sectorBytes);
    this.programs[sector] = (this.programs[sector] ?? 0) + 1;
    for (let i = 0; i < to - from; i++) {
      const before = this.bytes[at + i] ?? 0;
      const wanted = bytes[from + i] ?? 0;
      if ((wanted & ~before) !== 0) this.breaches++;
      const torn = this.#isCut();
      // In the byte that the cut hits, any bits may have been cleared.
      this.bytes[at + i] = before & (torn ? wanted | Math.floor(this.#random() * 256) : wanted);
      if (torn) return this.#die();
    }
    if (fault === 'flipped') this.flip(at + Math.floor(this.#random() * (to - from)), Math.floor(this.#random() * 8));
    return fault === undefined || this.#die();
  }

  erase(sector: number): boolean {
    checkSector(this, sector);
    if (!this.#powered || this.behaviour !== 'good') return this.#powered && this.behaviour === 'ignoring';
    const fault = this.onChange?.();
    if (fault === 'ignored' || fault === 'refused') return fault === 'ignored';
    if (fault === 'before') return this.#die();
    if (fault === 'half' || fault === 'torn') this.cutAtStep(1);
    this.erases[sector] = (this.erases[sector] ?? 0) + 1;
    const target = this.bytes.subarray(sector * this.sectorBytes, (sector + 1) * this.sectorBytes);
    if (!this.#isCut()) {
      target.fill(ERASED);
      if (fault === 'flipped') this.flip(sector * this.sectorBytes + Math.floor(this.#random() * target.length), 0);
      return fault === undefined || this.#die();
    }
    // Any content: as before, erased, or in between, up to a point or in places.
    const share = this.#random();
    const upTo = Math.floor(this.#random() * target.length);
    const inOrder = this.#random() < 0.5;
    for (let i = 0; i < target.length; i++) {
      const touched = inOrder ? i < upTo : this.#random() < share;
      if (touched) target[i] = (target[i] ?? 0) | (this.#random() < 0.5 ? ERASED : Math.floor(this.#random() * 256));
    }
    return this.#die();
  }

  #isCut(): boolean {
    this.steps++;
    return this.steps === this.#cutStep;
  }

  #die(): false {
    this.powerOff();
    this.#onCut();
    return false;
  }
}
