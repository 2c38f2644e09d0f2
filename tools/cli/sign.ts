// SPDX-License-Identifier: Apache-2.0
/** `fractus sign`: creates keys for firmware, and signs files with them. */

import { parseArgs } from 'node:util';
import { replaceFile } from '../kept.ts';
import {
  createSigningKey,
  keyId,
  PASSPHRASE,
  readSigningKey,
  refusalOf,
  signFirmware,
} from '../moddable/firmware/firmware-signature.ts';
import { refusalOf as messageOf } from '../terminal/command.ts';
import { readNamed } from '../terminal/file-fault.ts';

const USAGE = `usage: fractus sign --new-key FILE
       fractus sign --public FILE
       fractus sign --key FILE [--key FILE] FIRMWARE
       fractus sign --check PUBLIC [--check PUBLIC] FIRMWARE

  --new-key  makes a key pair (P-256), writes the private key to FILE, readable by you only, and prints the public key.
             A device with "signedFirmware('…')" of fractus/capabilities accepts only firmware with a signature by this key
  --public   prints the public key of a private key
  --key      adds a signature to a file of "fractus build"; signatures by other keys stay
  --check    checks whether a device that trusts these public keys accepts the file: exit code 0 or 1

${PASSPHRASE} in the environment encrypts a new key, and decrypts an encrypted key.`;

type Arguments = { help: boolean } & (
  | { what: 'new-key' | 'public'; file: string }
  | { what: 'sign' | 'check'; keys: readonly string[]; file: string }
);

/** Resolves with the exit code: 0, 1 when something is wrong, 2 for bad arguments. */
export async function signCommand(args: string[]): Promise<number> {
  const options = read(args);
  if (typeof options === 'string') {
    console.error(`fractus sign: ${options}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    return await run(options);
  } catch (error) {
    console.error(`fractus sign: ${(error as Error).message}`);
    return 1;
  }
}

function read(args: string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      strict: true,
      allowPositionals: true,
      options: {
        'new-key': { type: 'string' },
        public: { type: 'string' },
        key: { type: 'string', multiple: true },
        check: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { help, key, check, public: own, 'new-key': created } = values;
    if (help) return { help, what: 'public', file: '' };
    if ([created, own, key, check].filter((each) => each !== undefined).length !== 1) {
      return 'one of --new-key, --public, --key and --check is needed';
    }
    const single = created ?? own;
    const [file] = positionals;
    if (positionals.length !== (single === undefined ? 1 : 0))
      return 'one FIRMWARE is needed with --key and --check, none with --new-key and --public';
    if (single !== undefined) return { help, what: created === undefined ? 'public' : 'new-key', file: single };
    return { help, what: key === undefined ? 'check' : 'sign', keys: key ?? check ?? [], file: file ?? '' };
  } catch (error) {
    return messageOf(error, USAGE);
  }
}

async function run(options: Arguments): Promise<number> {
  const { file } = options;
  switch (options.what) {
    case 'new-key':
      console.log(createSigningKey(file));
      return 0;
    case 'public':
      console.log(readSigningKey(file).publicKey);
      return 0;
    case 'sign': {
      const keys = options.keys.map(readSigningKey);
      await replaceFile(file, signFirmware(readNamed(file), keys));
      console.log(`${file} is signed by ${keys.map(({ publicKey }) => keyId(publicKey)).join(' and ')}`);
      return 0;
    }
    case 'check': {
      const refusal = refusalOf(readNamed(file), options.keys);
      if (refusal === undefined) console.log(`${file} has a signature by a trusted key`);
      else console.error(refusal);
      return refusal === undefined ? 0 : 1;
    }
  }
}
