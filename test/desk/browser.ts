// SPDX-License-Identifier: Apache-2.0
/** The machine's own Chromium, and a `fractus start` to look at. */

import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { type Browser, chromium, type Page } from 'playwright-core';
import { DeviceProcess } from '../support/device-process.ts';
import { testWith } from '../support/needs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FRACTUS = path.join(ROOT, 'tools/fractus.js');
/** Kept by CI. */
export const SCREENSHOTS = path.join(ROOT, 'build/desk-screenshots');

const USUAL = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Undefined: there is none. */
export const browserPath = findBrowser();

function findBrowser(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM !== undefined && CHROMIUM !== '') return existsSync(CHROMIUM) ? CHROMIUM : undefined;
  const folders = [...PATH.split(path.delimiter), '/usr/bin', '/Applications/Google Chrome.app/Contents/MacOS'];
  const candidates = folders.flatMap((folder) => [...USUAL, 'Google Chrome'].map((name) => path.join(folder, name)));
  return candidates.find((each) => existsSync(each));
}

export const deskTest = testWith(
  browserPath === undefined ? 'there is no Chromium at CHROMIUM or the usual places' : undefined,
  test.serial,
);

let browser: Promise<Browser> | undefined;

/** One of this process. */
export function openBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('there is no browser');
  // In a container, Chromium's own sandbox has nothing to stand on.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser ??= chromium.launch({ executablePath: browserPath, args });
  return browser;
}

test.after.always(async () => {
  await (await browser)?.close();
});

export interface Desk {
  readonly url: string;
  readonly show: DeviceProcess;
  open(options?: { theme?: 'light' | 'dark'; width?: number; height?: number; query?: string }): Promise<Page>;
}

/** What Node is to run for a command of ours. */
export function fractus(command: string): readonly string[] {
  return [FRACTUS, command];
}

/** Starts `fractus start`, or something else that serves the page; what that logs or throws is a failure of the test. */
export async function startDesk(
  t: ExecutionContext,
  args: readonly string[],
  command: readonly string[] = fractus('start'),
): Promise<Desk> {
  const show = new DeviceProcess(t, { command, args });
  await show.saying(/See it, .*http/);
  const url = /http:\/\/\S+/.exec(show.output)?.[0] ?? '';
  const open: Desk['open'] = async ({ theme = 'light', width = 1440, height = 900, query = '' } = {}) => {
    const page = await (await openBrowser()).newPage({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => t.fail(`the page throws: ${error.message}`));
    page.on(
      'console',
      (line) => line.type() === 'error' && !expected.test(line.text()) && t.fail(`console: ${line.text()}`),
    );
    t.teardown(() => page.close());
    await page.goto(`${url}${query}`);
    return page;
  };
  t.teardown(() => {
    show.child.kill('SIGINT');
  });
  return { url, show, open };
}

/** What the browser says of an answer that a test has asked for. */
const expected = /Failed to load resource: the server responded with a status of 422/;

export async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds, as lines. */
export async function violations(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy lets no script in.
  const source = await import('node:fs/promises').then(({ readFile }) => readFile(AXE, 'utf8'));
  await page.evaluate(source);
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  );
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ''}`)
        .join(' | ')}`,
  );
}
