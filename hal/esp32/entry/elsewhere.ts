// SPDX-License-Identifier: Apache-2.0
/** Stands for `fractus/board` and `fractus/sensors` where there is no board, and throws. */

throw new Error(
  'fractus/board and fractus/sensors are modules of a board: leave them to main.ts, and let Node import app.ts alone',
);
