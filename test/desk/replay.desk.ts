// SPDX-License-Identifier: Apache-2.0
/** A life of the simulator on the page: it is played, stepped through, and any moment of it can be looked at. */

import { deskTest, fractus, goTo, screenshot, startDesk, violations } from './browser.ts';

const FAULTS = 'exchange 9 after-send, exchange 4 reset';

deskTest('a recorded life: slider, steps, speeds, faults, and how it ended', async (t) => {
  const desk = await startDesk(
    t,
    ['--scenario', 'cold', '--seed', '3', '--faults', FAULTS, '--show'],
    fractus('simulate'),
  );
  const page = await desk.open();
  const bar = page.getByRole('region', { name: 'Replay' });
  await bar.getByText('everything held').waitFor();
  t.regex((await bar.textContent()) ?? '', /--scenario cold --seed 3 --faults/);
  // Who wants no motion begins at the beginning, and nothing has happened.
  await goTo(page, 'Wire');
  await page.getByText('Nothing has come yet.').waitFor();
  const exchanges = page.locator('.arrow');
  await bar.getByRole('button', { name: 'One event on' }).click();
  await bar.getByRole('button', { name: 'One event on' }).click();
  await exchanges.first().waitFor();
  const few = await exchanges.count();
  // To the end by keyboard, and back.
  const slider = bar.getByRole('slider', { name: 'Moment' });
  await slider.focus();
  await page.keyboard.press('End');
  await page.waitForFunction((count) => document.querySelectorAll('.arrow').length > count + 20, few);
  t.is(await page.locator('.arrow[data-label="create device"]').count(), 3, 'the board and two children, none twice');
  await screenshot(page, 'replay-wire');
  await exchanges.first().click();
  await page
    .getByRole('complementary', { name: /^Exchange/ })
    .getByRole('region', { name: 'Answer' })
    .waitFor();
  await page.keyboard.press('Escape');
  await slider.focus();
  await page.keyboard.press('Home');
  await page.getByText('Nothing has come yet.').waitFor();
  // To the moment before a fault; one step on, it has struck.
  await goTo(page, 'Trouble');
  await page.getByRole('button', { name: 'Go there: exchange 9 after-send' }).click();
  t.is(await page.locator('.trial.running').count(), 0);
  await bar.getByRole('button', { name: 'One event on' }).click();
  await page.locator('.trial.running').first().waitFor();
  // It plays by itself.
  await bar.getByRole('combobox', { name: 'Speed' }).selectOption('600');
  await bar.getByRole('button', { name: 'Play' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.trial.running').length === 2);
  await bar.getByRole('button', { name: 'Play' }).waitFor();
  // Nothing that is over can be changed.
  await goTo(page, 'Device');
  await page.locator('[data-operation="c8y_Command"][data-status="SUCCESSFUL"]').waitFor();
  t.is(await page.getByRole('region', { name: 'Send an operation' }).count(), 0);
  t.is(await page.getByRole('button', { name: 'Tour' }).count(), 0);
  await goTo(page, 'Inside');
  await page.getByText(/on a simulated machine/).waitFor();
  for (const view of ['Fleet', 'Device', 'Wire', 'Inside', 'Trouble', 'Breaches']) {
    await goTo(page, view);
    t.deepEqual(await violations(page), [], view);
  }
});
