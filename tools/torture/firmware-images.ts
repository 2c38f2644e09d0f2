// SPDX-License-Identifier: Apache-2.0
/** Firmware for a tortured board, good and bad. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Firmware } from '../../hal/hal.ts';
import { VIRTUAL_MODEL } from '../../hal/node/node.ts';
import { findApp } from '../author/app.ts';
import { buildBundle } from '../build.ts';
import { virtualImage } from '../device/virtual-image.ts';
import { firmwareFile } from '../moddable/firmware/firmware-file.ts';
import {
  createSigningKey,
  readSigningKey,
  type SigningKey,
  signFirmware,
} from '../moddable/firmware/firmware-signature.ts';
import { digestOf } from './firmware-notes.ts';

export const NAME = 'tortured';

/** What becomes of a firmware: only the first kind stays, and only the first two may run. */
export type Kind = 'good' | 'crashing' | 'unsigned' | 'foreign';

const CRASHING = "var bundle = { main() { throw 'boom'; }, start() { throw 'boom'; }, isSigned: () => true };";

export interface FirmwareOfKind {
  readonly version: string;
  /** Of its script. */
  readonly digest: string;
  readonly file: Buffer;
}

/** Makes firmware for one board, and its key. */
export class FirmwareMaker {
  /** The script of version 1.0.0, with which the board is made. */
  readonly made: string;
  readonly madeFirmware: Firmware;
  readonly #key: SigningKey;
  readonly #otherKey: SigningKey;

  /** @param folder an own one, which exists */
  static async create(folder: string): Promise<FirmwareMaker> {
    const keyFile = path.join(folder, 'key');
    const publicKey = createSigningKey(keyFile);
    const project = path.join(folder, 'project');
    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: NAME, version: '1.0.0' }));
    const file = path.join(project, 'app.ts');
    const text = `import { restart, signedFirmware } from 'fractus/capabilities';
export const capabilities = [restart, signedFirmware('${publicKey}')];
export const app = () => {};\n`;
    writeFileSync(file, text);
    const outfile = path.join(folder, 'made.xs.js');
    const bundle = await buildBundle({ entry: 'hal/xs/device.ts', outfile, app: await findApp(file) });
    return new FirmwareMaker(bundle.path, bundle.firmware, readSigningKey(keyFile));
  }

  private constructor(made: string, madeFirmware: Firmware, key: SigningKey) {
    this.made = made;
    this.madeFirmware = madeFirmware;
    this.#key = key;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
    this.#otherKey = { privateKey, publicKey: point.toString('base64url') };
  }

  get publicKey(): string {
    return this.#key.publicKey;
  }

  make(kind: Kind, version: string): FirmwareOfKind {
    const base = kind === 'crashing' ? CRASHING : readFileSync(this.made, 'utf8');
    // Each has another digest.
    const script = `${base}\n// ${kind} ${version}\n`;
    const image = virtualImage({ firmware: { name: NAME, version, buildTimeMs: 0 }, script });
    const keys = { good: [this.#key], crashing: [this.#key], foreign: [this.#otherKey], unsigned: [] }[kind];
    const file = signFirmware(firmwareFile(image, { name: NAME, version }, VIRTUAL_MODEL), keys);
    return { version, digest: digestOf(script), file };
  }
}
