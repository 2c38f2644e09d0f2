// SPDX-License-Identifier: Apache-2.0
/** What `fractus/board` and `fractus/sensors` are where there is no board. */

throw new Error(
  'fractus/board and fractus/sensors are modules of a board: leave them to main.ts, and let Node import app.ts alone',
);
