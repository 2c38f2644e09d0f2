// SPDX-License-Identifier: Apache-2.0
/** Records a simulated life as messages for the desk, in virtual time, without affecting the life. */

import { DEFAULT_CAPACITY_BYTES } from '../../hal/common/values.ts';
import { fillOf } from '../desk/switches.ts';
import { tables } from '../desk/tables.ts';
import '../trace.ts';
import type { BoardNote, Content, FiguresNote, Message, Told } from '../platform/messages.ts';
import type { Platform } from '../platform/platform.ts';
import type { Journal } from '../platform/stream/journal.ts';
import { Witness } from '../platform/stream/witness.ts';
import { formatFaults, type PlannedFault } from './faults/fault.ts';
import type { SimulatedDevice } from './machine/device.ts';
import type { World } from './machine/world.ts';
import type { Verdict } from './trial.ts';

const BOARD = 'board-1';
/** Most messages; later ones are dropped. */
const MOST_MESSAGES = 100_000;

export class Recorder {
  /** The messages from `reset` to `live`, in order. */
  readonly messages: Message[] = [];
  /** The command that repeats the life. */
  readonly #title: string;
  #platform: Platform | undefined;
  #journal: Journal | undefined;
  #board: RecordedBoard | undefined;

  constructor(title: string) {
    this.#title = title;
  }

  /** The platform at the end of the life. @throws Error before there is one */
  get platform(): Platform {
    if (this.#platform === undefined) throw new Error('nothing has been recorded');
    return this.#platform;
  }

  /** Records everything in this world from now on. */
  watch(world: World): void {
    this.#platform = world.platform;
    const witness = new Witness(world.platform.core, 0);
    for (const message of witness.listing()) {
      if (message.kind === 'reset') this.messages.push({ ...message, recording: this.#title });
      else if (message.kind !== 'live') this.messages.push(message);
    }
    this.#journal = witness.journal;
    this.#board = new RecordedBoard(world, (content, told) => witness.say(content, told));
    witness.journal.read((message) => this.#keep(message));
  }

  struck(fault: PlannedFault): void {
    const what = formatFaults([fault]);
    this.#journal?.say(
      { kind: 'struck', fault: what },
      { who: 'somebody', text: `fault: ${what}`, mood: 'bad', more: [] },
    );
    this.#board?.tell();
  }

  /** Adds the verdict. */
  conclude({ trouble, requests, applied, missed }: Verdict): void {
    const counts = `${requests} requests, ${applied.length} faults`;
    const notDone = missed.length === 0 ? '' : `, not applied: ${formatFaults(missed)}`;
    const [first = '', ...more] = (trouble ?? 'everything held').split('\n');
    const text = `${first} (${counts}${notDone})`;
    const held = trouble === undefined;
    const mood = held ? 'good' : 'bad';
    this.#journal?.say({ kind: 'verdict', held, text }, { who: 'somebody', text, mood, more });
    const last = this.messages.at(-1);
    if (last !== undefined) this.messages.push({ kind: 'live', number: last.number + 1, timeMs: last.timeMs });
  }

  #keep(message: Message): void {
    if (this.messages.length < MOST_MESSAGES || message.kind === 'verdict') this.messages.push(message);
    if (message.kind === 'operation' && message.operation?.status === 'PENDING') this.#tellOrder(message.operation);
  }

  /** Reports an order: it is a direct call of the platform, so no request shows it. */
  #tellOrder({ id, fragments }: { readonly id: string; readonly fragments: object }): void {
    const [name = 'nothing'] = Object.keys(fragments);
    this.#journal?.say({ kind: 'told' }, { who: 'operator', text: `orders ${name} as ${id}`, mood: 'plain', more: [] });
  }
}

type Say = (content: Content, told?: Told) => void;

/** The board of a world, in the page's form. */
class RecordedBoard {
  readonly #world: World;
  readonly #device: SimulatedDevice;
  readonly #say: Say;
  readonly #states = tables.map(() => -1);
  readonly #entered = tables.map(({ states }) => new Array<number>(states.length).fill(0));
  #waiting = 0;
  #boots = -1;
  #isOn = false;
  #isDue = false;

  constructor(world: World, say: Say) {
    this.#world = world;
    this.#device = world.device;
    this.#say = say;
    this.#device.onLog = (level, line) => this.#hear(level, line);
    this.#device.onTrace = (table, state, waiting) => {
      this.#states[table] = state;
      const entered = this.#entered[table];
      if (entered !== undefined) entered[state] = (entered[state] ?? 0) + 1;
      this.#waiting = waiting;
      this.#tellLater();
    };
  }

  /** Reports the state, and whether the board was switched on or off since the last report. */
  tell(): void {
    const { machine, powered } = this.#device;
    const told = this.#told(powered, machine.bootCount);
    this.#isOn = powered;
    this.#boots = machine.bootCount;
    if (!powered) this.#states.fill(-1);
    this.#say({ kind: 'board', board: this.#note() }, told);
    this.#say({ kind: 'figures', figures: this.#figures() });
  }

  #told(powered: boolean, boots: number): Told | undefined {
    if (powered && boots !== this.#boots) {
      const cause = this.#device.machine.hal?.board.resetCause ?? '';
      return { who: 'board', text: `start ${boots} (${cause})`, mood: 'plain', more: [] };
    }
    return this.#isOn && !powered ? { who: 'board', text: 'the power is off', mood: 'bad', more: [] } : undefined;
  }

  /** Reports several changes of one moment once. */
  #tellLater(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#world.time.schedule(0, () => {
      this.#isDue = false;
      this.tell();
    });
  }

  #hear(level: string, text: string): void {
    const mood = level === 'error' ? 'bad' : 'busy';
    const told: Told | undefined = level === 'info' ? undefined : { who: 'board', text, mood, more: [] };
    this.#say({ kind: 'line', board: BOARD, level, text }, told);
    this.#tellLater();
  }

  #note(): BoardNote {
    const { machine, powered } = this.#device;
    const { object } = this.#world;
    return {
      board: BOARD,
      engine: 'Node, on a simulated machine',
      ...(object !== undefined && { objectId: object.id }),
      power: powered ? 'on' : 'off',
      link: machine.linkUp ? 'up' : 'down',
      boots: machine.bootCount,
      resetCause: machine.hal?.board.resetCause ?? '',
      unplugged: [],
      isLit: false,
      isFlashRefusing: false,
      tables: Object.fromEntries(
        tables.map(({ name }, index) => [
          name,
          { state: this.#states[index] ?? -1, entered: this.#entered[index]?.slice() ?? [] },
        ]),
      ),
      waiting: this.#waiting,
    };
  }

  #figures(): FiguresNote {
    const { flash, nor } = this.#device.machine;
    const used = [...flash.values.values()].reduce((sum, value) => sum + value.length, 0);
    return {
      board: BOARD,
      storeUsedBytes: used,
      storeBytes: DEFAULT_CAPACITY_BYTES,
      wear: nor?.erases.slice() ?? [],
      fill: nor === undefined ? [] : fillOf(nor),
    };
  }
}
