// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readDeviceArguments } from '../../../../tools/device/device-arguments.ts';
import { createAuthority, createDeviceCertificate } from '../../../../tools/platform/certificates.ts';

const URL = 'url=http://127.0.0.1:8080';

const authority = await createAuthority('Devices');
const device = await createDeviceCertificate(authority, 'one');
const other = await createDeviceCertificate(authority, 'two', { key: 'EC' });
const directory = mkdtempSync(join(tmpdir(), 'fractus-arguments-'));
test.after.always(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const certificate = file('device.pem', device.chain + authority.certificate);
const privateKey = file('device.key', device.privateKey);

test('options, keys, and nothing else', (t) => {
  const read = readDeviceArguments(['--data', 'dir', URL, '--runtime', 'node', 'name=a = b', 'securityToken=x=y']);
  t.is(read.runtime, 'node');
  t.is(read.dataDir, 'dir');
  t.deepEqual({ ...read.config }, { url: 'http://127.0.0.1:8080', name: 'a = b', securityToken: 'x=y' });
  t.deepEqual(read.resources, {});
  t.is(readDeviceArguments([URL]).runtime, undefined);
});

test('files become resources of the key`s name', (t) => {
  const read = readDeviceArguments([
    URL,
    'auth=certificate',
    `certificate=${certificate}`,
    `privateKey=${privateKey}`,
    `ca=${file('ca.pem', authority.certificate)}`,
  ]);
  t.deepEqual(
    [read.config['certificate'], read.config['privateKey'], read.config['ca']],
    ['certificate', 'privateKey', 'ca'],
  );
  t.is(Buffer.from(read.resources['certificate'] ?? []).toString(), device.chain + authority.certificate);
  t.is(Buffer.from(read.resources['privateKey'] ?? []).toString(), device.privateKey);
});

const broken = device.certificate.replace(/A/g, 'B');
const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n';

const REFUSED: Record<string, [readonly string[], RegExp]> = {
  'an unknown option': [['--bogus', URL], /Unknown option '--bogus'/],
  'an option without its value': [[URL, '--data'], /--data/],
  'an empty directory': [[URL, '--data='], /--data: "" is not allowed; allowed: a directory/],
  'an unknown runtime': [[URL, '--runtime', 'deno'], /--runtime: "deno" is not allowed; allowed: node or xs/],
  'an argument without =': [[URL, 'hunter2'], /^an argument without = is not allowed; allowed: key=value$/],
  'a key alone': [[URL, 'bootstrapPassword'], /"bootstrapPassword" is not allowed; allowed: key=value/],
  'a pair without a key': [[URL, '=x'], /allowed: key=value/],
  'an unknown key': [[URL, 'colour=red'], /colour: there is no such key; there are: url, .*connections/],
  'a key of every object': [[URL, '__proto__=1'], /__proto__: there is no such key/],
  'a key twice': [[URL, 'name=a', 'name=a'], /name: given twice/],
  'a missing key': [[], /url: missing/],
  'a missing file': [[URL, 'auth=certificate'], /certificate: missing; .*allowed: a file, PEM/],
  'a wrong value': [[URL, 'connections=5'], /connections: "5" is not allowed; allowed: 1 or 2/],
  'a file that is missing': [
    [URL, `ca=${directory}/none`],
    /ca: ".*none" is not allowed: there is no such file; allowed: .*PEM/,
  ],
  'a directory': [[URL, `ca=${directory}`], /ca: .* is not allowed/],
  'a file that is too large': [[URL, `ca=${file('large', ' '.repeat(1_048_577))}`], /more than 1048576 bytes/],
  'no certificate': [
    [URL, `ca=${privateKey}`],
    /ca: .* it contains no certificate, or a damaged one; allowed: a file with certificates/,
  ],
  'a broken certificate': [[URL, `ca=${file('broken', broken)}`], /it contains no certificate, or a damaged one/],
  'no key': [[URL, `privateKey=${certificate}`], /privateKey: .* it contains no such key; allowed: .*unencrypted/],
  'an encrypted key': [[URL, `privateKey=${file('encrypted', encrypted)}`], /privateKey: .*unencrypted/],
  'the key of another certificate': [
    [URL, `certificate=${certificate}`, `privateKey=${file('other.key', other.privateKey)}`],
    /privateKey: ".*other.key" is not allowed: it is not the key of the first certificate in ".*device.pem"/,
  ],
};

for (const [what, [args, message]] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => readDeviceArguments(args), { message });
  });
}

test('no secret is repeated, wherever it was put', (t) => {
  for (const args of [
    [URL, 'bootstrapPassword:hunter2'],
    [URL, 'bootstrapPassword hunter2'],
    [URL, 'bootstrapPassword=hunter2\u0007'],
    [URL, `securityToken=hunter2${'x'.repeat(2000)}`],
  ]) {
    const error = t.throws(() => readDeviceArguments(args));
    t.false(error?.message.includes('hunter2'), error?.message);
  }
});

test('a certificate that the device has enrolled is not a file', (t) => {
  const names = { certificate: 'enrolled', privateKey: 'enrolled' };
  const pairs = Object.entries(names).map(([name, value]) => `${name}=${value}`);
  const read = readDeviceArguments(['url=https://example.com', 'auth=certificate', ...pairs]);
  t.like(read.config, names);
  t.deepEqual(read.resources, {});
  t.throws(() => readDeviceArguments(['url=https://example.com', 'ca=enrolled']), { message: /no such file/ });
});
