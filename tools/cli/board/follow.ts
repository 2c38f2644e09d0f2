// SPDX-License-Identifier: Apache-2.0
/** Follows the console of a flashed board until it reports to its platform, and says what is still missing. */

import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { readSign } from '../../flash/signs.ts';

/** Baud rate of the console, as in hal/esp32/chip/sdkconfig. */
export const BAUD = 115_200;

export interface FollowOptions {
  readonly input: Readable;
  print(line: string): void;
  readonly limitMs: number;
}

/** Resolves to true when the board reports; false when the time is over or the port is gone. */
export function follow({ input, print, limitMs }: FollowOptions): Promise<boolean> {
  return new Promise((resolve) => {
    let rest = '';
    const said = new Set<string>();
    const end = (works: boolean) => {
      clearTimeout(patience);
      input.removeAllListeners('data');
      input.destroy();
      resolve(works);
    };
    const patience = setTimeout(() => end(false), limitMs);
    input.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString('latin1')).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        print(line);
        const sign = readSign(line);
        if (sign === undefined) continue;
        if ('reports' in sign) return end(true);
        if (!said.has(sign.missing)) print(`fractus: ${sign.missing}`);
        said.add(sign.missing);
      }
    });
    for (const event of ['end', 'error', 'close'] as const) input.once(event, () => end(false));
  });
}

/** Opens a port with the settings of the console. @throws Error when it is no serial port */
export function openPort(port: string, baud: number): { readonly input: Readable; readonly output: Writable } {
  const flag = process.platform === 'darwin' ? '-f' : '-F';
  execFileSync('stty', [flag, port, String(baud), 'raw', '-echo', '-hupcl'], { stdio: ['ignore', 'ignore', 'pipe'] });
  // Not as files: a read of a silent board would keep the program from ending.
  const open = () => openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const output = new WriteStream(open());
  // A board that is unplugged ends the input, too.
  output.on('error', () => {});
  return { input: new ReadStream(open()), output };
}
