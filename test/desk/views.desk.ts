// SPDX-License-Identifier: Apache-2.0
/** Every view for everybody: axe, both themes, small and large, keyboard alone, wire, tour, links. */

import { gzipSync } from 'node:zlib';
import { loadPage } from '../../tools/desk/page.ts';
import { deskTest, goTo, screenshot, startDesk, violations } from './browser.ts';

const VIEWS = ['Fleet', 'Device', 'Wire', 'Inside', 'Trouble', 'Breaches'];

deskTest('axe finds nothing on any view in any theme, and nothing is wider than the window', async (t) => {
  const desk = await startDesk(t, ['--devices', '2']);
  await desk.show.saying(/subscribes to/, 2);
  await desk.show.saying(/operation \d+: SUCCESSFUL/);
  for (const theme of ['light', 'dark'] as const) {
    const page = await desk.open({ theme });
    for (const view of VIEWS) {
      await goTo(page, view);
      if (view === 'Device') await page.locator('.chart').first().waitFor();
      // The trouble has the name that the page gives to the device.
      if (view === 'Trouble') await page.getByText(/It happens to ESP32 esp32-\w+\./).waitFor();
      t.deepEqual(await violations(page), [], `${view}, ${theme}`);
      await screenshot(page, `${view.toLowerCase()}-${theme}`);
    }
  }
  for (const width of [360, 3840]) {
    const page = await desk.open({ width, height: width === 360 ? 740 : 2160 });
    for (const view of VIEWS) {
      await goTo(page, view);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      t.true(wide <= 0, `${view} is ${wide} px too wide for ${width}`);
      await screenshot(page, `${view.toLowerCase()}-${width}`);
    }
  }
});

deskTest('the wire: filters, pause, head and body with masked secrets; it can be used by keyboard alone', async (t) => {
  const desk = await startDesk(t, ['--runtime', 'node']);
  await desk.show.saying(/operation \d+: SUCCESSFUL/);
  const page = await desk.open();
  // From the top by Tab: the skip link, brand, buttons, then the views.
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Wire') break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Wire' }).waitFor();
  const measurements = page.locator('.arrow[data-label="measurements"]');
  await measurements.first().waitFor();
  await measurements.first().focus();
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: /^Exchange/ });
  await details.getByRole('region', { name: 'Answer' }).waitFor();
  const text = (await details.textContent()) ?? '';
  t.regex(text, /authorization: Basic \*\*\*/i);
  t.regex(text, /guide step 9/);

  await page.getByRole('button', { name: 'poll', exact: true }).click();
  t.is(await measurements.count(), 0);
  t.true((await page.locator('.arrow[data-label="long poll"]').count()) > 0);
  t.true((await page.locator('.bar.open').count()) > 0, 'the held poll is a bar');
  await page.getByRole('button', { name: 'all', exact: true }).click();
  await page.getByRole('searchbox').fill('credentials');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.arrow')].every((each) => each.getAttribute('data-label') === 'credentials'),
  );
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Pause' }).click();
  const paused = await page.locator('.arrow').count();
  await desk.show.saying(/measures .*\n[\s\S]*measures .*\n[\s\S]*measures/);
  t.is(await page.locator('.arrow').count(), paused);
  await page.getByRole('button', { name: 'Go on' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save HAR' }).click(),
  ]);
  t.is(download.suggestedFilename(), 'fractus.har');
});

deskTest('the tour goes from the first request to the list of breaches, and sees what it has asked for', async (t) => {
  const desk = await startDesk(t, ['--wait', '--runtime', 'node']);
  const page = await desk.open();
  await page.getByRole('button', { name: /^Accept / }).click();
  await desk.show.saying(/subscribes to/);
  await page.getByRole('button', { name: 'Tour' }).click();
  const card = page.getByRole('complementary', { name: 'Tour' });
  const next = () => card.getByRole('button', { name: /^(Next|Skip)$/ }).click();
  await next();
  await card.getByRole('button', { name: 'Ask for its status' }).click();
  await page.locator('[data-stop="1"][data-seen="true"]').waitFor();
  await screenshot(page, 'tour');
  await next();
  await next();
  await card.getByRole('button', { name: 'Cut it for 4 s' }).click();
  await page.locator('[data-stop="3"][data-seen="true"]').waitFor({ timeout: 100_000 });
  await next();
  await next();
  await card.getByRole('button', { name: 'Done' }).click();
  t.is(await card.count(), 0);
});

deskTest('a link can begin with a scenario; the page is small', async (t) => {
  const desk = await startDesk(t, ['--runtime', 'node']);
  await desk.show.saying(/subscribes to/);
  const page = await desk.open({ query: '?scenario=session-lost#/trouble' });
  await page.locator('[data-trial="session-lost"][data-state="passed"]').waitFor();
  let bytes = 0;
  for (const file of (await loadPage()).values()) bytes += gzipSync(file.bytes).length;
  t.true(bytes < 150 * 1024, `${bytes} bytes`);
});
