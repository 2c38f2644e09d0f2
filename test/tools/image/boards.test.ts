// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AGENT_SPACE, FACTORY_SPACE, PROVISIONED } from '../../../hal/esp32/config.ts';
import { readBoards } from '../../../tools/image/boards.ts';
import { readCsv } from '../../../tools/image/csv.ts';
import { findPartition, mergeFlash, writeImages } from '../../../tools/image/flash-image.ts';
import { nvsPartition } from '../../../tools/image/nvs.ts';
import { createAuthority, createDeviceCertificate } from '../../../tools/platform/certificates.ts';
import { firmwareFiles } from '../../support/firmware-files.ts';

function folder(t: ExecutionContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-image-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(directory, name), content);
  return directory;
}

function boardsOf(t: ExecutionContext, csv: string, files: Readonly<Record<string, string>> = {}) {
  return readBoards(path.join(folder(t, { ...files, 'boards.csv': csv }), 'boards.csv'));
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

test('fields are as in RFC 4180: quotes, commas and line ends in them', (t) => {
  t.deepEqual(readCsv('\ufeffa, b ,c\r\n1,"2 ""x"", y",\n\n"two\nlines",,3'), [
    { line: 1, fields: ['a', 'b', 'c'] },
    { line: 2, fields: ['1', '2 "x", y', ''] },
    { line: 4, fields: ['two\nlines', '', '3'] },
  ]);
  t.deepEqual(readCsv(''), []);
});

test('each row is a board with settings of its own, and credentials where there are', (t) => {
  const csv = 'deviceId,wifiName,user,password\nbarn-1,Barn,t1/device_barn-1,"a,b"\nbarn-2,,,\n';
  const [first, second] = boardsOf(t, csv);
  t.is(first?.id, 'barn-1');
  t.is(text(first?.nvs[FACTORY_SPACE]?.[PROVISIONED]), 'deviceId=barn-1\nwifiName=Barn');
  t.is(text(first?.nvs[AGENT_SPACE]?.['credentials']), 'fractus1\nt1\ndevice_barn-1\na,b\nend');
  t.is(text(second?.nvs[FACTORY_SPACE]?.[PROVISIONED]), 'deviceId=barn-2');
  t.is(second?.nvs[AGENT_SPACE], undefined);
});

test('a certificate and its key lie on the board under the names of their keys', async (t) => {
  const { chain, privateKey } = await createDeviceCertificate(await createAuthority('Devices'), 'barn-1');
  const csv = 'deviceId,auth,certificate,privateKey\nbarn-1,certificate,1.pem,1.key\n';
  const [board] = boardsOf(t, csv, { '1.pem': chain, '1.key': privateKey });
  t.is(
    text(board?.nvs[FACTORY_SPACE]?.[PROVISIONED]),
    'deviceId=barn-1\nauth=certificate\ncertificate=certificate\nprivateKey=privateKey',
  );
  t.is(text(board?.nvs[FACTORY_SPACE]?.['certificate']), chain);
  t.is(text(board?.nvs[FACTORY_SPACE]?.['privateKey']), privateKey);
});

test('all that is wrong with a table is said, by line, and no secret', async (t) => {
  const { chain, privateKey } = await createDeviceCertificate(await createAuthority('Devices'), 'barn-1');
  const { privateKey: other } = await createDeviceCertificate(await createAuthority('Devices'), 'barn-2');
  const files = {
    '1.pem': chain,
    '1.key': privateKey,
    '2.key': other,
    'ec.key': 'none',
    'large.pem': 'x'.repeat(4001),
  };
  const rules: readonly (readonly [csv: string, message: RegExp])[] = [
    ['', /no column deviceId/],
    ['deviceId\n', /the table has no boards/],
    ['deviceId,deviceid\na,b\n', /there is no key deviceid; a column is a key/],
    ['deviceId,deviceId\na,b\n', /two columns deviceId/],
    ['deviceId,user\na,t1,x\n', /line 2: more fields than the 2 columns/],
    ['deviceId\nno blanks\n', /line 2: deviceId: "no blanks" is not allowed/],
    ['deviceId,name\n,x\n', /line 2: deviceId: missing/],
    ['deviceId\na\na\n', /line 3: deviceId: a is listed twice/],
    ['deviceId,wifiPassword\na,hunter2\n', /line 2: wifiPassword: that value \(a secret, not shown\)/],
    ['deviceId,user\na,t1\n', /line 2: user: not allowed; allowed: tenant\/user/],
    ['deviceId,user,password\na,t1/d,\n', /line 2: password: missing/],
    ['deviceId,ca\na,none.pem\n', /line 2: ca: .*none\.pem cannot be read/],
    ['deviceId,ca\na,large.pem\n', /line 2: ca: .* has 4001 bytes; a board stores up to 4000/],
    ['deviceId,certificate\nbarn-1,1.pem\n', /line 2: certificate and privateKey belong together/],
    [
      'deviceId,certificate,privateKey\nbarn-1,1.pem,2.key\n',
      /line 2: privateKey: it is not the key of the certificate/,
    ],
    ['deviceId,certificate,privateKey\nbarn-1,1.pem,ec.key\n', /line 2: privateKey: of the board cannot be read/],
    ['deviceId,certificate,privateKey\nbarn-2,1.pem,1.key\n', /its CN is "barn-1", and the deviceId is "barn-2"/],
  ];
  for (const [csv, message] of rules) {
    const error = t.throws(() => boardsOf(t, csv, files), { message });
    t.notRegex(error?.message ?? '', /hunter2/);
  }
});

function build(t: ExecutionContext, chip: number, megabytesLog2 = 2): string {
  return folder(t, firmwareFiles(chip, megabytesLog2));
}

test('the flash is whole: each part where the chip looks for it, and the rest erased', (t) => {
  for (const [chip, bootloaderAt] of [
    [0, 0x1000],
    [5, 0],
    [9, 0],
    [13, 0],
  ] as const) {
    const { image, partitions } = mergeFlash(build(t, chip));
    t.is(image.length, 4 << 20);
    t.is(image[bootloaderAt], 0xe9);
    t.is(image[bootloaderAt + 4], 1);
    t.is(image.readUInt16LE(0x8000), 0x50aa);
    t.is(image[0x10004], 2);
    t.is(image.toString('latin1', 0x3d0000, 0x3d0007), 'otadata');
    t.is(findPartition(partitions, 'data', '0x2').offset, 0x9000);
    t.true(image.subarray(0x9000, 0x10000).every((byte) => byte === 0xff));
  }
  t.throws(() => mergeFlash(build(t, 5, 1)), {
    message: /the partition table ends at 4005888 and the flash has 2097152/,
  });
});

test('a file for each board, which nobody else may read', (t) => {
  const output = path.join(folder(t, {}), 'images');
  const flash = mergeFlash(build(t, 5));
  const boards = boardsOf(t, 'deviceId\nbarn-1\n...\n');
  const files = writeImages(flash, boards, output);
  t.deepEqual(files, [path.join(output, 'barn-1.bin'), path.join(output, '....bin')]);
  const [file = ''] = files;
  t.is(statSync(file).mode & 0o777, 0o600);
  const whole = readFileSync(file);
  t.true(whole.subarray(0x9000, 0xf000).equals(nvsPartition(boards[0]?.nvs ?? {}, 0x6000)));
  t.true(whole.subarray(0xf000).equals(flash.image.subarray(0xf000)));
  t.deepEqual(writeImages(flash, undefined, output), [path.join(output, 'fractus.bin')]);
});
