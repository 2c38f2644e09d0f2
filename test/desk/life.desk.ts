// SPDX-License-Identifier: Apache-2.0
/** What a person does at the desk, from accepting a device to a power cut. */

import { deskTest, goTo, screenshot, startDesk } from './browser.ts';

const SEND = 'Send an operation';

deskTest('a device is accepted, measures, does what each form asks, and fails with its reason', async (t) => {
  const desk = await startDesk(t, ['--wait', '--runtime', 'node']);
  const page = await desk.open();
  await page.getByRole('button', { name: /^Accept esp32-/ }).click();
  await page.getByRole('article').getByRole('button').first().waitFor();
  await goTo(page, 'Device');
  const chart = page.locator('.chart').first();
  await chart.waitFor();
  const points = async () => Number(await chart.getAttribute('data-points'));
  const before = await points();
  await t.notThrowsAsync(
    page.waitForFunction(
      (count) => Number(document.querySelector('.chart')?.getAttribute('data-points')) > count,
      before,
    ),
  );

  const form = page.getByRole('region', { name: SEND });
  const send = async (title: string) => {
    await form.getByRole('button', { name: title, exact: true }).click();
    await form.getByRole('button', { name: 'Send', exact: true }).click();
  };
  const ended = (operation: string, status: string, count = 1) =>
    page
      .locator(`[data-operation="${operation}"][data-status="${status}"]`)
      .nth(count - 1)
      .waitFor();
  await send('Command');
  await ended('c8y_Command', 'SUCCESSFUL');
  await send('Configuration');
  await ended('c8y_Configuration', 'SUCCESSFUL');
  await send('Send configuration');
  await ended('c8y_SendConfiguration', 'SUCCESSFUL');
  await send('Measure now');
  await ended('c8y_MeasurementRequestOperation', 'SUCCESSFUL');
  await send('Restart');
  await ended('c8y_Restart', 'SUCCESSFUL');
  await send('JSON');
  await ended('c8y_Command', 'SUCCESSFUL', 2);

  await form.getByRole('button', { name: 'Command', exact: true }).click();
  await form.getByRole('textbox', { name: 'Command' }).fill('make coffee');
  await form.getByRole('button', { name: 'Send', exact: true }).click();
  await ended('c8y_Command', 'FAILED');
  t.regex((await page.locator('[data-status="FAILED"] .reason').textContent()) ?? '', /make/);
  await goTo(page, 'Breaches');
  await page.getByText('Every request kept every rule.').waitFor();
});

deskTest('an outage and a power cut: the page says what must happen, and when it has', async (t) => {
  const desk = await startDesk(t, ['--runtime', 'node']);
  await desk.show.saying(/subscribes to/);
  const page = await desk.open();
  await goTo(page, 'Trouble');
  for (const name of ['platform-down', 'power-cut']) {
    const card = page.locator(`[data-trial="${name}"]`);
    await card.getByRole('button', { name: /^Do it/ }).click();
    await page.locator(`[data-trial="${name}"][data-state="running"]`).waitFor();
    if (name === 'platform-down') await page.locator(`[data-trial="${name}"][data-state="recovering"]`).waitFor();
    await page.locator(`[data-trial="${name}"][data-state="passed"]`).waitFor({ timeout: 100_000 });
    t.regex((await card.locator('.result-line').textContent()) ?? '', /caught up: \d+ samples, in order, .* 0 twice/);
  }
  await screenshot(page, 'trouble-passed');
  // In the charts it is seen what was taken offline.
  await goTo(page, 'Device');
  await page.waitForFunction(() => Number(document.querySelector('.chart')?.getAttribute('data-late')) > 0);
  await screenshot(page, 'device-after-outage');
  await goTo(page, 'Wire');
  await page.getByRole('button', { name: 'failed', exact: true }).click();
  await page.locator('.arrow.bad').first().waitFor();
  t.is(await page.locator('.arrow.good').count(), 0);
  // The terminal has told the same.
  t.regex(desk.show.output, /measurements: tries again after \d/);
  t.regex(desk.show.output, /is back after \d+ s/);
  t.regex(desk.show.output, /board {5}the power is cut/);
  t.true(desk.show.output.split('\n').every((line) => line.length < 200));
});
