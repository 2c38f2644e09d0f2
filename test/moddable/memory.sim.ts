// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildFirmware, Screen } from './bench.ts';
import { divided, LARGE, reduced, SMALL, writeWithCreation } from './memory/creation.ts';
import { live, makeKinds } from './memory/life.ts';

const HEAD_ROOM_PERCENT = 25;

const screen = await Screen.open();
const kinds = await makeKinds();
const libraries = { large: '', small: '', tiny: '' };

test.after.always(() => screen.close());

test.before(async () => {
  const project = fileURLToPath(new URL('memory', import.meta.url));
  const library = await buildFirmware('memory', { project, build: 'instrumented' });
  libraries.large = writeWithCreation(library, reduced(LARGE, HEAD_ROOM_PERCENT), 'large');
  libraries.tiny = writeWithCreation(library, reduced(LARGE, 80), 'tiny');
  libraries.small = writeWithCreation(library, divided(reduced(SMALL, HEAD_ROOM_PERCENT)), 'small');
});

for (const kind of kinds) {
  test(`${kind.name}: from boot to batch with a quarter less than an ESP32, S3 or C6 gives`, async (t) => {
    t.timeout(600_000);
    await t.notThrowsAsync(live({ screen, library: libraries.large, kind }));
  });

  test(`${kind.name}: from boot to batch with a quarter less than a C3 gives`, async (t) => {
    t.timeout(600_000);
    await t.notThrowsAsync(live({ screen, library: libraries.small, kind }));
  });
}

test('with four fifths less it does not even start: the limits are in force', async (t) => {
  const [kind] = kinds;
  if (kind === undefined) throw new Error('no kind');
  await t.throwsAsync(live({ screen, library: libraries.tiny, kind }), { message: /aborted|ended/ });
});
