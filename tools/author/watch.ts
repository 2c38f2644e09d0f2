// SPDX-License-Identifier: Apache-2.0

import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** Editors write a file in several steps. */
const SETTLE_MS = 50;

/** Tells when one of some files has been saved; they may be others after each time. */
export class FileWatch {
  readonly #onSaved: () => void;
  readonly #folders = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> = new Set();
  #settling: NodeJS.Timeout | undefined;

  constructor(onSaved: () => void) {
    this.#onSaved = onSaved;
  }

  /** Watches these from now on, but for those of installed packages, which do not change. */
  set files(files: readonly string[]) {
    this.#files = new Set(files.filter((file) => !file.split(path.sep).includes('node_modules')));
    const folders = new Set([...this.#files].map((file) => path.dirname(file)));
    for (const [folder, watcher] of this.#folders) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of folders) if (!this.#folders.has(folder)) this.#folders.set(folder, this.#watch(folder));
  }

  close(): void {
    clearTimeout(this.#settling);
    this.files = [];
  }

  /** Folders, for a file that is saved may be another one of that name. */
  #watch(folder: string): FSWatcher {
    const watcher = watch(folder, (_, name) => {
      if (name !== null && !this.#files.has(path.join(folder, name))) return;
      clearTimeout(this.#settling);
      this.#settling = setTimeout(this.#onSaved, SETTLE_MS);
    });
    // A folder that is gone is not saved in any more.
    watcher.on('error', () => {});
    return watcher;
  }
}
