// SPDX-License-Identifier: Apache-2.0
/** Sentences for a person about the traffic between a device and its platform. */

import type { Told } from '../messages.ts';
import type { Json, JsonObject } from '../model.ts';

/** A request with the beginning of its answer. */
export interface Exchange {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Undefined when there is none, or it cannot be read. */
  readonly body: Json | undefined;
  /** 0: the connection was cut before the answer. */
  readonly status: number;
  /** The id in the answer's `Location`; empty when there is none. */
  readonly createdId: string;
  /** The name of a child device or service by its id; undefined: the id is not of one. */
  readonly childName?: (id: string) => string | undefined;
}

/** Longer lists are told as a number. */
const mostListed = 4;

interface Chapter {
  readonly method: string;
  /** Matches the whole path; its group is passed to `tell`. */
  readonly path: RegExp;
  readonly who: Told['who'];
  /** Undefined: not worth a line. */
  readonly tell: (exchange: Exchange, id: string) => Sentence | undefined;
}

type Sentence = string | (Pick<Told, 'text' | 'mood'> & Partial<Pick<Told, 'more'>>);

const chapters: readonly Chapter[] = [
  { method: 'POST', path: /^\/devicecontrol\/deviceCredentials$/, who: 'device', tell: tellCredentials },
  { method: 'POST', path: /^\/devicecontrol\/deviceAccessToken$/, who: 'device', tell: tellToken },
  { method: 'GET', path: /^\/identity\/externalIds\/[^/]+\/([^/]+)$/, who: 'device', tell: tellLookUp },
  { method: 'POST', path: /^\/inventory\/managedObjects$/, who: 'device', tell: tellCreation },
  { method: 'POST', path: /^\/identity\/globalIds\/([^/]+)\/externalIds$/, who: 'device', tell: tellIdentity },
  { method: 'PUT', path: /^\/inventory\/managedObjects\/([^/]+)$/, who: 'device', tell: tellUpdate },
  { method: 'POST', path: /^\/notification\/operations$/, who: 'device', tell: tellBayeux },
  { method: 'POST', path: /^\/devicecontrol\/operations$/, who: 'operator', tell: tellOrder },
  { method: 'PUT', path: /^\/devicecontrol\/operations\/([^/]+)$/, who: 'device', tell: tellProgress },
  { method: 'POST', path: /^\/measurement\/measurements$/, who: 'device', tell: tellMeasurements },
  { method: 'POST', path: /^\/event\/events$/, who: 'device', tell: tellEvent },
  { method: 'POST', path: /^\/alarm\/alarms$/, who: 'device', tell: tellAlarm },
  { method: 'PUT', path: /^\/alarm\/alarms\/([^/]+)$/, who: 'device', tell: tellAlarmChange },
];

/** The sentence about an exchange; undefined: not worth a line. */
export function tell(exchange: Exchange): Told | undefined {
  const { method, path, status } = exchange;
  for (const chapter of chapters) {
    const match = chapter.method === method ? chapter.path.exec(path) : null;
    if (match === null) continue;
    const { who } = chapter;
    if (status === 0) return undefined;
    if (status >= 400 && status !== 404) {
      return { who, text: `${method} ${path} is refused: ${status}`, mood: 'bad', more: [] };
    }
    const sentence = chapter.tell(exchange, match[1] ?? '');
    if (sentence === undefined) return undefined;
    return { who, mood: 'plain', more: [], ...(typeof sentence === 'string' ? { text: sentence } : sentence) };
  }
  return undefined;
}

function tellCredentials({ body, status }: Exchange): Sentence {
  const id = textOf(objectOf(body)['id']);
  if (status === 404) return { text: `asks for credentials as ${id}`, mood: 'busy' };
  return { text: `is accepted: from now on it is device_${id}, with a password of its own`, mood: 'good' };
}

function tellToken(): Sentence {
  return { text: 'shows its certificate and gets a token', mood: 'good' };
}

function tellLookUp({ status }: Exchange, id: string): Sentence {
  return `looks for ${decoded(id)}: ${status === 404 ? 'not registered yet' : 'found'}`;
}

function tellCreation({ body, createdId }: Exchange): Sentence {
  const { name, c8y_SupportedOperations: operations } = objectOf(body);
  const count = Array.isArray(operations) ? operations.length : 0;
  return `creates managed object ${createdId}, "${textOf(name)}", which offers ${count} ${count === 1 ? 'operation' : 'operations'}`;
}

function tellIdentity({ body }: Exchange, id: string): Sentence {
  const { type, externalId } = objectOf(body);
  return { text: `registers ${id} as ${textOf(type)} ${textOf(externalId)}`, mood: 'good' };
}

function tellUpdate({ body }: Exchange): Sentence {
  const names = Object.keys(objectOf(body));
  return names.length === 0 ? 'says that it is alive' : `updates its inventory: ${names.join(', ')}`;
}

function tellBayeux({ body }: Exchange): Sentence | undefined {
  const messages = Array.isArray(body) ? body.map(objectOf) : [];
  const subscribe = messages.find((message) => message['channel'] === '/meta/subscribe');
  if (subscribe === undefined) return undefined;
  return { text: `subscribes to ${textOf(subscribe['subscription'])} and waits for operations`, mood: 'good' };
}

function tellOrder({ body, createdId }: Exchange): Sentence {
  const { deviceId: _, description: __, ...fragments } = objectOf(body);
  const [name = 'nothing', content] = Object.entries(fragments)[0] ?? [];
  const [value] = Object.values(objectOf(content));
  const argument = value === undefined ? '' : `: ${textOf(value).trim()}`;
  return `sends operation ${createdId}, ${name}${argument}`;
}

function tellProgress({ body }: Exchange, id: string): Sentence {
  const { status, failureReason, ...fragments } = objectOf(body);
  if (status === 'EXECUTING') return { text: `operation ${id}: EXECUTING`, mood: 'busy' };
  if (status === 'FAILED') return { text: `operation ${id}: FAILED, ${textOf(failureReason)}`, mood: 'bad' };
  const results = Object.values(fragments).map((fragment) => objectOf(fragment)['result']);
  const lines = results.flatMap((result) => (typeof result === 'string' ? result.trimEnd().split('\n') : []));
  return { text: `operation ${id}: ${textOf(status)}`, mood: 'good', more: lines };
}

function tellMeasurements({ body, childName }: Exchange): Sentence {
  const { measurements = [body ?? {}] } = objectOf(body);
  const list = Array.isArray(measurements) ? measurements.map(objectOf) : [];
  if (list.length > mostListed) return { text: `sends ${list.length} measurements in 1 request`, mood: 'good' };
  const names = list.map((each) => sourceName(each, childName));
  if (names.every((name) => name === undefined)) return `measures ${list.flatMap(seriesOf).join(', ')}`;
  const told = list.map((each, i) => `${names[i] === undefined ? '' : `${names[i]}: `}${seriesOf(each).join(', ')}`);
  return `measures ${told.join('; ')}`;
}

/** The name of the child that a record is of. */
function sourceName({ source }: JsonObject, childName: Exchange['childName']): string | undefined {
  return childName?.(textOf(objectOf(source)['id']));
}

/** The type of a record, with the child that it is of. */
function typeOf(record: JsonObject, childName: Exchange['childName']): string {
  const name = sourceName(record, childName);
  return `${textOf(record['type'])}${name === undefined ? '' : ` of ${name}`}`;
}

/** Series as `Temperature T 20.1 °C`, without the parts that all names share. */
function seriesOf(measurement: JsonObject): string[] {
  const found: string[] = [];
  for (const [fragment, content] of Object.entries(measurement)) {
    for (const [series, value] of Object.entries(objectOf(content))) {
      const { value: number, unit } = objectOf(value);
      if (typeof number !== 'number') continue;
      const name = fragment.replace(/^c8y_/, '').replace(/Measurement$/, '');
      found.push(`${name} ${series} ${number}${unit === undefined ? '' : ` ${textOf(unit)}`}`);
    }
  }
  return found;
}

function tellEvent({ body, childName }: Exchange): Sentence {
  const event = objectOf(body);
  return `event ${typeOf(event, childName)}: ${textOf(event['text'])}`;
}

function tellAlarm({ body, childName }: Exchange): Sentence {
  const alarm = objectOf(body);
  const { severity, text } = alarm;
  return { text: `alarm ${textOf(severity)} ${typeOf(alarm, childName)}: ${textOf(text)}`, mood: 'bad' };
}

function tellAlarmChange({ body }: Exchange, id: string): Sentence {
  const { status } = objectOf(body);
  return { text: `alarm ${id}: ${textOf(status)}`, mood: status === 'CLEARED' ? 'good' : 'plain' };
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** A piece of a path, as a person writes it. */
function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
