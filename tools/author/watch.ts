// SPDX-License-Identifier: Apache-2.0

import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** Editors write a file in several steps. */
const SETTLE_MS = 50;

/** Calls back when one of the watched files has been saved. The files may change after each call. */
export class FileWatch {
  readonly #onSaved: () => void;
  readonly #folders = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> = new Set();
  #settling: NodeJS.Timeout | undefined;

  constructor(onSaved: () => void) {
    this.#onSaved = onSaved;
  }

  /** Sets the watched files. Those of installed packages are left out, because they do not change. */
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

  /** Watches a folder, because saving may replace a file by another one of the same name. */
  #watch(folder: string): FSWatcher {
    const watcher = watch(folder, (_, name) => {
      if (name !== null && !this.#files.has(path.join(folder, name))) return;
      clearTimeout(this.#settling);
      this.#settling = setTimeout(this.#onSaved, SETTLE_MS);
    });
    // Nothing can be saved in a folder that is gone.
    watcher.on('error', () => {});
    return watcher;
  }
}
