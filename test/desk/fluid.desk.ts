// SPDX-License-Identifier: Apache-2.0
/** An hour of many devices stays fluid: counted are tasks of the page that keep its processor for longer than a few frames. */

import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { deskTest, goTo, openBrowser, startDesk } from './browser.ts';

const DEVICES = 20;
const SERIES = 10;
/** An hour of one every five seconds. */
const POINTS = 720;
const WATCH_MS = 8000;
const TENANT = ['--import=tsx', fileURLToPath(new URL('../support/busy-tenant.ts', import.meta.url))];
/** What the browser's own guidance calls a long task. */
const LONG_MS = 50;

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time on a processor, µs: another process that has it does not count. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Processor time of each task of the page's main thread meanwhile, ms. */
async function tasksOf(page: Page, meanwhile: () => Promise<unknown>): Promise<number[]> {
  const browser = await openBrowser();
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await meanwhile();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
}

deskTest('20 devices with 10 series and an hour of samples: no view has a long task while they go on', async (t) => {
  const desk = await startDesk(t, [], TENANT);
  const page = await desk.open();
  await page.getByText(`${DEVICES} devices`).waitFor();
  for (const view of ['Fleet', 'Device', 'Wire', 'Breaches']) {
    await goTo(page, view);
    if (view === 'Device') {
      await page.waitForFunction(
        ([count, points]) => {
          const charts = [...document.querySelectorAll('.chart')];
          return charts.length === count && charts.every((each) => Number(each.getAttribute('data-points')) >= points);
        },
        [SERIES, POINTS] as const,
      );
    }
    await page.waitForTimeout(1500);
    const tasks = await tasksOf(page, () => page.waitForTimeout(WATCH_MS));
    t.true(tasks.length > 100, `${view}: tasks are seen: ${tasks.length}`);
    const long = tasks.filter((ms) => ms > LONG_MS);
    const most = Math.max(...tasks).toFixed(0);
    t.log(`${view}: ${tasks.length} tasks, the longest ${most} ms of processor time`);
    t.true(long.length <= 1, `${view}: ${long.length} long tasks: ${long.map((ms) => ms.toFixed(0))}`);
  }
});
