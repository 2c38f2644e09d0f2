// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FirmwareSlots } from '../../../hal/hal.ts';
import { Flash } from '../../../hal/node/flash.ts';
import { ImageMemory } from '../../../hal/node/image-files.ts';
import { SLOT_BYTES, Slots } from '../../../hal/node/slots.ts';

const MADE = { name: 'test', version: '1.0.0', buildTimeMs: 7 };

/** A board whose process can be ended at any moment: `start` opens its flash again. */
class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'fractus-slots-'));
  readonly lines: string[] = [];
  #flash: Flash | undefined;

  constructor(t: ExecutionContext) {
    t.teardown(() => {
      this.#flash?.close();
      rmSync(this.directory, { recursive: true });
    });
  }

  /** A process ends, and the next one starts. Returns the text of the image that runs, and the slots as it sees them. */
  start(made = MADE): { runs: string | undefined; slots: FirmwareSlots } {
    this.#flash?.close();
    this.#flash = new Flash({ dataDir: this.directory, report: (line) => this.lines.push(line) });
    const image = this.#flash.slots.boot(made);
    return { runs: image && Buffer.from(image).toString(), slots: this.#flash.slots.open(() => {}) };
  }

  get note(): string {
    return join(this.directory, 'firmware', 'slots.json');
  }

  image(slot: 'a' | 'b'): string {
    return join(this.directory, 'firmware', `${slot}.image`);
  }
}

function install(slots: FirmwareSlots, text: string): boolean {
  const bytes = Buffer.from(text);
  const installation = slots.install(bytes.length);
  const half = bytes.length >> 1;
  return (
    installation?.write(bytes, 0, half) === true &&
    installation.write(bytes, half, bytes.length) &&
    installation.complete()
  );
}

test('a confirmed image stays, and the next one goes to the other slot', (t) => {
  const bench = new Bench(t);
  const first = bench.start();
  t.is(first.runs, undefined);
  t.true(install(first.slots, 'two'));
  const second = bench.start();
  t.deepEqual([second.runs, second.slots.onTrial], ['two', true]);
  t.is(second.slots.install(3), undefined, 'while on trial');
  t.true(second.slots.confirm());
  for (let i = 0; i < 2; i++) t.is(bench.start().runs, 'two');
  t.true(install(bench.start().slots, 'three'));
  const third = bench.start();
  t.deepEqual([third.runs, readFileSync(bench.image('b'), 'utf8')], ['three', 'three']);
  t.true(third.slots.confirm());
  t.true(install(third.slots, 'four'));
  const fourth = bench.start();
  t.deepEqual([fourth.runs, readFileSync(bench.image('a'), 'utf8')], ['four', 'four']);
  t.deepEqual(bench.lines, []);
});

test('an unconfirmed image is given up at the next start, once', (t) => {
  const bench = new Bench(t);
  t.true(install(bench.start().slots, 'two'));
  bench.start().slots.confirm();
  t.true(install(bench.start().slots, 'three'));
  t.is(bench.start().runs, 'three');
  for (let i = 0; i < 2; i++) {
    const { runs, slots } = bench.start();
    t.deepEqual([runs, slots.onTrial, slots.rolledBack], ['two', false, true]);
  }
  t.true(install(bench.start().slots, 'four'));
  t.deepEqual([bench.start().runs], ['four']);
});

test('cut anywhere in an installation, the old one starts', (t) => {
  const bench = new Bench(t);
  t.true(install(bench.start().slots, 'two'));
  bench.start().slots.confirm();
  const cuts: readonly ((slots: FirmwareSlots) => void)[] = [
    (slots) => void slots.install(5),
    (slots) => void slots.install(5)?.write(Buffer.from('thr'), 0, 3),
    (slots) => void slots.install(5)?.write(Buffer.from('three'), 0, 5),
    (slots) => {
      const installation = slots.install(5);
      installation?.write(Buffer.from('three'), 0, 5);
      installation?.abort();
    },
    (slots) => t.falsy(slots.install(SLOT_BYTES + 1)),
  ];
  for (const cut of cuts) {
    cut(bench.start().slots);
    const { runs, slots } = bench.start();
    t.deepEqual([runs, slots.rolledBack], ['two', false]);
  }
});

test('a damaged image does not start: the one before it does, and then the factory one; one line each', (t) => {
  const bench = new Bench(t);
  t.true(install(bench.start().slots, 'two'));
  bench.start().slots.confirm();
  t.true(install(bench.start().slots, 'three'));
  bench.start().slots.confirm();
  writeFileSync(bench.image('b'), 'thrEe');
  const second = bench.start();
  t.deepEqual([second.runs, second.slots.rolledBack, second.slots.onTrial], ['two', true, false]);
  t.regex(
    bench.lines.join('\n'),
    /^slots: the firmware in slot b is damaged, and does not start: its SHA-256 differs$/,
  );
  writeFileSync(bench.image('a'), 'tw');
  t.is(bench.start().runs, undefined);
  t.regex(bench.lines[1] ?? '', /slot a is damaged, and does not start: .* has 2 bytes instead of 3$/);
  t.is(bench.lines.length, 2);
  t.true(install(bench.start().slots, 'four'), 'and the next one is welcome');
  t.is(bench.start().runs, 'four');
});

test('a damaged image on trial does not start either', (t) => {
  const bench = new Bench(t);
  t.true(install(bench.start().slots, 'two'));
  rmSync(bench.image('a'));
  const { runs, slots } = bench.start();
  t.deepEqual([runs, slots.onTrial, slots.rolledBack], [undefined, false, true]);
  t.is(bench.lines.length, 1);
});

test('a damaged note is ignored: the factory image starts', (t) => {
  const bench = new Bench(t);
  t.true(install(bench.start().slots, 'two'));
  bench.start().slots.confirm();
  const whole = readFileSync(bench.note, 'utf8');
  const damages = [
    '',
    'null',
    '{"runs":"a"}',
    whole.slice(0, -9),
    whole.replace('"runs":"a"', '"runs":"c"'),
    whole.replace('"nothing"', '"noting"'),
    whole.replace(/"bytes":\d/, '"bytes":-1'),
    whole.replace(/"images":.*/, '"images":{"a":7}}'),
    whole.replace(/"images":.*/, '"images":null}'),
    'x'.repeat(5000),
  ];
  for (const damage of damages) {
    writeFileSync(bench.note, damage);
    bench.lines.length = 0;
    const { runs, slots } = bench.start();
    t.deepEqual([runs, slots.onTrial, bench.lines.length], [undefined, false, 1], damage.slice(0, 60));
    t.regex(bench.lines[0] ?? '', /^slots: the record is damaged and ignored: /);
  }
});

test('a new build of the program of the board replaces all images', (t) => {
  const bench = new Bench(t);
  t.true(install(bench.start().slots, 'two'));
  bench.start().slots.confirm();
  t.is(bench.start().runs, 'two');
  t.is(bench.start({ ...MADE, buildTimeMs: 8 }).runs, undefined);
  t.deepEqual(bench.lines, ['slots: test 1.0.0 is a new build and replaces all others']);
  t.is(bench.start().runs, undefined, 'it does not come back');
});

test('a disk that refuses: nothing is installed, and an image without a note does not run', (t) => {
  const lines: string[] = [];
  const files = new ImageMemory();
  const slots = new Slots(files, (line) => lines.push(line));
  const refuse = () => {
    throw new Error('the disk is full');
  };
  slots.boot(MADE);
  const installTwo = () =>
    install(
      slots.open(() => {}),
      'two',
    );
  const { append, writeNote } = files;
  files.append = refuse;
  t.false(installTwo());
  files.append = append;
  files.writeNote = refuse;
  t.false(installTwo());
  files.writeNote = writeNote;
  t.true(installTwo());
  files.writeNote = refuse;
  t.is(slots.boot(MADE), undefined, 'its trial cannot be noted');
  files.writeNote = writeNote;
  t.deepEqual(slots.boot(MADE), Buffer.from('two'));
  files.writeNote = refuse;
  const trial = slots.open(() => {});
  t.false(trial.confirm());
  t.true(trial.onTrial);
  t.is(slots.boot(MADE), undefined, 'and what is given up does not run, noted or not');
  t.true(lines.length > 0 && lines.every((line) => line === 'slots: cannot be written: the disk is full'));
});

test('an object of an earlier start writes nothing any more', (t) => {
  const slots = new Slots(new ImageMemory(), () => {});
  slots.boot(MADE);
  const early = slots.open(() => {});
  const installation = early.install(3);
  slots.boot(MADE);
  t.false(installation?.write(Buffer.from('two'), 0, 3));
  t.false(installation?.complete());
  t.is(early.install(3), undefined);
});
