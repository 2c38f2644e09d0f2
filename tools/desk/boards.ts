// SPDX-License-Identifier: Apache-2.0
/** The virtual boards of a desk, and the actions on them. */

import type { Desk, TableDescription, TrialDescription } from '../platform/desk.ts';
import type { Content, FiguresNote } from '../platform/messages.ts';
import type { Platform } from '../platform/platform.ts';
import type { DeskBoard } from './board.ts';
import { Referee } from './referee.ts';
import { tables } from './tables.ts';
import { trials } from './trials.ts';

const FIGURES_MS = 2000;
const CERTIFIED = 'fractus start --certificate';
/** Number of remembered trials. */
const KEPT = 50;

export class Boards implements Desk {
  readonly tables: readonly TableDescription[] = tables;
  readonly #platform: Platform;
  readonly #boards: DeskBoard[] = [];
  readonly #referees: Referee[] = [];
  readonly #figures = new Map<string, FiguresNote>();
  readonly #timer: NodeJS.Timeout;
  #lastTrial = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
    platform.core.desk = this;
    platform.watch().sources.push(() => this.#listing());
    this.#timer = setInterval(() => void this.#measure(), FIGURES_MS).unref();
  }

  get trials(): readonly TrialDescription[] {
    const isCertified = this.#boards.some((board) => board.isCertified);
    return trials.map(({ name, group, title, mustHappen, isOfTokens }) => ({
      ...{ name, group, title, mustHappen },
      ...(isOfTokens === true && !isCertified && { needs: CERTIFIED }),
    }));
  }

  add(board: DeskBoard): void {
    this.#boards.push(board);
  }

  /** Sets the managed object of each board, once it exists. */
  settle(): void {
    const { core } = this.#platform;
    for (const board of this.#boards) {
      if (board.objectId !== undefined && core.objects.has(board.objectId)) continue;
      const found = [...core.externalIds.values()].find(({ externalId }) => externalId.endsWith(board.flash.mac));
      if (found !== undefined) board.objectId = found.objectId;
    }
  }

  act(name: string, action: string, argument: string): void {
    const board = this.#boards.find((each) => each.name === name);
    if (board === undefined) {
      throw new RangeError(`board: one of ${this.#boards.map((each) => each.name).join(', ')} expected`);
    }
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (run === undefined) throw new RangeError(`action: one of ${Object.keys(actions).join(', ')} expected`);
    run(board, argument);
  }

  begin(name: string, boardName: string | undefined): number {
    const boards = boardName === undefined ? this.#boards : this.#boards.filter((each) => each.name === boardName);
    if (boardName !== undefined && boards.length === 0) throw new RangeError(`board: ${boardName} is unknown`);
    if (this.#referees.some(({ note, isOver }) => note.name === name && note.board === boardName && !isOver)) {
      throw new RangeError(`${name} is already running`);
    }
    const { needs } = this.trials.find((each) => each.name === name) ?? {};
    if (needs !== undefined) throw new RangeError(`${name} needs: ${needs}`);
    const [only] = boards;
    const objectId = boardName === undefined ? undefined : only?.objectId;
    const user = objectId === undefined ? undefined : this.#platform.core.objects.get(objectId)?.owner;
    this.#lastTrial += 1;
    const referee = new Referee({
      id: this.#lastTrial,
      name,
      target: { platform: this.#platform, user, boards },
      board: boardName,
      onChange: (trial) => {
        const mood = trial.state === 'passed' ? 'good' : trial.state === 'failed' ? 'bad' : 'busy';
        const text = trial.result === '' ? `${trial.title}: ${trial.state}` : `${trial.title}: ${trial.result}`;
        this.#platform.watch().say({ kind: 'trial', trial }, { who: 'somebody', text, mood, more: [] });
      },
    });
    this.#referees.push(referee);
    if (this.#referees.length > KEPT) this.#referees.shift();
    return this.#lastTrial;
  }

  cancel(id: number): void {
    const referee = this.#referees.find(({ note }) => note.id === id);
    if (referee === undefined) throw new RangeError(`there is no trial ${id}`);
    referee.cancel();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#boards.map((board) => board.stop()));
  }

  *#listing(): Generator<Content> {
    for (const board of this.#boards) yield { kind: 'board', board: board.note() };
    for (const figures of this.#figures.values()) yield { kind: 'figures', figures };
    for (const { note } of this.#referees) yield { kind: 'trial', trial: note };
  }

  /** Measures only while a page is connected, because measuring takes time of the machine. */
  async #measure(): Promise<void> {
    const witness = this.#platform.watch();
    if (witness.journal.readers === 0) return;
    for (const board of this.#boards.slice(0, mostMeasured)) {
      const figures = await board.figures();
      this.#figures.set(board.name, figures);
      witness.say({ kind: 'figures', figures });
    }
  }
}

const mostMeasured = 20;

type Action = (board: DeskBoard, argument: string) => void;
const actions: Readonly<Record<string, Action>> = {
  cutPower: (board) => board.cutPower(),
  powerOn: (board) => board.powerOn(),
  linkDown: (board) => board.switchLink(false),
  linkUp: (board) => board.switchLink(true),
  unplug: (board, sensor) => board.plug(sensor, false),
  plug: (board, sensor) => board.plug(sensor, true),
  refuseFlash: (board) => board.refuseFlash(true),
  allowFlash: (board) => board.refuseFlash(false),
  light: (board) => board.light(),
};
