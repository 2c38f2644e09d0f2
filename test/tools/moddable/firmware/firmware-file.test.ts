// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { parseImageHead } from '../../../../src/capabilities/firmware/firmware-image.ts';
import { firmwareFile, modelOf, writeFirmwareFile } from '../../../../tools/moddable/firmware/firmware-file.ts';

/** The beginning of an image as esptool makes it, for a chip by its number. */
function imageFor(chip: number): Uint8Array {
  const image = new Uint8Array(3000).fill(0x5a);
  image[0] = 0xe9;
  image[12] = chip & 0xff;
  image[13] = chip >> 8;
  return image;
}

test('the file says who it is for, and the image is behind its head as it was', (t) => {
  const image = imageFor(5);
  const file = firmwareFile(image, { name: 'weather', version: '1.2.0' });
  const end = file.indexOf('\n\n');
  t.deepEqual(parseImageHead(file.subarray(0, end + 1).toString()), {
    name: 'weather',
    version: '1.2.0',
    model: 'ESP32-C3',
    bytes: image.length,
    sha256: createHash('sha256').update(image).digest('hex'),
  });
  t.deepEqual(file.subarray(end + 2), Buffer.from(image));
});

test('its name says product, version and chip, and nothing that a file system minds', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fractus-'));
  const image = imageFor(9);
  const file = writeFirmwareFile(folder, image, { name: '@acme/weather', version: '1.2.0+7' });
  t.is(path.basename(file), 'acme-weather-1.2.0-7-ESP32-S3.fractus');
  t.is(readFileSync(file).length, firmwareFile(image, { name: '@acme/weather', version: '1.2.0+7' }).length);
});

test('an invalid image or name is refused', (t) => {
  for (const bad of [new Uint8Array(0), new Uint8Array(3000), imageFor(99)]) {
    t.throws(() => modelOf(bad), { message: /this is not an image for an ESP32/ });
  }
  for (const name of ['two\nlines', 'x'.repeat(2000)]) {
    t.throws(() => firmwareFile(imageFor(0), { name, version: '1' }), { message: /one short line/ });
  }
});
