// SPDX-License-Identifier: Apache-2.0
/** The page of `fractus flash` in a real browser, at a board that is none. */

import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { readSettings } from '../../hal/esp32/config.ts';
import { findInstalls } from '../../tools/flash/installs.ts';
import { loadFlashPage } from '../../tools/flash/page.ts';
import { startFlashServer } from '../../tools/flash/server.ts';
import { SerialBoard } from '../support/serial-board.ts';
import { until } from '../support/until.ts';
import { deskTest, openBrowser } from './browser.ts';

interface Bridge {
  toBoard(bytes: number[]): Promise<void>;
  fromBoard(bytes: number[]): void;
}

/** In the page: Web Serial with one port, which leads to the board in this process. */
function stubSerial(): void {
  const bridge = window as unknown as Bridge;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  bridge.fromBoard = (bytes) => controller?.enqueue(Uint8Array.from(bytes));
  const port = {
    readable: undefined as ReadableStream<Uint8Array> | undefined,
    writable: undefined as WritableStream<Uint8Array> | undefined,
    getInfo: () => ({}),
    async setSignals() {},
    async open() {
      port.readable = new ReadableStream({ start: (each) => (controller = each) });
      port.writable = new WritableStream({ write: (bytes) => bridge.toBoard([...bytes]) });
    },
    async close() {
      controller = undefined;
    },
    addEventListener() {},
  };
  Object.defineProperty(navigator, 'serial', { value: { requestPort: async () => port } });
}

async function openPage(t: ExecutionContext): Promise<{ board: SerialBoard; page: Page; troubles: string[] }> {
  const board = new SerialBoard();
  const installs = findInstalls('nowhere', t.fail);
  const firmware = { name: 'barn', version: '1.2.3' };
  const server = await startFlashServer({ port: 0, page: await loadFlashPage(), firmware, installs });
  const page = await (await openBrowser()).newPage();
  t.teardown(async () => {
    await page.close();
    await server.close();
  });
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  await page.exposeFunction('toBoard', (bytes: number[]) => board.take(Uint8Array.from(bytes)));
  // Around each function, tsx puts a call that a browser does not know.
  await page.addInitScript('globalThis.__name = (each) => each');
  await page.addInitScript(stubSerial);
  await page.goto(server.url);
  void (async () => {
    for await (const bytes of board.port.readable) {
      await page.evaluate((each) => (window as unknown as Bridge).fromBoard(each), [...bytes]).catch(() => {});
    }
  })();
  return { board, page, troubles };
}

deskTest('url and bootstrap password get to the board, which says when it reports', async (t) => {
  const { board, page, troubles } = await openPage(t);
  await page.getByLabel('URL').fill('https://example.cumulocity.com');
  await page.getByLabel('Bootstrap password').fill('hunter2-hunter2');
  await page.getByRole('button', { name: 'Set up' }).click();
  await until(() => board.restarts === 1, 'no restart');
  t.deepEqual(readSettings(board.values), {
    url: 'https://example.cumulocity.com',
    bootstrapPassword: 'hunter2-hunter2',
  });
  t.is(await page.getByLabel('Bootstrap password').inputValue(), '');
  board.say('info: asking for credentials as barn: accept it\r\n');
  await page.getByText(/register barn on the platform/).waitFor();
  board.say('info: listening for operations\r\n');
  await page.getByText('The board reports to its platform.').waitFor();
  t.notRegex((await page.textContent('body')) ?? '', /hunter2/);
  t.deepEqual(troubles, []);
});

deskTest('what the board refuses is shown, and nothing restarts', async (t) => {
  const { board, page } = await openPage(t);
  await page.getByLabel('URL').fill('ftp://example.cumulocity.com');
  await page.getByLabel('Bootstrap password').fill('hunter2-hunter2');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page
    .getByRole('status')
    .getByText(/url: .*not allowed/)
    .waitFor();
  t.is(board.restarts, 0);
});

deskTest('ESP Web Tools finds out by Improv who the board is, and gives it Wi-Fi', async (t) => {
  const { board, page, troubles } = await openPage(t);
  await page.getByRole('button', { name: 'Install' }).click();
  const dialog = page.locator('ewt-install-dialog');
  await dialog.getByText('Connect to Wi-Fi').click({ timeout: 60_000 });
  const name = dialog.getByRole('textbox', { name: 'Network Name' });
  const password = dialog.locator('input[name="password"]');
  // The dialog moves the focus to its first field some time after it has opened, and what is typed goes along.
  do {
    await name.fill('Barn');
    await password.fill('correct horse');
  } while ((await name.inputValue()) !== 'Barn' || (await password.inputValue()) !== 'correct horse');
  await dialog.getByText('Connect', { exact: true }).click();
  await until(() => board.restarts === 1, 'no restart', 60_000);
  t.deepEqual(readSettings(board.values), { wifiName: 'Barn', wifiPassword: 'correct horse' });
  board.networkUp = true;
  board.machine.time.run(3000);
  await dialog.getByText('Visit Device').waitFor();
  // Our boards do not look for networks, and a person types its name.
  t.deepEqual(troubles, ['Error while scanning for Wi-Fi networks UNKNOWN_RPC_COMMAND']);
});
