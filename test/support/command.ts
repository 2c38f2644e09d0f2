// SPDX-License-Identifier: Apache-2.0
/* `fractus` as a process, without the loader that `tools/fractus.js` registers in a clone. */
import { main } from '../../tools/cli/main.ts';

process.exit(await main(process.argv.slice(2)));
