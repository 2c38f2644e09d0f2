// SPDX-License-Identifier: Apache-2.0

import { app, start } from 'fractus/board';

/** The main module of the manifest where the author has none: what a bare board can report. */
export default function main(): void {
  start(app);
}
