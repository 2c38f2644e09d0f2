// SPDX-License-Identifier: Apache-2.0
/** `fractus operate`: sends an operation to a device of any platform, as an operator does, and waits for its end. */

import { parseArgs } from 'node:util';
import { answersOf } from '../operate/answer.ts';
import { formFor } from '../operate/declared.ts';
import { LOGIN_OPTIONS, NO_LOGIN, readLogin } from '../operate/login.ts';
import { type DeviceRecord, Tenant } from '../operate/tenant.ts';
import { awaitEnd } from '../operate/waiting.ts';
import { BadWords, checkWords, fragmentOf, operationName } from '../operate/words.ts';
import type { Json } from '../platform/model.ts';
import { formOf, fragmentsOf, usageOf } from '../platform/stream/forms.ts';
import { refusalOf, runCommand } from '../terminal/command.ts';
import { plain, plainLines } from '../terminal/plain.ts';

const USAGE = `usage: fractus operate [--url URL] [--timeout SECONDS] DEVICE [OPERATION [KEY=VALUE … | JSON]]

  DEVICE      an external id (of type c8y_Serial, or TYPE:ID), or the id of a managed object
  OPERATION   for example c8y_Command, or without the prefix: command; without OPERATION: lists the operations that the device
              supports, with their members
  KEY=VALUE   a member of the operation: text=help, relayState=CLOSED. Operations without a list of members take any member;
              numbers, true and false are not sent as texts
  file=PATH   for c8y_Firmware: a file of "fractus build"; for c8y_SoftwareUpdate: an archive of mcrun. The file is
              uploaded first
  --url       root of the platform; default: C8Y_BASEURL

The login comes from the environment: C8Y_TENANT, C8Y_USER, C8Y_PASSWORD.
Exit code: 0 SUCCESSFUL, 1 FAILED, not ended in time, or refused by the platform, 2 for bad arguments.`;

interface Arguments {
  readonly help: boolean;
  readonly url: string;
  readonly login: string;
  readonly timeoutS: number;
  readonly device: string;
  readonly operation: string | undefined;
  readonly words: readonly string[];
}

/** Resolves with the exit code. */
export function operateCommand(args: string[]): Promise<number> {
  return runCommand({ name: 'operate', usage: USAGE, read: () => readArguments(args), run: tried });
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    strict: true,
    allowPositionals: true,
    options: { ...LOGIN_OPTIONS, timeout: { type: 'string', default: '600' } },
  });
  const { help } = values;
  const [device = '', operation, ...words] = positionals;
  if (!/^[1-9]\d{0,5}$/.test(values.timeout))
    throw new Error(`--timeout: "${values.timeout}" is not allowed; allowed: seconds`);
  if (!help && device === '') throw new Error('DEVICE: missing');
  const { url, login } = help ? NO_LOGIN : readLogin(values.url);
  return { help, url, login, timeoutS: Number(values.timeout), device, operation, words };
}

/** Some arguments can only be checked once the device is known. */
async function tried(options: Arguments): Promise<number> {
  try {
    return await operate(options);
  } catch (error) {
    if (!(error instanceof BadWords || error instanceof RangeError)) throw error;
    console.error(`fractus operate: ${refusalOf(error)}`);
    return 2;
  }
}

async function operate({ url, login, timeoutS, device, operation, words }: Arguments): Promise<number> {
  // What is wrong without any device is told without a platform.
  if (operation !== undefined) await checkWords(operation, words);
  const tenant = new Tenant(url, login);
  const found = await tenant.device(device);
  const { id, name, operations } = found;
  if (operation === undefined) {
    console.log(`${plain(name)} (${id}) supports:`);
    for (const each of operations) describe(each, found);
    return 0;
  }
  const fragment = operationName(operation, operations);
  const value = await fragmentOf(fragment, words, (content, file) => tenant.upload(content, file));
  const created = await tenant.order(id, fragmentsOf(fragment, value as Json));
  console.log(`operation ${plain(created.id)}: ${fragment} for ${plain(name)}`);
  const tell = (line: string) => console.log(line);
  const ended = await awaitEnd(tenant, created, { deviceId: id, timeoutMs: timeoutS * 1000, tell });
  if (ended.status === 'FAILED') console.error(plainLines(ended.failureReason ?? 'without a reason'));
  else if (ended.status !== 'SUCCESSFUL') console.error(`not ended within ${timeoutS} s; the device continues with it`);
  for (const text of await answersOf(tenant, found, fragment, ended)) console.log(plainLines(text.trimEnd()));
  return ended.status === 'SUCCESSFUL' ? 0 : 1;
}

/** Prints an operation with its members and its meaning, if it is known here. */
function describe(operation: string, device: DeviceRecord): void {
  const known = formOf(operation);
  const form = known && formFor(known, device);
  // A device may declare the values of a member.
  console.log(plain(`  ${operation} ${form === undefined ? '' : usageOf(form)}`.trimEnd()));
  if (form !== undefined) console.log(`      ${form.meaning}`);
}
