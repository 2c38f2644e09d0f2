// SPDX-License-Identifier: Apache-2.0
/** A child with firmware, software of one type, a configuration file and a log, and with device profiles. */

import {
  childFirmware,
  childSoftware,
  configurationFiles,
  deviceProfile,
  logFiles,
  type PackageSink,
} from '../../../src/capabilities/index.ts';
import type { AppDevice } from '../../../src/index.ts';

/** Its firmware at first. */
export const FIRST_FIRMWARE = { name: 'oven', version: '1' };
/** Its only type of software. */
export const PROGRAM = 'program';
/** The program to install on it. */
export const BREAD = { name: 'bread', version: '1.4' };
/** Type of its file, and of its log. */
export const MENU = 'menu';
export const DIARY = 'diary';
const MOST_BYTES = 12_000;
const HEAD = 'appliance file, ';

/** A file that it can check: it is whole, and nothing is missing or doubled within. */
export function applianceFile(what: string, lines = 600): Buffer {
  const content = Array.from({ length: lines }, (_, index) => `${what} ${index + 1}\n`).join('');
  return Buffer.from(`${HEAD}${lines} lines\n${content}`);
}

/** @throws Error when the bytes are not a file of `applianceFile` */
function check(bytes: Uint8Array): void {
  const [head = '', first = '', ...rest] = Buffer.from(bytes).toString().split('\n');
  const what = first.replace(/ 1$/, '');
  const lines = rest.length;
  const isWhole = head === `${HEAD}${lines} lines` && rest.at(-1) === '';
  if (!isWhole || !Buffer.from(bytes).equals(applianceFile(what, lines)))
    throw new Error('the oven takes no such file');
}

/** The state of the child, which has its own power supply. */
export class Appliance {
  firmware = FIRST_FIRMWARE;
  image: Buffer | undefined;
  readonly programs = new Map<string, { readonly version: string; readonly content: Buffer }>();
  menu = applianceFile('soup', 3);

  /** @param isPowered false: the board has no power, so its calls have no effect */
  declare(child: AppDevice, isPowered: () => boolean): void {
    const take = (put: (content: Buffer) => void) => sinkOf((content) => isPowered() && put(content));
    child.operation(
      childFirmware({
        installed: () => this.firmware,
        install: ({ name, version }) =>
          take((content) => {
            this.firmware = { name, version };
            this.image = content;
          }),
      }),
    );
    child.operation(
      childSoftware({
        types: [PROGRAM],
        installed: () => [...this.programs].map(([name, { version }]) => ({ name, version, type: PROGRAM })),
        install: ({ name, version }) => take((content) => void this.programs.set(name, { version, content })),
        remove: (name) => void (isPowered() && this.programs.delete(name)),
      }),
    );
    const file = {
      type: MENU,
      maxBytes: MOST_BYTES,
      read: () => this.menu,
      apply: (bytes: Uint8Array) => {
        check(bytes);
        if (isPowered()) this.menu = Buffer.from(bytes);
      },
    };
    for (const each of configurationFiles(file)) child.operation(each);
    child.operation(logFiles({ type: DIARY, read: () => `the oven is on\n${this.firmware.version} runs\n` }));
    child.operation(deviceProfile());
  }
}

function sinkOf(put: (content: Buffer) => void): PackageSink {
  let pieces: Uint8Array[] = [];
  return {
    maxBytes: MOST_BYTES,
    begin() {
      pieces = [];
    },
    write: (bytes) => void pieces.push(bytes.slice()),
    end() {
      const content = Buffer.concat(pieces);
      check(content);
      put(content);
    },
    abort: () => {},
  };
}
