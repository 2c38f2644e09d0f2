// SPDX-License-Identifier: Apache-2.0

import { app, start } from 'fractus/board';

/** The main module of a firmware whose author has none: starts the usual app of a bare board. */
export default function main(): void {
  start(app);
}
