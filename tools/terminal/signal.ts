// SPDX-License-Identifier: Apache-2.0
/** Interval of the check whether npm still runs. */
const LOOK_MS = 500;

/**
 * Resolves when a command must end: at the first signal, when its output is closed, or when the npm that runs it has
 * ended. Further signals change nothing: npm also passes on the terminal's signal.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') resolve();
      // A full disk for the log must not end a device.
      else console.error(`the log cannot be written: ${error.message}`);
    });
    // npm may end without a signal to its child. Without npm, a command may outlive its shell.
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && resolve(), LOOK_MS).unref();
  });
}

/** Time in which the signal arrives that has ended a compiler of this command: a terminal sends it to both. */
const BOTH_MS = 200;

/**
 * For the errors of a preparation: without effect when the command ends anyway, because its compilers end with it.
 * @param signal of `untilSignal`
 */
export function unlessEnded(signal: Promise<void>): (error: unknown) => Promise<undefined> {
  return async (error) => {
    const inTime = new Promise<never>((_, reject) => setTimeout(() => reject(error), BOTH_MS));
    await Promise.race([signal, inTime]);
    return undefined;
  };
}
