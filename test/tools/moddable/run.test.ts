// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DeviceProcess } from '../cli/device/device-process.ts';

const RUN = ['--import=tsx', fileURLToPath(new URL('../../moddable/run.ts', import.meta.url))];

test('test:moddable is skipped without the SDK, and says how to install it', async (t) => {
  for (const [MODDABLE, words] of [
    ['', /^test:moddable: skipped: MODDABLE is not set; `npx xs-dev setup` installs/],
    ['/nowhere', /^test:moddable: skipped: there is no mcconfig in \/nowhere/],
  ] as const) {
    const run = new DeviceProcess(t, { command: RUN, args: [], env: { MODDABLE } });
    t.is(await run.exit(), 0);
    t.regex(run.output, words);
  }
});
