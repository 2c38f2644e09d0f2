#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The command line. In a clone, tsx runs the tools as TypeScript; the published package contains JavaScript.
// This file must start on any Node, also on an old one.
import { existsSync, readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const numbers = (version) => version.replace(/^\D+/, '').split('.').map(Number);
const [needed, there] = [numbers(engines.node), numbers(process.version)];
if (there[0] < needed[0] || (there[0] === needed[0] && there[1] < needed[1])) {
  console.error(
    `fractus: this is Node ${process.version}; ${needed.join('.')} or newer is needed (https://nodejs.org)`,
  );
  process.exit(1);
}

const isClone = existsSync(new URL('../tsconfig.json', import.meta.url));
if (isClone) (await import('tsx/esm/api')).register();
const { main } = await import(isClone ? './cli/main.ts' : '../dist/tools/cli/main.js');
// Ends everything that still runs, such as compilers after a signal.
process.exit(await main(process.argv.slice(2)));
