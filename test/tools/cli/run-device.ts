// SPDX-License-Identifier: Apache-2.0
/* `fractus device` as a process of its own. */
import { deviceCommand } from '../../../tools/cli/device.ts';

process.exit(await deviceCommand(process.argv.slice(2)));
