// SPDX-License-Identifier: Apache-2.0
/** Turns the words of an operator into an operation. */

import { createHash } from 'node:crypto';
import path from 'node:path';
import { IMAGE_HEAD_MAX_BYTES, parseImageHead } from '../../src/capabilities/firmware/firmware-image.ts';
import type { Json } from '../platform/model.ts';
import { type Field, formOf, fragmentsOf, memberOf } from '../platform/stream/forms.ts';
import { readNamed } from '../terminal/file-fault.ts';

const SOFTWARE = 'c8y_SoftwareUpdate';
const PARAMETERS = 'c8y_ParameterUpdate';
/** Operations for a file, which is uploaded first. */
const UPLOADED = ['c8y_Firmware', SOFTWARE];

/** Invalid words of an operator. The text says what is allowed. */
export class BadWords extends Error {}

/** Whether the operation takes a file, which `file=` names. */
export function isUploaded(operation: string): boolean {
  return UPLOADED.includes(operation);
}

/**
 * The fragment name of an operation, typed with or without `c8y_`, in any case.
 * @throws Error that lists the supported operations
 */
export function operationName(typed: string, supported: readonly string[]): string {
  const wanted = typed.toLowerCase();
  const found = supported.find((each) => [wanted, `c8y_${wanted}`].includes(each.toLowerCase()));
  if (found !== undefined) return found;
  throw new BadWords(`${typed}: not supported by the device; supported: ${supported.join(', ') || 'no operation'}`);
}

/**
 * The value of the fragment.
 * @param upload stores a file on the platform and resolves with its URL
 * @throws Error for invalid words, and for a file that cannot be read or is no firmware
 */
export async function fragmentOf(name: string, words: readonly string[], upload: Upload): Promise<unknown> {
  const [first = ''] = words;
  if (words.length === 1 && /^\s*[{[]/.test(first)) return parse(first);
  const [only] = formOf(name)?.fields ?? [];
  if (only?.kind === 'list') return memberOf(only, words.join(' '));
  const members: Record<string, unknown> = Object.create(null);
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) throw new BadWords(`"${word}" is not allowed; allowed: KEY=VALUE, or one JSON object or list`);
    const key = word.slice(0, at);
    if (Object.hasOwn(members, key)) throw new BadWords(`${key}: given twice; allowed: each member once`);
    const field = fieldOf(name, key, words);
    const value = read(word.slice(at + 1));
    members[key] =
      field === undefined ? value : memberOf(field, typeof value === 'string' ? value : word.slice(at + 1));
  }
  const { file, ...others } = members;
  const isOfFile = isUploaded(name) && typeof file === 'string';
  const given = !isOfFile ? { ...members } : { ...(await uploaded(name, file, upload)), ...others };
  if (formOf(name)?.isList !== true) return given;
  return [name === SOFTWARE ? { action: 'install', ...given } : given];
}

/**
 * Looks at the words without a platform.
 * @param typed as in `operationName`
 * @throws as `fragmentOf`
 */
export async function checkWords(typed: string, words: readonly string[]): Promise<void> {
  const name = formOf(typed)?.operation ?? typed;
  fragmentsOf(name, (await fragmentOf(name, words, async () => '')) as Json);
}

/**
 * The description of a member; undefined: any value is allowed.
 * @throws BadWords for a member that the operation does not have
 */
function fieldOf(name: string, key: string, words: readonly string[]): Field | undefined {
  const form = formOf(name);
  const found = form?.fields.find((each) => each.name === key);
  if (form === undefined || found !== undefined) return found;
  const further = [...(form.further ?? []), ...(isUploaded(name) ? ['file'] : [])];
  // The app defines the members of a parameter set.
  const isOfSet = name === PARAMETERS && words.some((word) => word.startsWith('set='));
  if (further.includes(key) || isOfSet) return undefined;
  const known = [...form.fields.map((each) => each.name), ...further];
  const allowed = known.length === 0 ? 'allowed: none' : `allowed: ${known.join(', ')}`;
  throw new BadWords(`${name} has no member "${key}"; ${allowed}; or one JSON object`);
}

type Upload = (content: Uint8Array<ArrayBuffer>, file: string) => Promise<string>;

function uploaded(name: string, file: string, upload: Upload): Promise<object> {
  return name === SOFTWARE ? softwareOf(file, upload) : firmwareOf(file, upload);
}

/** Software for a mod, which contains neither name nor version: the file name is its name. */
async function softwareOf(file: string, upload: Upload) {
  const content = contentOf(file);
  if (Buffer.from(content.subarray(4, 8)).toString('latin1') !== 'XS_A')
    throw new BadWords(`${file} is not an archive of mcrun`);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { name: path.parse(file).name, softwareType: 'mod', sha256, url: await upload(content, path.basename(file)) };
}

async function firmwareOf(file: string, upload: Upload) {
  const content = contentOf(file);
  const text = Buffer.from(content.subarray(0, IMAGE_HEAD_MAX_BYTES)).toString();
  const head = parseImageHead(text.slice(0, text.indexOf('\n\n') + 1));
  if (head === undefined) throw new BadWords(`${file} is not a firmware of "fractus build"`);
  const { name, version } = head;
  return { name, version, url: await upload(content, path.basename(file)) };
}

function contentOf(file: string): Uint8Array<ArrayBuffer> {
  try {
    return readNamed(file);
  } catch (error) {
    throw new BadWords(`file: ${(error as Error).message}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadWords(`${text} is not JSON`);
  }
}

/** The value of an undescribed member: numbers, true, false and quoted texts as JSON; everything else is a text. */
function read(text: string): unknown {
  return /^(true|false|-?(0|[1-9]\d*)(\.\d+)?|"[^"\\]*")$/.test(text) ? JSON.parse(text) : text;
}
