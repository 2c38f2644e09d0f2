// SPDX-License-Identifier: Apache-2.0

import type { Board, Firmware, ResetCause } from '../hal.ts';
import { BoardNumber, BoardText, Op } from './protocol.ts';

/** Asks the parent each time: facts that are rarely needed take no place in the heap. */
export class XsBoard implements Board {
  get model(): string {
    return text(BoardText.Model);
  }

  get revision(): string {
    return text(BoardText.Revision);
  }

  get serialNumber(): string {
    return text(BoardText.SerialNumber);
  }

  get mac(): string {
    return text(BoardText.Mac);
  }

  get firmware(): Firmware {
    return {
      name: text(BoardText.FirmwareName),
      version: text(BoardText.FirmwareVersion),
      buildTimeMs: xsHost.call(Op.BoardNumber, BoardNumber.BuildTimeMs, 0),
    };
  }

  get bootCount(): number {
    return xsHost.call(Op.BoardNumber, BoardNumber.BootCount, 0);
  }

  get resetCause(): ResetCause {
    return text(BoardText.ResetCause) as ResetCause;
  }

  freeBytes(): number {
    return xsHost.freeBytes();
  }

  largestFreeBlockBytes(): number {
    return xsHost.largestFreeBlockBytes();
  }
}

function text(id: number): string {
  xsHost.call(Op.BoardText, id, 0);
  return xsHost.text();
}
