// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findInstalls, type webManifest } from '../../../tools/flash/installs.ts';
import { loadFlashPage } from '../../../tools/flash/page.ts';
import { startFlashServer } from '../../../tools/flash/server.ts';
import { firmwareFiles } from '../../support/firmware-files.ts';

const FIRMWARE = { name: 'barn', version: '1.2.3' };

/** As mcconfig leaves it: a folder for each board that was built for. */
function output(t: ExecutionContext, builds: Readonly<Record<string, Readonly<Record<string, Buffer>>>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-flash-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const [index, [board, files]] of Object.entries(builds).entries()) {
    const folder = path.join(directory, 'bin/esp32', board, 'release/barn');
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(path.join(folder, name), content);
      utimesSync(path.join(folder, name), 1_000_000 + index, 1_000_000 + index);
    }
  }
  return directory;
}

test('the newest image of each kind of chip; what cannot be used is told of', (t) => {
  const newest = { ...firmwareFiles(5), 'ota_data_initial.bin': Buffer.from('newest') };
  const { 'partition-table.bin': _, ...torn } = firmwareFiles(9);
  const lines: string[] = [];
  const builds = {
    esp32c3: firmwareFiles(5),
    esp32: firmwareFiles(0),
    lolin: newest,
    esp32s3: torn,
    odd: firmwareFiles(99),
  };
  const installs = findInstalls(output(t, builds), (line) => lines.push(line));
  t.deepEqual(installs.map(({ chipFamily }) => chipFamily).sort(), ['ESP32', 'ESP32-C3']);
  const c3 = installs.find(({ chipFamily }) => chipFamily === 'ESP32-C3');
  t.deepEqual(
    c3?.parts.map(({ name, offset }) => [name, offset]),
    [
      ['bootloader.bin', 0],
      ['partition-table.bin', 0x8000],
      ['ota_data_initial.bin', 0x3d0000],
      ['xs_esp32.bin', 0x10000],
    ],
  );
  t.is(c3?.parts[2]?.bytes.toString(), 'newest');
  t.is(lines.length, 2);
  t.deepEqual(findInstalls(path.join(tmpdir(), 'nowhere'), t.fail), []);
});

test('a browser gets page, manifest and parts; whoever calls this machine by another name gets nothing', async (t) => {
  const installs = findInstalls(output(t, { esp32c3: firmwareFiles(5) }), t.fail);
  const server = await startFlashServer({ port: 0, page: await loadFlashPage(), firmware: FIRMWARE, installs });
  t.teardown(() => server.close());
  const page = await fetch(server.url);
  t.regex(await page.text(), /<esp-web-install-button manifest="manifest.json">/);
  t.regex(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  t.is((await fetch(new URL('flash.js', server.url))).headers.get('content-type'), 'text/javascript;charset=utf-8');
  const manifest = (await (await fetch(new URL('manifest.json', server.url))).json()) as ReturnType<typeof webManifest>;
  t.like(manifest, { ...FIRMWARE, builds: [{ chipFamily: 'ESP32-C3' }] });
  for (const [index, { path: name, offset }] of (manifest.builds[0]?.parts ?? []).entries()) {
    t.deepEqual([offset], [installs[0]?.parts[index]?.offset]);
    const got = Buffer.from(await (await fetch(new URL(name, server.url))).arrayBuffer());
    t.deepEqual(got, installs[0]?.parts[index]?.bytes);
  }
  t.is((await fetch(server.url, { method: 'POST' })).status, 405);
  t.is((await fetch(new URL('..%2f..%2fpackage.json', server.url))).status, 404);
  t.is(await status(server.url, 'rebound.example.com'), 421);
});

/** `fetch` does not let a host be named. */
function status(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .once('error', reject)
      .end();
  });
}
