// SPDX-License-Identifier: Apache-2.0
/** Operations for a child without a handler, where an author runs it: on Node and on XS, over sockets. */

import test from 'ava';
import { createOperation, findDevice } from 'fractus/emulator';
import type { JsonObject } from '../../tools/platform/model.ts';
import { buildXsHost } from '../../tools/xs/build.ts';
import { testWith } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { begin } from './desk-scene.ts';

const { reason } = await buildXsHost();
const TEXT = 'measurementInterval=77\n';
/** Operations that the board carries out, the restart last. */
const OF_BOARD: readonly JsonObject[] = [
  { c8y_Configuration: { config: TEXT } },
  { c8y_SendConfiguration: {} },
  { c8y_Command: { text: 'help' } },
  { c8y_MeasurementRequestOperation: {} },
  { c8y_Restart: {} },
];
const OF_NOBODY: readonly JsonObject[] = [
  { c8y_Firmware: { name: 'a', version: '2', url: 'https://files.example/a' } },
  { c8y_SoftwareUpdate: [{ name: 'a', version: '2', url: 'https://files.example/a', action: 'install' }] },
  { x_Unknown: {} },
];

for (const runtime of ['node', 'xs']) {
  const declare = testWith(runtime === 'xs' ? reason : undefined, test.serial);
  declare(
    `an operation for a child without a handler is FAILED once, and nobody carries it out, on ${runtime}`,
    async (t) => {
      const { emulator, device, end } = await begin(t, 'app/bare-child', runtime);
      const { platform } = emulator;
      const listening = () => device.output.split('listening for operations').length - 1;
      const objectOf = (child = '') => findDevice(platform, `${runtime}${child}`);
      const config = () => String((objectOf()?.fragments['c8y_Configuration'] as JsonObject | undefined)?.['config']);
      const carryOut = async (fragments: JsonObject, child?: string) => {
        const operation = createOperation(platform, objectOf(child)?.id ?? '', fragments);
        await until(
          () => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED',
          () => device.output,
        );
        t.deepEqual(
          operation.history.map(({ status }) => status),
          ['PENDING', 'EXECUTING', operation.status],
        );
        return operation.failureReason;
      };
      await until(
        () => listening() === 1,
        () => device.output,
      );
      for (const [child, supported] of [
        ['bare', 'none'],
        ['panel', 'c8y_Message'],
      ] as const) {
        for (const fragments of [...OF_BOARD, ...OF_NOBODY]) {
          const name = Object.keys(fragments)[0] ?? '';
          const text = `${name}: not supported by child ${child}; supported: ${supported}`;
          t.is(await carryOut(fragments, `:${child}`), text);
        }
      }
      // The control: the child takes what is its own, and the board all of these.
      t.is(listening(), 1);
      t.false(config().includes(TEXT));
      t.is(await carryOut({ c8y_Message: { text: 'hello' } }, ':panel'), undefined);
      t.true(device.output.includes('shown: hello'));
      for (const fragments of OF_BOARD) t.is(await carryOut(fragments), undefined);
      t.true(config().includes(TEXT));
      await until(
        () => listening() === 2,
        () => device.output,
      );
      await end();
    },
  );
}
