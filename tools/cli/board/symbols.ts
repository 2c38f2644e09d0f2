// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What a monitor needs to translate the addresses of a panic. */
export interface Symbols {
  /** The program with its symbols. */
  readonly elf: string;
  /** The chip, as ESP-IDF calls it: `esp32c3`. */
  readonly target: string;
  /** Beginning of the names of the compiler's tools: `riscv32-esp-elf-`. */
  readonly toolPrefix: string;
}

/** tmp / esp32 / esp32c3 / release / name / xsProj-esp32c3 / build */
const DEPTH = 5;
const DESCRIPTION = 'build/project_description.json';

/** Those of the firmware that was built last, for any board; undefined: none was. @param output output folder of mcconfig */
export function newestSymbols(output: string): Symbols | undefined {
  let newest: Symbols | undefined;
  let newestAtMs = 0;
  for (const symbols of symbolsIn(path.join(output, 'tmp'), DEPTH)) {
    const atMs = statSync(symbols.elf).mtimeMs;
    if (atMs <= newestAtMs) continue;
    newest = symbols;
    newestAtMs = atMs;
  }
  return newest;
}

function symbolsIn(directory: string, depth: number): Symbols[] {
  if (depth === 0) return readSymbols(directory);
  return foldersIn(directory)
    .filter((name) => depth > 1 || name.startsWith('xsProj-'))
    .flatMap((name) => symbolsIn(path.join(directory, name), depth - 1));
}

/** None when it cannot be read. */
function foldersIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Of one build of ESP-IDF, by its own description; empty when it has not come to its end. */
function readSymbols(directory: string): Symbols[] {
  try {
    const file = path.join(directory, DESCRIPTION);
    const { app_elf, target, monitor_toolprefix: toolPrefix } = JSON.parse(readFileSync(file, 'utf8'));
    const elf = path.join(path.dirname(file), app_elf);
    return typeof target === 'string' && typeof toolPrefix === 'string' && existsSync(elf)
      ? [{ elf, target, toolPrefix }]
      : [];
  } catch {
    return [];
  }
}
