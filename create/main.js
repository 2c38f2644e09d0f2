#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { createCommand } from './create.js';

process.exitCode = createCommand(process.argv.slice(2), 'npm create fractus');
