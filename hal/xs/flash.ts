// SPDX-License-Identifier: Apache-2.0

import { checkSector } from '../common/checks.ts';
import type { Flash } from '../hal.ts';
import { Op } from './protocol.ts';

/** The raw flash of the parent, which checks the addresses; the host checks the range of the buffer. */
export class XsFlash implements Flash {
  readonly sectorBytes: number;
  readonly sectors: number;

  constructor(sectorBytes: number, sectors: number) {
    this.sectorBytes = sectorBytes;
    this.sectors = sectors;
  }

  read(at: number, into: Uint8Array, from: number, to: number): void {
    xsHost.call(Op.FlashRead, 0, to - from, at);
    xsHost.copy(into, from, to);
  }

  program(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    return xsHost.call(Op.FlashProgram, 0, 0, at, undefined, bytes, from, to) === 1;
  }

  erase(sector: number): boolean {
    checkSector(this, sector);
    return xsHost.call(Op.FlashErase, sector, 0) === 1;
  }
}
