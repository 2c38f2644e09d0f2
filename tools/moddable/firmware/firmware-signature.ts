// SPDX-License-Identifier: Apache-2.0
/** Signatures in the head of a firmware file; docs/operations.md explains their use. */

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { verifyP256 } from '../../../hal/node/verify.ts';
import { IMAGE_HEAD_MAX_BYTES, parseImageHead } from '../../../src/capabilities/firmware/firmware-image.ts';
import {
  isPublicKey,
  KEY_ID_CHARS,
  MOST_KEYS,
  signatureFault,
  signatureLine,
  signedPart,
} from '../../../src/capabilities/firmware/signed-firmware.ts';
import { fileFault, readNamed } from '../../terminal/file-fault.ts';

/** The environment variable with the passphrase of private keys. */
export const PASSPHRASE = 'FRACTUS_KEY_PASSPHRASE';
/** Length of an uncompressed P-256 point, which ends a SubjectPublicKeyInfo (RFC 5480 §2). */
const POINT_BYTES = 65;

/** A private key, and its public key as text. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
}

/**
 * Creates a P-256 key pair and writes the private key: PKCS #8 in PEM, readable by its owner only, encrypted when the
 * environment has a passphrase. An existing file is not overwritten.
 * @returns the public key
 * @throws Error when the file cannot be written
 */
export function createSigningKey(file: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const passphrase = process.env[PASSPHRASE];
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption });
  writeNew(file, pem);
  return textOf(publicKey);
}

/** Writes a whole file, readable by its owner only, or leaves none behind. */
function writeNew(file: string, content: string | Buffer): void {
  try {
    const opened = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(opened, content);
    } catch (error) {
      rmSync(file);
      throw error;
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    throw new Error(fileFault(file, error), { cause: error });
  }
}

/** @throws Error that says what is wrong with the file, without its content */
export function readSigningKey(file: string): SigningKey {
  const content = readNamed(file);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: content, passphrase: process.env[PASSPHRASE] ?? '' });
  } catch {
    const isEncrypted = content.includes('ENCRYPTED');
    throw new Error(`${file}: ${isEncrypted ? `${PASSPHRASE} is missing or wrong` : 'no private key in PEM'}`);
  }
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error(`${file}: not a key of the curve P-256; "fractus sign --new-key" makes one`);
  }
  return { privateKey, publicKey: textOf(createPublicKey(privateKey)) };
}

/** The public key, in the form that `signedFirmware` takes. */
function textOf(publicKey: KeyObject): string {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-POINT_BYTES).toString('base64url');
}

/** The start of a public key, which identifies it. */
export function keyId(publicKey: string): string {
  return publicKey.slice(0, KEY_ID_CHARS);
}

/**
 * Adds signatures to a firmware file; those of other keys stay.
 * @throws Error when it is no firmware, is damaged, or would have too many signatures
 */
export function signFirmware(file: Uint8Array, keys: readonly SigningKey[]): Buffer {
  const { head, image } = partsOf(file);
  const signed = signedPart(head) || head;
  const ids = keys.map(({ publicKey }) => keyId(publicKey));
  const lines = head.slice(signed.length).match(/.+\n/g) ?? [];
  const others = lines.filter((line) => !ids.includes(line.split(' ')[1] ?? ''));
  const own = keys.map(({ privateKey, publicKey }) =>
    signatureLine(publicKey, sign('sha256', Buffer.from(signed), privateKey).toString('base64url')),
  );
  const text = `${signed}${[...others, ...own].join('')}\n`;
  if (others.length + own.length > MOST_KEYS) throw new Error(`a firmware has at most ${MOST_KEYS} signatures`);
  if (Buffer.byteLength(text) > IMAGE_HEAD_MAX_BYTES) {
    throw new Error(`with these signatures its head has more than ${IMAGE_HEAD_MAX_BYTES} bytes`);
  }
  return Buffer.concat([Buffer.from(text), image]);
}

/**
 * The reason why a device that trusts these keys would refuse the file; undefined: it would not.
 * @throws Error when it is no firmware, is damaged, or one of the texts is no public key
 */
export function refusalOf(file: Uint8Array, publicKeys: readonly string[]): string | undefined {
  for (const key of publicKeys) {
    if (!isPublicKey(key)) throw new Error(`"${key.slice(0, 100)}" is not a public key of "fractus sign"`);
  }
  return signatureFault(partsOf(file).head, publicKeys, { verify: verifyP256 });
}

/**
 * A note for the author of a firmware, when its signatures do not fit the project: its module shows whether it only
 * takes signed firmware, and by whom. Undefined: they fit.
 */
export function trustNote(module: string, keys: readonly SigningKey[]): string | undefined {
  const code = existsSync(module) ? readFileSync(module, 'utf8') : '';
  const isSigned = code.includes('signedFirmware');
  if (keys.length === 0) return isSigned ? 'it is not signed: boards with this project refuse it' : undefined;
  const ids = keys.map(({ publicKey }) => keyId(publicKey)).join(' and ');
  if (!isSigned)
    return `it is signed by ${ids}, but boards with this project also accept unsigned firmware: signedFirmware`;
  if (keys.some(({ publicKey }) => code.includes(publicKey))) return undefined;
  return `it is signed by ${ids}, but boards with this project trust other keys and refuse it`;
}

/** The head without its final empty line, and the image. */
function partsOf(file: Uint8Array): { head: string; image: Uint8Array } {
  const end = Buffer.from(file.subarray(0, IMAGE_HEAD_MAX_BYTES)).indexOf('\n\n');
  const text = Buffer.from(file.subarray(0, end + 1)).toString();
  const head = parseImageHead(text);
  if (head === undefined) throw new Error('this is not a firmware of "fractus build"');
  const image = file.subarray(end + 2);
  if (image.length !== head.bytes || createHash('sha256').update(image).digest('hex') !== head.sha256) {
    throw new Error('the firmware is damaged: its image does not match its head');
  }
  return { head: text, image };
}
