// SPDX-License-Identifier: Apache-2.0
/** `fractus certify`: checks a device against the requirements of the platform's device certification. */

import { parseArgs } from 'node:util';
import { readFacts } from '../certify/facts.ts';
import { judgeAll, toLines } from '../certify/report.ts';
import { LOGIN_OPTIONS, NO_LOGIN, readLogin } from '../operate/login.ts';
import { Tenant } from '../operate/tenant.ts';
import { runCommand } from '../terminal/command.ts';

const USAGE = `usage: fractus certify [--url URL] DEVICE

Reads the data of a device from the platform, and reports for each requirement of the platform's device certification whether
the device meets it. It creates no operations: each operation that the device declares must have been executed once before.

  DEVICE      an external id (of type c8y_Serial, or TYPE:ID), or the id of a managed object
  --url       root of the platform; default: C8Y_BASEURL

The login comes from the environment: C8Y_TENANT, C8Y_USER, C8Y_PASSWORD.
Exit code: 0 when all requirements that apply are met, 1 when one is not, 2 for bad arguments.`;

interface Arguments {
  readonly help: boolean;
  readonly url: string;
  readonly login: string;
  readonly device: string;
}

/** Resolves with the exit code. */
export function certifyCommand(args: string[]): Promise<number> {
  return runCommand({ name: 'certify', usage: USAGE, read: () => readArguments(args), run: certify });
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    strict: true,
    allowPositionals: true,
    options: LOGIN_OPTIONS,
  });
  const { help } = values;
  const [device = '', ...more] = positionals;
  if (!help && (device === '' || more.length > 0)) throw new Error('DEVICE: missing, or more than one; allowed: one');
  const { url, login } = help ? NO_LOGIN : readLogin(values.url);
  return { help, url, login, device };
}

async function certify({ url, login, device }: Arguments): Promise<number> {
  const judged = judgeAll(await readFacts(new Tenant(url, login), device));
  console.log(toLines(judged));
  return judged.some(({ result }) => result === 'missed') ? 1 : 0;
}
