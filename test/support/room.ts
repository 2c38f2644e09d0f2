// SPDX-License-Identifier: Apache-2.0
/**
 * Several test files in one process: one for each costs more than most of them do. The titles of a file begin with its name, and
 * its tests begin when no test of another file runs, so that AVA counts the time they wait to theirs.
 */

import ava, { type ExecutionContext, type TestFn } from 'ava';

/** What a file declares a test or a hook with: a title, which a hook may leave out, and what runs. */
type Words = readonly [string, Run] | readonly [Run] | readonly [string];
type Run = (t: ExecutionContext) => unknown;

interface Declaration {
  readonly file: string;
  /** `serial.skip` of `test.serial.skip`. */
  readonly modifiers: readonly string[];
  readonly words: Words;
}

const declarations: Declaration[] = [];
let loading = '';

function declarer(modifiers: readonly string[]): object {
  const declare = (...words: Words): void => {
    declarations.push({ file: loading, modifiers, words });
  };
  return new Proxy(declare, { get: (_, modifier) => declarer([...modifiers, String(modifier)]) });
}

/** What test files of a room get of AVA: it is told of their tests when all have been loaded, for it begins with the first. */
export default declarer([]) as TestFn;

/**
 * Loads the files of a room, one after the other.
 * @param files by the names with which their tests' titles begin; none for the only one
 */
export async function room(files: ReadonlyArray<readonly [string, () => Promise<unknown>]>): Promise<void> {
  for (const [name, load] of files) {
    loading = name;
    await load();
    if (declarations.at(-1)?.file !== name) throw new Error(`${name} declares no test`);
  }
  const turns = new Turns();
  for (const { file, modifiers, words } of declarations) {
    const before = file === '' ? '' : `${file} › `;
    const named = words.map((word) => (typeof word === 'string' ? `${before}${word}` : turns.taken(file, word)));
    const declare = modifiers.reduce((member: object, modifier) => Reflect.get(member, modifier), ava);
    Reflect.apply(declare as () => void, undefined, named);
  }
}

/** Tests of one file run at the same time, those of two never. */
class Turns {
  private waiting: { readonly file: string; readonly begin: () => void }[] = [];
  private running = 0;

  taken(file: string, run: Run): Run {
    return async (t) => {
      await new Promise<void>((begin) => {
        this.waiting.push({ file, begin });
        if (this.running === 0) setImmediate(() => this.next());
      });
      try {
        return await run(t);
      } finally {
        this.running--;
        if (this.running === 0) setImmediate(() => this.next());
      }
    };
  }

  private next(): void {
    const first = this.waiting[0];
    if (first === undefined || this.running > 0) return;
    const begun = this.waiting.filter(({ file }) => file === first.file);
    this.waiting = this.waiting.filter(({ file }) => file !== first.file);
    this.running = begun.length;
    for (const { begin } of begun) begin();
  }
}
