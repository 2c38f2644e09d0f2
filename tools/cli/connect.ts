// SPDX-License-Identifier: Apache-2.0
/** `fractus connect --test`: runs the connection test of a board's console. */

import { createNodeHal } from '../../hal/node/node.ts';
import { ConnectionCheck } from '../../src/agent/check/connection-check.ts';
import { findingLine, type Layer } from '../../src/agent/check/finding.ts';
import { type DeviceArguments, readDeviceArguments } from '../device/device-arguments.ts';
import { refusalOf } from '../terminal/command.ts';

const USAGE = `usage: fractus connect --test [--data DIR] key=value …

Tests the connection of a device to its platform layer by layer, names the first layer that fails, and suggests a remedy.

  --data DIR  the flash of a virtual device: uses the credentials in it
  key=value   a key of \`fractus device\`: url, bootstrapPassword …

Exit code: 0 when all layers work, 1 when one fails, 2 for bad arguments.`;

/** A person who waits longer for a line wonders whether anything happens. */
const PATIENCE_MS = 5000;
const WAITING = 'waiting for an answer …';

/** Resolves with the exit code: 0 when every layer works, 1 when one does not, 2 for bad arguments. */
export async function connectCommand(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  let options: DeviceArguments;
  try {
    // What is wrong comes before what is missing.
    options = readDeviceArguments(args.filter((arg) => arg !== '--test'));
    if (!args.includes('--test')) throw new Error('--test: missing');
  } catch (error) {
    console.error(`fractus connect: ${refusalOf(error, USAGE)}\n\n${USAGE}`);
    return 2;
  }
  const { dataDir, config, resources } = options;
  try {
    const hal = createNodeHal({ dataDir, resources });
    // A computer knows the time, while a board may not.
    hal.clock.set(Date.now());
    const failed = await new Promise<Layer | undefined>((resolve) => {
      const waiting = setTimeout(() => console.error(WAITING), PATIENCE_MS).unref();
      const onFinding = (finding: Parameters<typeof findingLine>[0]) => {
        console.log(findingLine(finding));
        waiting.refresh();
      };
      const onDone = (failed: Layer | undefined) => {
        clearTimeout(waiting);
        resolve(failed);
      };
      new ConnectionCheck({ hal, config, onFinding, onDone }).start();
    });
    hal.close();
    return failed === undefined ? 0 : 1;
  } catch (error) {
    console.error(`fractus connect: ${(error as Error).message}`);
    return 1;
  }
}
