// SPDX-License-Identifier: Apache-2.0
/** Compares the bytes on the wire with the smallest possible request. */

import { measurement } from '../../src/index.ts';
import type { Reply } from '../platform/model.ts';
import { platformUrl, World } from '../simulate/machine/world.ts';
import { RequestReader, type WireRequest } from '../simulate/wire/request-reader.ts';
import type { Values } from './metrics.ts';

const PATH = '/measurement/measurements';
const TYPE = 'c8y_TemperatureMeasurement';
const SERIES = { of: 'temperature', unit: '°C' };
const TEMPLATE = measurement({ type: TYPE, fragments: { [TYPE]: { T: SERIES } } });
/** Time after a start until batches have their usual size: the first ones also carry records that have waited. */
const SETTLED_MS = 60_000;

export function measureOverhead(): Values {
  return {
    'wire.overhead_ratio_batch_1': overheadRatio(1),
    'wire.overhead_ratio_batch_50': overheadRatio(50),
  };
}

/**
 * The bytes sent for `batch` measurements, in any number of requests, divided by those of the smallest legal request
 * for them.
 */
export function overheadRatio(batch: number): number {
  const world = createWorld(batch);
  world.start();
  // Halfway between two batches.
  world.run(SETTLED_MS + batch * 2500);
  let sizeBytes = 0;
  let authorization = '';
  let userAgent = '';
  const items: Item[] = [];
  world.onRequest = (request) => {
    if (request.path !== PATH || items.length === batch) return true;
    items.push(...itemsOf(request));
    sizeBytes += request.sizeBytes;
    authorization = request.headers['authorization'] ?? '';
    userAgent = request.headers['user-agent'] ?? '';
    return true;
  };
  world.runUntil(() => items.length >= batch, 600_000);
  if (items.length > batch) throw new Error(`bench: ${items.length} measurements instead of ${batch}`);
  const smallest = smallestRequest(items, authorization, userAgent);
  post(world, smallest);
  world.finish();
  return sizeBytes / smallest.length;
}

function createWorld(batch: number): World {
  let count = 0;
  return new World({
    config: { measurementInterval: '1', sendInterval: batch === 1 ? '0' : String(batch) },
    // Values with as many digits as the series has.
    machine: { sensors: { thermometer: { sample: () => ({ temperature: 20.01 + (count++ % 700) / 100 }) } } },
    app: (board) => {
      const sensor = board.hal.sensors['thermometer'];
      if (sensor !== undefined) board.sensor({ reports: TEMPLATE, sensor });
    },
  });
}

/** The members of a measurement's document that are used here. */
export interface Item {
  readonly time: string;
  readonly source: { readonly id: string };
  readonly [TYPE]: { readonly T: { readonly value: number } };
}

/**
 * The fewest bytes with the same content to the same host with the same credentials:
 * - the request line, the four fields that the platform requires (Host, Authorization, Content-Type with the media type
 * of the resource, Content-Length) and User-Agent, which firewalls before it require; no blank after the colon, which
 * is optional (RFC 9112 §5), and no other field;
 * - type, time, source, and value and unit of the series, in JSON without white space, numbers in their shortest form,
 * the degree sign as UTF-8;
 * - the time in UTC, without a zero fraction of a second.
 * A single measurement is a document of its own, several are a collection. The request is proven legal: the platform
 * must accept it without a breach of its rules.
 */
export function smallestRequest(sent: readonly Item[], authorization: string, userAgent: string): Buffer {
  const items = sent.map(({ time, source, [TYPE]: { T } }) => ({
    type: TYPE,
    time: shortestTime(time),
    source: { id: source.id },
    [TYPE]: { T: { value: T.value, unit: SERIES.unit } },
  }));
  const body = Buffer.from(JSON.stringify(items.length === 1 ? items[0] : { measurements: items }));
  const fields: readonly [string, string][] = [
    ['Host', new URL(platformUrl).host],
    ['User-Agent', userAgent],
    ['Authorization', authorization],
    ['Content-Type', `application/vnd.com.nsn.cumulocity.measurement${items.length === 1 ? '' : 'collection'}+json`],
    ['Content-Length', String(body.length)],
  ];
  const head = [`POST ${PATH} HTTP/1.1`, ...fields.map(([name, value]) => `${name}:${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function itemsOf({ body }: WireRequest): Item[] {
  const document = JSON.parse(Buffer.from(body).toString('utf8')) as Item | { measurements: Item[] };
  return 'measurements' in document ? document.measurements : [document];
}

function shortestTime(time: string): string {
  return new Date(time).toISOString().replace(/\.?0*Z$/, 'Z');
}

/** Posts the bytes; throws unless the platform accepts them. A breach of its rules shows at the end of the world. */
function post(world: World, bytes: Uint8Array): void {
  let status = 0;
  const reply: Reply = {
    head: (given) => {
      status = given;
    },
    write: () => {},
    end: () => {},
    drop: () => {},
    onClose: undefined,
  };
  const reader = new RequestReader({
    onRequest: (request) => world.platform.handle({ ...request, port: 'api', origin: platformUrl }, reply),
    onMalformed: (what) => world.platform.malformed(what),
  });
  reader.feed(bytes);
  if (status !== 201) throw new Error(`bench: the smallest request is answered with ${status}`);
}
