// SPDX-License-Identifier: Apache-2.0
/** How often is looked whether npm is still there. */
const LOOK_MS = 500;

/**
 * Resolves when a command is to end: at the first signal, when nobody reads what it says any more, or when the npm that
 * runs it has ended. More signals change nothing: npm passes on what the terminal has sent as well.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') resolve();
      // A full disk under a log is no reason for a device to end.
      else console.error(`what is logged cannot be written: ${error.message}`);
    });
    // npm ends at a signal without a word to what it runs. Without npm, a command may outlive the shell it was typed in.
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && resolve(), LOOK_MS).unref();
  });
}
