// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VIRTUAL_MODEL } from '../../hal/node/node.ts';
import { findApp } from '../author/app.ts';
import { buildAll } from '../build.ts';
import { virtualImage } from '../device/virtual-image.ts';
import { writeFirmwareFile } from '../moddable/firmware/firmware-file.ts';
import { readSigningKey, trustNote } from '../moddable/firmware/firmware-signature.ts';
import { checkSources, refuseFaults } from '../moddable/project/check.ts';
import { packageAbove } from '../places.ts';

/**
 * Builds the firmware of a virtual board, for Node and XS, into the folder `build` of its project.
 * @param app a module; undefined: the usual app
 * @param sign files of private keys
 * @returns the file to upload
 * @throws Error when the app's code would only fail on a board
 */
export async function buildVirtual(app: string | undefined, sign: readonly string[]): Promise<string> {
  // Checked before the build.
  const keys = sign.map(readSigningKey);
  const own = app === undefined ? undefined : await findApp(app);
  // Its tables report to a board of `fractus start`; on others nobody listens.
  const { bundle } = await buildAll({ app: own, hasSlots: true, isTraced: true, report: (line) => console.log(line) });
  const { path: file, firmware } = bundle;
  const from = own === undefined ? process.cwd() : path.dirname(own.file);
  if (own !== undefined) refuseFaults(await checkSources(from, bundle.inputs));
  const folder = path.join(packageAbove(from) ?? from, 'build');
  const image = virtualImage({ firmware, script: readFileSync(file, 'utf8') });
  const written = writeFirmwareFile(folder, image, firmware, keys, VIRTUAL_MODEL);
  console.log(`to upload as a firmware: ${written}`);
  const note = trustNote(file, keys);
  if (note !== undefined) console.log(note);
  return written;
}
