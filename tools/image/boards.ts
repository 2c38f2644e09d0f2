// SPDX-License-Identifier: Apache-2.0
/** The individual content of each board of a series, from a table: id, settings, credentials or certificate. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AGENT_SPACE, boardKey, checkSetting, FACTORY_SPACE, noKey, PROVISIONED } from '../../hal/esp32/config.ts';
import { STORED, storedCredentials } from '../../src/agent/uplink/credentials.ts';
import { utf8 } from '../../src/bytes/text.ts';
import { configKey, type Parts } from '../../src/config.ts';
import { keyFault } from '../moddable/project/client-key.ts';
import { readCsv } from './csv.ts';
import type { NvsContent } from './nvs.ts';

/** Columns that are not keys: the credentials of a device that the platform knows already. */
const USER = 'user';
const PASSWORD = 'password';
const VALUE_MAX_BYTES = 4000;

/** One board of the series. */
export interface FactoryBoard {
  readonly id: string;
  readonly nvs: NvsContent;
}

/** The firmware of the boards in a table. */
export interface Firmware {
  /** The firmware has `enrolment()`. */
  readonly hasEnrolment?: boolean;
  readonly parts?: Parts;
}

/**
 * Reads and checks all boards of a table.
 * @param file CSV; its first row names the columns: keys of docs/configuration.md, including `deviceId`, and `user`
 * (tenant/user) with `password`. Paths of files are relative to it.
 * @throws Error with all problems, by line
 */
export function readBoards(file: string, { hasEnrolment = false, parts }: Firmware = {}): FactoryBoard[] {
  const [head, ...rows] = readCsv(readFileSync(file, 'utf8'));
  const columns = head?.fields ?? [];
  const unknown = columns.find((name) => name !== USER && name !== PASSWORD && !boardKey(name) && !configKey(name));
  if (unknown !== undefined)
    throw new Error(`${noKey(unknown)}; a column is a key of docs/configuration.md, user or password`);
  if (!columns.includes('deviceId')) throw new Error('there is no column deviceId');
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`there are two columns ${twice}`);
  const boards = new Map<string, FactoryBoard>();
  const troubles: string[] = [];
  for (const { line, fields } of rows) {
    try {
      if (fields.length > columns.length) throw new Error(`more fields than the ${columns.length} columns`);
      const board = readBoard(
        Object.fromEntries(columns.map((name, at) => [name, fields[at] ?? ''])),
        path.dirname(file),
        { hasEnrolment, parts },
      );
      if (boards.has(board.id)) throw new Error(`deviceId: ${board.id} is listed twice`);
      boards.set(board.id, board);
    } catch (error) {
      troubles.push(`line ${line}: ${(error as Error).message}`);
    }
  }
  if (rows.length === 0) troubles.push('the table has no boards');
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
  return [...boards.values()];
}

function readBoard(
  row: Readonly<Record<string, string>>,
  directory: string,
  { hasEnrolment = false, parts }: Firmware,
): FactoryBoard {
  const settings: string[] = [];
  const files: Record<string, Uint8Array> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === '' || name === USER || name === PASSWORD) continue;
    if (configKey(name)?.file === true) {
      files[name] = readNamed(name, path.resolve(directory, value));
      // On the board, the file has the name of its key.
      settings.push(`${name}=${name}`);
    } else {
      checkSetting(name, value, undefined, parts);
      settings.push(`${name}=${value}`);
    }
  }
  const id = row['deviceId'] ?? '';
  if (id === '') throw new Error('deviceId: missing');
  checkIdentity(id, files, hasEnrolment);
  const kept = utf8(settings.join('\n'));
  if (kept.length > VALUE_MAX_BYTES)
    throw new Error(`its settings have ${kept.length} bytes; allowed: ${VALUE_MAX_BYTES}`);
  return {
    id,
    nvs: {
      [FACTORY_SPACE]: { [PROVISIONED]: kept, ...files },
      ...credentials(row[USER] ?? '', row[PASSWORD] ?? ''),
    },
  };
}

function readNamed(name: string, file: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    throw new Error(`${name}: ${file} cannot be read`);
  }
  if (content.length <= VALUE_MAX_BYTES) return content;
  throw new Error(
    `${name}: ${file} has ${content.length} bytes; a board stores up to ${VALUE_MAX_BYTES}; DER is shorter than PEM`,
  );
}

/** Checks certificate and key: otherwise the buyer of the board would find the error. */
function checkIdentity(id: string, files: Readonly<Record<string, Uint8Array>>, hasEnrolment: boolean): void {
  const { certificate, privateKey } = files;
  if (certificate === undefined && privateKey === undefined) return;
  if (certificate === undefined || privateKey === undefined)
    throw new Error('certificate and privateKey belong together');
  const trouble = keyFault('of the board', Buffer.from(privateKey), hasEnrolment);
  if (trouble !== undefined) throw new Error(trouble);
  const leaf = new X509Certificate(certificate);
  if (!leaf.checkPrivateKey(createPrivateKey(Buffer.from(privateKey))))
    throw new Error('privateKey: it is not the key of the certificate');
  const [, name = ''] = /^CN=(.*)$/m.exec(leaf.subject) ?? [];
  if (name !== id) throw new Error(`certificate: its CN is "${name}", and the deviceId is "${id}"`);
}

/** The credentials, in the agent's stored form. */
function credentials(user: string, password: string): NvsContent {
  if (user === '' && password === '') return {};
  const [tenant = '', name = '', ...others] = user.split('/');
  if (tenant === '' || name === '' || others.length > 0) throw new Error('user: not allowed; allowed: tenant/user');
  if (password === '') throw new Error('password: missing');
  const text = ['fractus1', tenant, name, password, 'end'].join('\n');
  if (storedCredentials(text).length !== 3) throw new Error('password: not allowed');
  return { [AGENT_SPACE]: { [STORED]: utf8(text) } };
}
