// SPDX-License-Identifier: Apache-2.0
/**
 * A virtual board with slots for firmware that will be killed: on Node or XS, its flash in a directory. A file records each program
 * before it runs, so that it is known afterwards.
 */

import { readFileSync } from 'node:fs';
import type { Firmware, Hal } from '../../hal/hal.ts';
import { restart, signedFirmware } from '../../src/capabilities/index.ts';
import type { RawConfig } from '../../src/index.ts';
import { NodeImageProgram, XsScriptProgram } from '../device/image-programs.ts';
import { NodeProgram, type Program, type XsProgramOptions } from '../device/programs.ts';
import type { VirtualImage } from '../device/virtual-image.ts';
import { digestOf, MADE, majorOf } from './firmware-notes.ts';
import { note } from './notes.ts';
import { runBoard } from './run-board.ts';

/** The board's command line, as JSON. */
export interface FirmwareBoardOrders {
  readonly dataDir: string;
  /** File of the notes: each program that runs, by the SHA-256 of its script, and the first number of its version. */
  readonly notes: string;
  readonly config: RawConfig;
  readonly firmware: Firmware;
  /** The key that the board trusts. */
  readonly publicKey: string;
  /** Undefined: Node. `bundle` is a file with the script that the board was made with. */
  readonly xs?: Pick<XsProgramOptions, 'host' | 'bundle'> | undefined;
}

function noted(program: Program, act: () => void): Program {
  return {
    boot(hal: Hal) {
      act();
      return program.boot(hal);
    },
    stop: (timeoutMs) => program.stop(timeoutMs),
  };
}

function run({ dataDir, notes, config, firmware, publicKey, xs }: FirmwareBoardOrders): void {
  runBoard({
    dataDir,
    firmware,
    programs({ onPanic, onExit }) {
      const capabilities = [restart, signedFirmware(publicKey)];
      const made =
        xs === undefined
          ? new NodeProgram(config, () => {}, { capabilities })
          : new XsScriptProgram({ ...xs, script: readFileSync(xs.bundle, 'utf8'), config, onPanic, onExit });
      const programOf = ({ script }: VirtualImage) =>
        xs === undefined
          ? new NodeImageProgram(script, config)
          : new XsScriptProgram({ ...xs, script, config, onPanic });
      return {
        program: noted(made, () => note(notes, MADE, majorOf(firmware.version))),
        runImage: (image) =>
          noted(programOf(image), () => note(notes, digestOf(image.script), majorOf(image.firmware.version))),
      };
    },
  });
}

run(JSON.parse(process.argv[2] ?? '') as FirmwareBoardOrders);
