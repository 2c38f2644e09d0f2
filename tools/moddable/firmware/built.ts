// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ImageSize, readMap } from './image.ts';
import { parsePartitions, slotBytes } from './partitions.ts';

/** The name that mcconfig gives to the image of a chip. */
export const IMAGE = 'xs_esp32.bin';
/** Tolerance for the clock of a file system. */
const CLOCK_MS = 1000;

/** The image in the folder of ESP-IDF, and the file by whose absence ESP-IDF makes it again. */
const IDF_IMAGE = [IMAGE, '.bin_timestamp'];

/**
 * Removes earlier builds, except for the files of ESP-IDF: the SDK's linker keeps the names of all earlier builds, and
 * each name takes flash. Of ESP-IDF's files, the image is removed: when ESP-IDF fails, mcconfig succeeds, and would
 * copy the earlier image as a new one.
 */
export function forgetNames(output: string): void {
  const tmp = path.join(output, 'tmp');
  // tmp / esp32 / esp32c3 / release / name
  if (existsSync(tmp)) forgetIn(tmp, 4);
}

function forgetIn(directory: string, depth: number): void {
  if (!statSync(directory).isDirectory()) return;
  const names = readdirSync(directory);
  const known = existsSync(path.join(directory, 'modules', 'mc.xsi'));
  for (const name of names) {
    const each = path.join(directory, name);
    if (!known && depth > 0) forgetIn(each, depth - 1);
    else if (known && !name.startsWith('xsProj-')) rmSync(each, { recursive: true });
    else if (known) for (const file of IDF_IMAGE) rmSync(path.join(each, 'build', file), { force: true });
  }
}

/**
 * The folder of the image that mcconfig has just built. mcconfig also succeeds when ESP-IDF finds the image too large.
 * @param since in ms; older files are of an earlier build
 * @throws Error when there is no image
 */
export function builtDirectory(output: string, since: number): string {
  const image = builtImages(output).find(({ atMs }) => atMs >= since - CLOCK_MS);
  if (image === undefined) throw new Error('mcconfig has made no image; the output of ESP-IDF is above');
  return image.directory;
}

/** The folders of all built images, for any board, the newest first. */
export function builtImages(output: string): { readonly directory: string; readonly atMs: number }[] {
  const bin = path.join(output, 'bin');
  const names = existsSync(bin) ? (readdirSync(bin, { recursive: true }) as string[]) : [];
  return names
    .filter((name) => path.basename(name) === IMAGE)
    .map((name) => path.join(bin, name))
    .map((file) => ({ directory: path.dirname(file), atMs: statSync(file).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs);
}

/** The size of the image that was just built. @throws Error when its table has no slot for it */
export function builtImage(output: string, since: number): ImageSize {
  const directory = builtDirectory(output, since);
  const slot = slotBytes(parsePartitions(readFileSync(path.join(directory, 'partition-table.bin'))));
  if (!Number.isFinite(slot)) throw new Error('the partition table has no slot for a firmware');
  const map = path.join(directory, 'xs_esp32.map');
  const bytes = statSync(path.join(directory, IMAGE)).size;
  return { parts: existsSync(map) ? readMap(readFileSync(map, 'utf8')) : new Map(), bytes, slot };
}
