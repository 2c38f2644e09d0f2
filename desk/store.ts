// SPDX-License-Identifier: Apache-2.0
/** The content of the stream so far, by subject. The store knows nothing else. */

import type { OrderedFault } from '../tools/platform/faults.ts';
import type {
  BoardNote,
  ExchangeNote,
  FiguresNote,
  Message,
  ObjectNote,
  OperationNote,
  RecordNote,
  Told,
  TrialNote,
} from '../tools/platform/messages.ts';
import type { Breach } from '../tools/platform/rules.ts';
import { Replay } from './replay.ts';
import { Series } from './series.ts';

export interface Line {
  readonly number: number;
  readonly timeMs: number;
  readonly board: string;
  readonly level: string;
  readonly text: string;
}

export interface Sentence extends Told {
  readonly number: number;
  readonly timeMs: number;
}

/** Figures of one moment, for charts of the machine. */
export interface Figures extends FiguresNote {
  readonly timeMs: number;
  /** Number of records that waited to be sent. */
  readonly waiting: number;
}

const most = { exchanges: 1500, lines: 600, sentences: 400, figures: 400, records: 300, breaches: 1000 };

export class Store {
  status: 'connecting' | 'live' | 'gone' = 'connecting';
  tenant = '';
  acceptsAll = false;
  /** Defined when the page shows a recording. */
  replay: Replay | undefined;
  /** Kinds of data that were dropped to make room. */
  full: string[] = [];
  readonly objects = new Map<string, ObjectNote>();
  readonly registrations = new Map<string, string>();
  readonly operations = new Map<string, OperationNote>();
  readonly events = new Map<string, RecordNote>();
  readonly alarms = new Map<string, RecordNote>();
  /** Source id → series by name. */
  readonly series = new Map<string, Map<string, Series>>();
  readonly exchanges = new Map<number, ExchangeNote>();
  readonly boards = new Map<string, BoardNote>();
  readonly figures = new Map<string, Figures[]>();
  readonly trials = new Map<number, TrialNote>();
  faults: readonly OrderedFault[] = [];
  breaches: Breach[] = [];
  lines: Line[] = [];
  sentences: Sentence[] = [];
  /** Lead of the emulator's clock over this browser's, in ms. */
  #aheadMs = 0;
  #isDirty = false;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Connects to the stream. After a gap, the browser reconnects by itself, with the number of the last message. */
  connect(): void {
    const source = new EventSource('/emulator/stream');
    source.onmessage = ({ data }) => this.take(JSON.parse(String(data)) as Message);
    source.onerror = () => {
      this.status = 'gone';
      this.changed();
    };
    source.onopen = () => {
      this.status = 'live';
      this.changed();
    };
  }

  /** The displayed moment, by the emulator's clock. */
  get nowMs(): number {
    return this.replay === undefined ? Date.now() + this.#aheadMs : this.replay.startMs + this.replay.atMs;
  }

  take(message: Message): void {
    if (message.kind === 'reset') {
      this.replay?.pause();
      this.replay =
        message.recording === undefined ? undefined : new Replay(message.recording, (each) => this.#show(each));
    }
    if (this.replay === undefined) this.#show(message);
    else this.#record(this.replay, message);
  }

  /** Collects a recording, and shows it once it is complete. */
  #record(replay: Replay, message: Message): void {
    replay.add(message);
    if (!replay.isComplete) return;
    replay.seek(0);
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) replay.play();
  }

  #show(message: Message): void {
    const { number, timeMs, told } = message;
    if (told !== undefined) push(this.sentences, { ...told, number, timeMs }, most.sentences);
    switch (message.kind) {
      case 'reset':
        this.#forget();
        this.tenant = message.tenant;
        this.acceptsAll = message.acceptsAll;
        this.#aheadMs = timeMs - Date.now();
        break;
      case 'live':
        this.status = 'live';
        break;
      case 'exchange':
        keep(this.exchanges, message.exchange.request, message.exchange, most.exchanges);
        break;
      case 'registration':
        keep(this.registrations, message.id, message.status, 10_000);
        break;
      case 'object':
        keep(this.objects, message.id, message.object, 50_000);
        break;
      case 'operation':
        keep(this.operations, message.id, message.operation, 2000);
        break;
      case 'event':
        keep(this.events, message.id, message.event, most.records);
        break;
      case 'alarm':
        keep(this.alarms, message.id, message.alarm, 2000);
        break;
      case 'measurement':
        this.#measured(message.measurement);
        break;
      case 'faults':
        this.faults = message.faults;
        break;
      case 'breach':
        push(this.breaches, message.breach, most.breaches);
        break;
      case 'full':
        push(this.full, message.what, 20);
        break;
      case 'board':
        this.boards.set(message.board.board, message.board);
        break;
      case 'figures':
        this.#figured({
          ...message.figures,
          timeMs,
          waiting: this.boards.get(message.figures.board)?.waiting ?? 0,
        });
        break;
      case 'line':
        push(
          this.lines,
          { number, timeMs, board: message.board, level: message.level, text: message.text },
          most.lines,
        );
        break;
      case 'trial':
        keep(this.trials, message.trial.id, message.trial, 100);
        break;
      case 'struck':
      case 'verdict':
      case 'told':
        break;
    }
    this.changed();
  }

  seriesOf(sourceId: string): Series[] {
    return [...(this.series.get(sourceId)?.values() ?? [])];
  }

  boardOf(objectId: string | undefined): BoardNote | undefined {
    return [...this.boards.values()].find((each) => each.objectId === objectId);
  }

  #measured({
    sourceId,
    sampledMs,
    arrivedMs,
    series,
  }: Extract<Message, { kind: 'measurement' }>['measurement']): void {
    let known = this.series.get(sourceId);
    if (known === undefined) {
      known = new Map();
      this.series.set(sourceId, known);
    }
    for (const { name, value, unit } of series) {
      let own = known.get(name);
      if (own === undefined) {
        own = new Series(name, unit);
        known.set(name, own);
      }
      own.add(sampledMs, value, arrivedMs);
    }
  }

  #figured(figures: Figures): void {
    const own = this.figures.get(figures.board) ?? [];
    push(own, figures, most.figures);
    this.figures.set(figures.board, own);
  }

  #forget(): void {
    for (const map of [this.objects, this.registrations, this.operations, this.events, this.alarms, this.series])
      map.clear();
    for (const map of [this.exchanges, this.boards, this.trials]) map.clear();
    this.faults = [];
    this.breaches = [];
    this.lines = [];
    this.sentences = [];
    this.full = [];
  }

  /** Schedules one drawing for all changes within 100 ms. */
  changed(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    setTimeout(() => {
      this.#isDirty = false;
      this.#onChange();
    }, 100);
  }
}

function push<T>(list: T[], item: T, count: number): void {
  list.push(item);
  if (list.length > count * 1.2) list.splice(0, list.length - count);
}

function keep<K, T>(map: Map<K, T>, key: K, value: T | undefined | null, count: number): void {
  if (value === undefined || value === null) {
    map.delete(key);
    return;
  }
  map.set(key, value);
  if (map.size <= count) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}
