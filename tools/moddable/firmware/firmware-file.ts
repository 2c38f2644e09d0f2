// SPDX-License-Identifier: Apache-2.0
/** The firmware file for an upload to the platform: a head with model, name, version and digest, then the image. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { IMAGE_HEAD_MAX_BYTES, IMAGE_MAGIC } from '../../../src/capabilities/firmware/firmware-image.ts';
import { type SigningKey, signFirmware } from './firmware-signature.ts';

/**
 * The first byte of an ESP32 image, and the board models by the chip number at byte 12 (`esp_chip_id_t`). The board
 * reads another number from its chip, `esp_chip_model_t`: hal/esp32/chip/platform.ts.
 */
const ESP_MAGIC = 0xe9;
const CHIP_AT = 12;
const MODELS: Readonly<Record<number, string>> = {
  0: 'ESP32',
  2: 'ESP32-S2',
  5: 'ESP32-C3',
  9: 'ESP32-S3',
  12: 'ESP32-C2',
  13: 'ESP32-C6',
  16: 'ESP32-H2',
};

/** The chip of an image, in the form of `hal.board.model`. @throws Error when it is no ESP32 image */
export function modelOf(image: Uint8Array): string {
  const chip = image.length > CHIP_AT + 1 ? new DataView(image.buffer, image.byteOffset).getUint16(CHIP_AT, true) : -1;
  const model = MODELS[chip];
  if (image[0] !== ESP_MAGIC || model === undefined) throw new Error('this is not an image for an ESP32');
  return model;
}

/**
 * The content of the file for `c8y_Firmware`.
 * @param model default: the chip that the image is for
 * @throws Error when name or version do not fit into its head
 */
export function firmwareFile(
  image: Uint8Array,
  product: { readonly name: string; readonly version: string },
  model = modelOf(image),
): Buffer {
  const { name, version } = product;
  const sha256 = createHash('sha256').update(image).digest('hex');
  const lines = [IMAGE_MAGIC, `name ${name}`, `version ${version}`, `model ${model}`];
  const head = Buffer.from(`${[...lines, `bytes ${image.length}`, `sha256 ${sha256}`].join('\n')}\n\n`);
  if (/[\n\r]/.test(name + version) || head.length > IMAGE_HEAD_MAX_BYTES) {
    throw new Error('name and version of the firmware must be one short line each');
  }
  return Buffer.concat([head, image]);
}

/** Writes the file into `folder`, signed with these keys; returns its path. */
export function writeFirmwareFile(
  folder: string,
  image: Uint8Array,
  product: { readonly name: string; readonly version: string },
  keys: readonly SigningKey[] = [],
  model = modelOf(image),
): string {
  const content = signFirmware(firmwareFile(image, product, model), keys);
  const label = `${product.name}-${product.version}-${model}`.replace(/[^A-Za-z0-9._-]+/g, '-');
  const file = path.join(folder, `${label.replace(/^-+|-+$/g, '')}.fractus`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, content);
  return file;
}
