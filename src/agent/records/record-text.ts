// SPDX-License-Identifier: Apache-2.0

import type { Fragments } from '../../api.ts';
import { ByteWriter } from '../../bytes/writer.ts';
import { checkFreeName, checkName } from '../../cumulocity/names.ts';
import { Json } from '../../cumulocity/wire.ts';
import { writeJson, writeString } from '../../json/write.ts';
import { RECORD_MAX_BYTES } from './record.ts';

/** A little less than a record, to leave room for its header. */
const TEXT_MAX_BYTES = RECORD_MAX_BYTES - 64;

/** Members of measurements, events and alarms that an app may not set as fragments. */
const TAKEN = ' id self source time type text severity status creationTime lastUpdated ';

/**
 * A record of an app as JSON, without the members that are known only when it is sent: `{"type":…,"text":…,` and the
 * fragments, but not the last brace.
 * @param what the kind of record, for error texts.
 * @throws RangeError when a name is not allowed, a value is no JSON, or the text is too large.
 */
export function recordText(what: string, type: string, text: string | undefined, fragments?: Fragments): ByteWriter {
  const writer = new ByteWriter(128, TEXT_MAX_BYTES);
  writer.put(Json.Type);
  writeString(writer, type);
  if (text !== undefined) {
    writer.put(Json.AndText);
    writeString(writer, text);
  }
  for (const name of Object.keys(fragments ?? {})) {
    const value = fragments?.[name];
    if (value === undefined) continue;
    checkFreeName('fragment', name, TAKEN);
    writer.byte(0x2c);
    writeString(writer, name);
    writer.byte(0x3a);
    if (!writeJson(writer, value)) throw new RangeError(`${what} ${type}: fragment ${name} is not a JSON value`);
  }
  if (writer.overflowed) throw new RangeError(`${what} ${type}: larger than ${TEXT_MAX_BYTES} bytes`);
  return writer;
}

/** @throws RangeError when a series of a measurement has a name that the platform cannot reach. */
export function checkSeries(fragments: Fragments): void {
  for (const name of Object.keys(fragments)) {
    const series: unknown = fragments[name];
    if (typeof series !== 'object' || series === null || Array.isArray(series)) continue;
    for (const each of Object.keys(series)) checkName('series', each);
  }
}
