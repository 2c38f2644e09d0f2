#!/usr/bin/env node
// The command line. The tools are TypeScript and tsx reads it; this file is the one that Node itself can start.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./cli/main.ts');
// Whatever still runs, such as compilers after a signal, ends with it.
process.exit(await main(process.argv.slice(2)));
