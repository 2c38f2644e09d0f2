// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import type { Hal, ResetCause } from '../../../../hal/hal.ts';
import { Flash } from '../../../../hal/node/flash.ts';
import { Panic, type Program } from '../../../../tools/device/programs.ts';
import { VirtualDevice } from '../../../../tools/device/virtual-device.ts';
import { within } from '../../../support/until.ts';

/** A program that does at each start what a test says, and a device that runs it. */
function createDevice(t: ExecutionContext, onBoot: (hal: Hal, boot: number) => void) {
  const causes: ResetCause[] = [];
  const stops: number[] = [];
  const lines: string[] = [];
  const program: Program = {
    async boot(hal) {
      causes.push(hal.board.resetCause);
      onBoot(hal, causes.length);
    },
    async stop(timeoutMs) {
      stops.push(timeoutMs);
      return true;
    },
  };
  const device = new VirtualDevice({
    flash: new Flash(),
    program,
    firmware: { name: 'test', version: '1', buildTimeMs: 0 },
    resources: {},
    log: (level, line) => lines.push(`${level} ${line}`),
  });
  t.teardown(() => device.stop());
  return { device, causes, stops, lines };
}

test('a restart and a panic each lead to the next start; the flash remembers why', async (t) => {
  const restarted = new Promise<ReturnType<typeof createDevice>>((resolve) => {
    const world = createDevice(t, (hal, boot) => {
      if (boot === 1) hal.restart('because');
      if (boot === 2) throw new Panic('out of memory');
      if (boot === 3) resolve(world);
    });
    world.device.start();
  });
  const done = await within(restarted, 'it does not start three times');
  t.deepEqual(done.causes, ['power-on', 'software', 'panic']);
  t.deepEqual(done.lines, ['error out of memory']);
});

test('an end without a panic is final', async (t) => {
  const { device, causes } = createDevice(t, () => {
    throw new Error('no such bundle');
  });
  device.start();
  await t.throwsAsync(device.failure, { message: 'no such bundle' });
  t.is(causes.length, 1);
  await device.stop();
});

test('a device that is told to stop does not come back, and a program that is not there is not waited for', async (t) => {
  const { device, causes, stops } = createDevice(t, (hal) => hal.restart('because'));
  device.start();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  await device.stop();
  device.panic(new Panic('too late'));
  device.fail(new Error('too late'));
  await new Promise((resolve) => setTimeout(resolve, 400));
  t.is(causes.length, 1);
  t.deepEqual(stops, [0]);
});
