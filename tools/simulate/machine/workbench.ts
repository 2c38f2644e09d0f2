// SPDX-License-Identifier: Apache-2.0
/** A configuration file, a relay and a display of a simulated app. */

import { configurationFiles, message, relay } from '../../../src/capabilities/index.ts';
import type { AppBoard } from '../../../src/index.ts';

/** Type of its file, and the file at first. */
export const RECIPE = 'recipe';
export const FIRST_RECIPE = 'recipe: bread\n';
/** Beginning and end of each file that it takes. */
const SOUND = /^recipe: [a-z\n]*\n$/;
const MOST_BYTES = 4000;
/** Bytes that an app without much room has in force. */
const ROOM_BYTES = 2000;

/** Names of the operations that it declares. */
export const WORKBENCH_OPERATIONS = ['c8y_DownloadConfigFile', 'c8y_UploadConfigFile', 'c8y_Relay', 'c8y_Message'];

/** Its state, which outlives power cuts. */
export class Workbench {
  recipe = FIRST_RECIPE;
  /** It has no room for a long file, and does not say so. */
  isSmall = false;
  /** The last text on its display. */
  shown = '';

  /**
   * @param isPowered false: the board has no power, so its calls have no effect
   * @param onShown counts the message for its operation
   */
  declare(board: AppBoard, isPowered: () => boolean, onShown: () => void): void {
    const file = {
      type: RECIPE,
      maxBytes: MOST_BYTES,
      read: () => Buffer.from(this.recipe),
      apply: (bytes: Uint8Array) => {
        const text = Buffer.from(bytes).toString();
        if (!SOUND.test(text)) throw new Error('the file is no recipe');
        if (isPowered()) this.recipe = this.isSmall ? text.slice(0, ROOM_BYTES) : text;
      },
    };
    for (const each of configurationFiles(file)) board.operation(each);
    board.operation(relay());
    board.operation(
      message((text) => {
        if (!isPowered()) return;
        this.shown = text;
        onShown();
      }),
    );
  }
}
