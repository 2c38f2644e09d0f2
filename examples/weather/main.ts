// SPDX-License-Identifier: Apache-2.0
/** The weather station on Node: `npx tsx examples/weather/main.ts URL BOOTSTRAP-PASSWORD`. */

import { createAgent } from 'fractus';
import { createNodeHal, Flash } from 'fractus/node';
import { app } from './app.ts';

const [url, bootstrapPassword] = process.argv.slice(2);
const flash = new Flash();
let stop = () => {};

/** Runs at each start of the board; `c8y_Restart` calls it again. */
function boot(): void {
  const hal = createNodeHal({ flash, log: (level, line) => console.log(`${level}: ${line}`), onRestart: boot });
  const agent = createAgent({ hal, config: { url, bootstrapPassword }, app });
  stop = () => agent.stop(() => hal.close());
  agent.start();
}

boot();
process.on('SIGINT', () => stop());
