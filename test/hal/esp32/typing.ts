// SPDX-License-Identifier: Apache-2.0

import { Values, volatile } from '../../../hal/common/values.ts';
import { Console } from '../../../hal/esp32/console/console.ts';
import type { KeyValues } from '../../../hal/esp32/platform.ts';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import type { FakeHal } from '../../../hal/fake/options.ts';
import { PARTS, type Part } from '../../../src/agent/parts/index.ts';
import { utf8 } from '../../../src/bytes/text.ts';
import type { ConfigKey } from '../../../src/config.ts';

/** Key-value storage of a board; the test says when it refuses. */
export function createValues(): KeyValues & { refuses: boolean } {
  const values = new Values(volatile);
  return {
    refuses: false,
    read: (name) => values.get(name)?.slice().buffer as ArrayBuffer | undefined,
    write(name, value) {
      if (this.refuses) throw new Error('write failed');
      values.set(name, value);
    },
    delete: (name) => void values.delete(name),
    names: () => values.keys(),
    freeBytes: () => values.freeBytes(),
  };
}

export const MANIFEST = {
  url: 'https://firmware.example.com',
  bootstrapPassword: 'secret-of-the-firmware',
  wifiName: '',
};

export function createConsole(
  manifest: Readonly<Record<string, unknown>> = MANIFEST,
  own: readonly ConfigKey[] = [],
  parts: readonly Part[] = PARTS,
) {
  const machine = new FakeMachine({ board: { mac: '0200000000ab' } });
  const hal: FakeHal = machine.boot();
  const values = createValues();
  let output = '';
  const console = new Console({ hal, manifest, values, own, parts, write: (text) => (output += text) });
  /** Types a line; returns what came, echo included. */
  const type = (line: string): string => {
    output = '';
    console.take(utf8(`${line}\r`));
    return output;
  };
  const take = (bytes: Uint8Array) => console.take(bytes);
  return { machine, hal, values, type, take, all: () => output };
}
