// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { bootSlots, FIRST_SLOTS, type SlotRecord, VirtualSlots } from '../common/slots.ts';
import type { Firmware, FirmwareSlots } from '../hal.ts';
import type { Report } from './files.ts';
import type { ImageFiles } from './image-files.ts';

/** As much as a slot of a chip with 4 MB of flash has. */
export const SLOT_BYTES = 1_966_080;

/** What may run: a slot, or what the board was made with. */
const PLACES = ['factory', 'a', 'b'] as const;
type Place = (typeof PLACES)[number];

interface ImageNote {
  readonly bytes: number;
  readonly sha256: string;
}

/** What is noted. `next` starts when `other` says so; `before` comes back when it fails. */
interface Note extends SlotRecord {
  /** Which program the board was made with: another one is a board that was made anew. */
  readonly made: string;
  readonly runs: Place;
  readonly before: Place;
  readonly next: Place;
  readonly images: { readonly [place in Place]?: ImageNote };
}

/**
 * Two slots for firmware beside the program that a board was made with, and their bootloader. What an image is, whoever runs it knows:
 * here it is bytes, of which the SHA-256 is noted.
 */
export class Slots {
  readonly #files: ImageFiles;
  readonly #report: Report;
  #note: Note | undefined;
  /** Of the start under way: who was made for another one writes nothing any more. */
  #start = 0;

  constructor(files: ImageFiles, report: Report) {
    this.#files = files;
    this.#report = report;
  }

  /**
   * A start, to be told before there is a HAL: what was installed runs on trial, and what was not confirmed is given up.
   * @param made the program that the board was made with; not the one noted: the slots are empty again
   * @returns the image that runs; undefined: `made` does
   */
  boot(made: Firmware): Uint8Array | undefined {
    this.#start += 1;
    const identity = `${made.name} ${made.version} ${made.buildTimeMs}`;
    this.#note ??= this.#read() ?? first(identity);
    if (this.#note.made !== identity) {
      const what = `${made.name} ${made.version}`;
      if (this.#note.runs !== 'factory') this.#report(`slots: ${what} is a new build and replaces all others`);
      this.#fallTo(first(identity));
    }
    const now = bootSlots(this.#note);
    if (this.#note.other === 'starts') this.#begin(this.#note, now);
    else if (this.#note.onTrial) this.#fallTo({ ...this.#note, ...now, runs: this.#note.before });
    return this.#load();
  }

  /** What runs cannot be run at all: what was there before it does, from the next start on. */
  giveUp(): void {
    const note = this.#note;
    if (note === undefined || note.runs === 'factory') return;
    const runs = note.before === note.runs ? 'factory' : note.before;
    this.#fallTo({ ...note, ...FIRST_SLOTS, rolledBack: true, runs, before: 'factory' });
  }

  /** The slots are empty: the program that the board was made with runs at the next start. */
  clear(): void {
    if (this.#note !== undefined) this.#fallTo(first(this.#note.made));
  }

  /** The slots as the start under way sees them. */
  open(restart: () => void): FirmwareSlots {
    const start = this.#start;
    const attempt = (act: () => void) => start === this.#start && this.#attempt(act);
    const note = this.#note ?? first('');
    const place = note.runs === 'a' ? 'b' : 'a';
    let bytes = 0;
    let digest = createHash('sha256');
    return new VirtualSlots({
      capacityBytes: SLOT_BYTES,
      record: note,
      restart,
      onInstall: () => {
        bytes = 0;
        digest = createHash('sha256');
        return attempt(() => this.#files.begin(place));
      },
      take: (from, at, to) => {
        const piece = from.subarray(at, to);
        bytes += piece.length;
        digest.update(piece);
        return attempt(() => this.#files.append(place, piece));
      },
      keep: (record) =>
        attempt(() => {
          const now = this.#note ?? note;
          if (record.other !== 'starts') return this.#write({ ...now, ...record });
          // All of it is there before anything says that it starts.
          this.#files.sync(place);
          const image = { bytes, sha256: digest.copy().digest('hex') };
          this.#write({ ...now, ...record, next: place, images: { ...now.images, [place]: image } });
        }),
    });
  }

  /** Without a note of its trial a new one would begin it again at each start. */
  #begin(note: Note, now: SlotRecord): void {
    const isNoted = this.#keep({ ...note, ...now, runs: note.next, before: note.runs });
    if (!isNoted) this.#note = { ...note, onTrial: false };
  }

  /** Holds for this process also where it cannot be noted: the next one finds out again. */
  #fallTo(note: Note): void {
    this.#keep(note);
    this.#note = note;
  }

  /** What is to run, or what comes before it where that is damaged. */
  #load(): Uint8Array | undefined {
    while (this.#note !== undefined && this.#note.runs !== 'factory') {
      const { runs, images } = this.#note;
      try {
        return this.#image(runs, images[runs]);
      } catch (error) {
        this.#report(`slots: the firmware in slot ${runs} is damaged, and does not start: ${(error as Error).message}`);
        this.giveUp();
      }
    }
    return undefined;
  }

  #image(place: Place, image: ImageNote | undefined): Uint8Array {
    if (image === undefined) throw new Error('it has no record');
    const bytes = this.#files.read(place, image.bytes);
    if (createHash('sha256').update(bytes).digest('hex') !== image.sha256) throw new Error('its SHA-256 differs');
    return bytes;
  }

  #read(): Note | undefined {
    try {
      const text = this.#files.readNote();
      return text === undefined ? undefined : parseNote(text);
    } catch (error) {
      this.#report(`slots: the record is damaged and ignored: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** False: it is not noted for the next start. */
  #keep(note: Note): boolean {
    return this.#attempt(() => this.#write(note));
  }

  #write(note: Note): void {
    this.#files.writeNote(`${JSON.stringify(note)}\n`);
    this.#note = note;
  }

  #attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#report(`slots: cannot be written: ${(error as Error).message}`);
      return false;
    }
  }
}

function first(made: string): Note {
  return { ...FIRST_SLOTS, made, runs: 'factory', before: 'factory', next: 'factory', images: {} };
}

/** @throws Error for what is none */
function parseNote(text: string): Note {
  const { made, runs, before, next, other, onTrial, rolledBack, images } = JSON.parse(text) as Note;
  const places = [runs, before, next].every((place) => PLACES.includes(place));
  const isRecord = ['nothing', 'starts'].includes(other) && typeof onTrial === 'boolean';
  if (
    !places ||
    !isRecord ||
    typeof rolledBack !== 'boolean' ||
    typeof made !== 'string' ||
    typeof images !== 'object'
  ) {
    throw new Error('it is not a record of slots');
  }
  for (const image of Object.values(images)) {
    const isSound = image.bytes > 0 && image.bytes <= SLOT_BYTES && typeof image.sha256 === 'string';
    if (!isSound) throw new Error('it has an invalid image');
  }
  return { made, runs, before, next, other, onTrial, rolledBack, images };
}
