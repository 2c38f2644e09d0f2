// SPDX-License-Identifier: Apache-2.0
/** The entry that `launch.ts` bundles and runs. */

import { simulateCommand } from './command.ts';

process.exitCode = await simulateCommand(process.argv.slice(2));
