// SPDX-License-Identifier: Apache-2.0

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { clientKeyFault } from '../../../../tools/moddable/project/client-key.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** A project whose manifest names `device.key` and brings along the folder that it lies in. */
function createProject(t: ExecutionContext, content: string | Buffer | undefined, manifest?: object): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-key-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const usual = { config: { privateKey: 'device.key' }, data: { '*': ['$(MODULES)/crypt/data/*', './keys/*'] } };
  writeFileSync(path.join(directory, 'manifest.json'), JSON.stringify(manifest ?? usual));
  mkdirSync(path.join(directory, 'keys'));
  if (content !== undefined) writeFileSync(path.join(directory, 'keys', 'device.key'), content);
  return directory;
}

function pem(key: KeyObject, type: 'pkcs8' | 'pkcs1'): string | Buffer {
  return key.export({ format: 'pem', type });
}

test('an RSA key is good in every form', async (t) => {
  const forms = [pem(rsa, 'pkcs8'), pem(rsa, 'pkcs1')];
  for (const type of ['pkcs8', 'pkcs1'] as const) forms.push(rsa.export({ format: 'der', type }));
  for (const form of forms) t.is(await clientKeyFault(createProject(t, form)), undefined);
});

const ENTRY = `
  import { startWith } from 'fractus/board';
  import { command, enrolment } from 'fractus/capabilities';
  export default () => void startWith(() => {}, { capabilities: [command, enrolment()], parts: [] });`;

function withEntry(directory: string, entry: string): string {
  writeFileSync(path.join(directory, 'main.ts'), entry);
  return directory;
}

test('a key of P-256 is good in every form where the firmware has enrolment(), and in no other', async (t) => {
  const forms = [
    pem(ec, 'pkcs8'),
    ec.export({ format: 'der', type: 'pkcs8' }),
    ec.export({ format: 'pem', type: 'sec1' }),
  ];
  for (const form of forms) {
    t.is(await clientKeyFault(withEntry(createProject(t, form), ENTRY)), undefined);
    const without = withEntry(createProject(t, form), ENTRY.replace(', enrolment()', ''));
    t.regex((await clientKeyFault(without)) ?? '', /./);
  }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const trouble = await clientKeyFault(withEntry(createProject(t, pem(other, 'pkcs8')), ENTRY));
  t.regex(trouble ?? '', /cannot be read; allowed .* or one of P-256/);
});

test('any other key is refused, with what is allowed', async (t) => {
  t.regex(
    (await clientKeyFault(createProject(t, pem(ec, 'pkcs8')))) ?? '',
    /kind ec, for which a firmware needs enrolment\(\); allowed .* RSA/,
  );
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  t.regex((await clientKeyFault(createProject(t, pem(short, 'pkcs8')))) ?? '', /1024 bits; allowed/);
  const locked = rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'secret' });
  t.regex((await clientKeyFault(createProject(t, locked))) ?? '', /cannot be read; allowed .* unencrypted/);
  t.regex((await clientKeyFault(createProject(t, 'no key'))) ?? '', /device\.key cannot be read/);
});

test('without a key, or one that cannot be seen, there is nothing to say', async (t) => {
  t.is(await clientKeyFault(createProject(t, undefined)), undefined);
  t.is(await clientKeyFault(createProject(t, undefined, { config: { url: 'https://example.com' } })), undefined);
});
