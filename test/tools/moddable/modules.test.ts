// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { explicit } from '../../../tools/moddable/modules.ts';

for (const [code, expected] of [
  ['import a from "crypt";', 'import a from "moddable:crypt";'],
  ['import { B as b } from "fractus/board";', 'import { B as b } from "moddable:fractus/board";'],
  ['export * from "fractus/board";', 'export * from "moddable:fractus/board";'],
  ['import "fractus";', 'import "moddable:fractus";'],
  ['import a from "embedded:io/digital";', 'import a from "embedded:io/digital";'],
  ['import a from "moddable:time";', 'import a from "moddable:time";'],
  ['import a from "./own.js";', 'import a from "./own.js";'],
  ['const a = "import b from \\"c\\"";', 'const a = "import b from \\"c\\"";'],
  ['export const a = 1;\nconst b = "crypt";', 'export const a = 1;\nconst b = "crypt";'],
] as const) {
  test(`an import for mcpack: ${code}`, (t) => t.is(explicit(code), expected));
}
