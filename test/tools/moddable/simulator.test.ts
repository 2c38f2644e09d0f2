// SPDX-License-Identifier: Apache-2.0

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RESTART_EXIT_CODE, type Screen, Simulator } from '../../../tools/moddable/simulator.ts';
import { until } from '../../support/until.ts';

/** A simulator whose mcsim is a script: it gets its copy of the library as $COPY, and $STARTS counts from 1. */
function createSimulator(t: ExecutionContext, script: string) {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-mcsim-'));
  const flash = path.join(directory, 'flash');
  const copy = path.join(flash, 'tech.moddable.mcsim/mc.so');
  const mcsim = path.join(directory, 'mcsim');
  const lines = [
    '#!/bin/sh',
    `COPY=${copy}; mkdir -p $(dirname $COPY)`,
    `echo x >> ${directory}/starts; STARTS=$(wc -l < ${directory}/starts)`,
    script,
  ];
  writeFileSync(mcsim, lines.join('\n'));
  chmodSync(mcsim, 0o755);
  mkdirSync(flash);
  const failures: string[] = [];
  const simulator = new Simulator({
    sdk: { directory, tools: directory },
    screen: { name: ':0' } as Screen,
    library: 'mc.so',
    flash,
    onFailure: (reason) => void failures.push(reason),
  });
  t.teardown(() => simulator.stop());
  simulator.start();
  return { simulator, failures };
}

test('a restart on a busy machine, where the new process takes long to copy the library, is no abort', async (t) => {
  const { simulator, failures } = createSimulator(
    t,
    `if [ $STARTS = 1 ]; then touch $COPY; sleep 0.5; exit ${RESTART_EXIT_CODE}; fi
     sleep 0.5; rm -f $COPY; sleep 3; touch $COPY; echo up; exec sleep 60`,
  );
  await until(() => failures.length > 0 || simulator.lines.includes('up'), 'it is not up again');
  t.deepEqual(failures, []);
  t.is(simulator.restarts, 1);
});

test('a machine that is gone while the process goes on is an abort', async (t) => {
  const { failures } = createSimulator(t, 'touch $COPY; sleep 1; rm $COPY; exec sleep 60');
  await until(() => failures.length > 0, 'no failure');
  t.regex(failures[0] ?? '', /the machine was aborted/);
});

test('a process that ends by itself has failed', async (t) => {
  const { failures } = createSimulator(t, 'exit 3');
  await until(() => failures.length > 0, 'no failure');
  t.deepEqual(failures, ['the simulator has ended (3)']);
});
