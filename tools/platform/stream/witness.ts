// SPDX-License-Identifier: Apache-2.0
/** Watches a tenant and records its events. */

import type { Core, ExchangeEnd, Onlooker } from '../core/core.ts';
import type { LoggedRequest } from '../core/request-log.ts';
import { isObject, parseJson, textOf } from '../http/http.ts';
import type { Content, Message, Told } from '../messages.ts';
import type { Json, PlatformRequest } from '../model.ts';
import { Journal } from './journal.ts';
import { contentOf, type Kind, listing, noteExchange } from './notes.ts';
import { Outages } from './outages.ts';
import { type Step, stepOf } from './steps.ts';
import { tell } from './story.ts';

interface Open extends Step {
  readonly path: string;
  readonly body: Json | undefined;
  readonly retryAfterMs: number | undefined;
}

export class Witness implements Onlooker {
  readonly journal: Journal;
  /** Further content for a new reader, for example of the boards in this process. */
  readonly sources: (() => Iterable<Content>)[] = [];
  readonly #core: Core;
  readonly #flushMs: number;
  readonly #outages = new Outages();
  readonly #open = new Map<number, Open>();
  /** Changes since the last report, in the order of the first change. */
  readonly #changed = new Map<string, readonly [kind: Kind, id: string]>();

  /** @param flushMs time for which changes are gathered; 0: reported before time passes */
  constructor(core: Core, flushMs = usualFlushMs) {
    this.#core = core;
    this.#flushMs = flushMs;
    this.journal = new Journal(core.now);
    core.witness = this;
    core.registrations.onChange = (id) => this.#change('registration', id);
    core.objects.onChange = (id) => this.#change('object', id);
    core.operations.onChange = (id) => this.#change('operation', id);
    core.measurements.onChange = (id) => this.#change('measurement', id);
    core.events.onChange = (id) => this.#change('event', id);
    core.alarms.onChange = (id) => this.#change('alarm', id);
  }

  asked(entry: LoggedRequest, request: PlatformRequest): void {
    const [path = ''] = entry.path.split('?');
    const step = stepOf(entry.method, path, textOf(request.body.subarray(0, mostRead)) ?? '');
    const retryAfterMs = this.#outages.retryAfterMs(entry.user, step.label, entry.timeMs);
    const body = request.body.length > mostParsed ? undefined : parseJson(request.body);
    this.#open.set(entry.number, { ...step, path, body, retryAfterMs });
    this.journal.say({ kind: 'exchange', exchange: noteExchange(entry, step, retryAfterMs) });
  }

  ended(entry: LoggedRequest, end: ExchangeEnd): void {
    const open = this.#open.get(entry.number);
    if (open === undefined) return;
    this.#open.delete(entry.number);
    const { status = 0, method } = entry;
    const { path, body, label, retryAfterMs } = open;
    const endedMs = this.#core.now();
    const note = noteExchange(entry, open, retryAfterMs);
    const isDevice = entry.user !== this.#core.operator.name && end !== 'left';
    const records = method === 'POST' ? recordsIn(path, body) : 0;
    const outage = isDevice ? this.#outages.ended(entry, label, endedMs, retryAfterMs, records) : undefined;
    // The sentence about the recovery already covers the measurements that waited.
    const isTold = status === 429 || status >= 500 || (outage?.mood === 'good' && path === MEASUREMENTS && records > 1);
    const { createdId } = entry;
    const childName = (id: string) => this.#childName(id);
    const own = isTold ? undefined : tell({ method, path, body, status, createdId, childName });
    const of = deviceOf(entry.user, body);
    const named = (told: Told | undefined) => told && (of === undefined ? told : { ...told, of });
    if (outage?.mood === 'good') this.say({ kind: 'told' }, named(outage));
    this.journal.say(
      { kind: 'exchange', exchange: { ...note, endedMs, status } },
      named(own ?? (outage?.mood === 'bad' ? outage : undefined)),
    );
  }

  /** A board is an agent; its children and services are none. */
  #childName(id: string): string | undefined {
    const { com_cumulocity_model_Agent: agent, name } = this.#core.objects.get(id)?.fragments ?? {};
    return agent === undefined && typeof name === 'string' ? name : undefined;
  }

  say(content: Content, told?: Told): void {
    if (content.kind === 'board') {
      const { objectId = '', waiting } = content.board;
      this.#outages.noteWaiting(this.#core.objects.get(objectId)?.owner ?? '', waiting);
    }
    this.journal.say(content, told);
  }

  /** All data, for a new reader. */
  *listing(): Generator<Message> {
    this.#flush();
    const { last } = this.journal;
    const timeMs = this.#core.now();
    const recent = (this.journal.after(Math.max(0, last - mostRecent)) ?? []).filter(
      ({ kind }) => kind === 'exchange' || kind === 'line' || kind === 'told',
    );
    for (const content of listing(this.#core)) yield { ...content, number: last, timeMs };
    for (const message of recent) yield { ...message, number: last };
    for (const source of this.sources) for (const content of source()) yield { ...content, number: last, timeMs };
    yield { kind: 'live', number: last, timeMs };
  }

  /** Gathers changes, so that several quick ones are reported once. */
  #change(kind: Kind, id: string): void {
    if (this.#changed.size === 0) this.#core.scheduler.set(() => this.#flush(), this.#flushMs);
    this.#changed.set(`${kind} ${id}`, [kind, id]);
  }

  #flush(): void {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    for (const [kind, id] of changed) {
      const content = contentOf(this.#core, kind, id);
      if (content !== undefined) this.journal.say(content);
    }
  }
}

/** The number of measurements, events and alarms in a request. */
function recordsIn(path: string, body: Json | undefined): number {
  const list = path === MEASUREMENTS && isObject(body) ? body['measurements'] : undefined;
  if (Array.isArray(list)) return list.length;
  return path === MEASUREMENTS || path === '/event/events' || path === '/alarm/alarms' ? 1 : 0;
}

/** The device id of a user; an unknown device sends its id in the body. */
function deviceOf(user: string, body: Json | undefined): string | undefined {
  const own = /^device_(.+)$/.exec(user)?.[1];
  if (own !== undefined) return own;
  const id = isObject(body) ? body['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

const MEASUREMENTS = '/measurement/measurements';
const usualFlushMs = 40;
/** Bytes that are searched for the channel of a Bayeux message. */
const mostRead = 2000;
const mostParsed = 1024 * 1024;
/** Number of last messages that are searched for content that is not stored elsewhere. */
const mostRecent = 5000;
