/** Files in request bodies: raw, or as a part of multipart/form-data (RFC 7578). */

import type { Call } from './call.ts';
import { isObject, mediaTypeOf, PlatformError, parseJson, textMember } from './http.ts';
import type { JsonObject } from './model.ts';

/** One part of a form. */
export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The file of an upload; `object` is the JSON part that came with it. */
export interface Upload {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly name: string | undefined;
  readonly object: JsonObject;
}

/** The file that the request carries. Throws the platform's 400. */
export function fileOf(call: Call): Upload {
  const type = call.request.headers['content-type'] ?? 'application/octet-stream';
  if (mediaTypeOf(type) !== 'multipart/form-data') {
    const name = /filename="([^"]*)"/.exec(call.request.headers['content-disposition'] ?? '')?.[1];
    return { bytes: call.request.body, mediaType: type, name, object: {} };
  }
  const parts = parseForm(call.request.body, type);
  const file = parts.find((part) => part.name === 'file');
  if (file === undefined) throw badForm('no part named file');
  const description = parts.find((part) => part.name === 'object');
  const object = description === undefined ? {} : parseJson(description.bytes);
  if (!isObject(object)) throw badForm('part object is not a JSON object');
  const name = textMember(object, 'name') ?? file.filename;
  return { bytes: file.bytes, mediaType: textMember(object, 'type') ?? file.mediaType, name, object };
}

function parseForm(body: Uint8Array, contentType: string): Part[] {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw badForm('no boundary');
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${mark}`);
  const parts: Part[] = [];
  let from = bytes.indexOf(delimiter);
  while (from >= 0 && parts.length < maxParts) {
    const start = from + delimiter.length;
    const next = bytes.indexOf(delimiter, start);
    // After the delimiter a line break; before the next one too. The last delimiter ends with `--`.
    if (next >= 0) parts.push(parsePart(bytes.subarray(start + 2, next - 2)));
    from = next;
  }
  return parts;
}

function parsePart(bytes: Buffer): Part {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw badForm('part without an empty line');
  const head = bytes.subarray(0, end).toString('utf8');
  const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) throw badForm('part without a name');
  return {
    name,
    filename: /;\s*filename="([^"]*)"/i.exec(head)?.[1],
    mediaType: /^content-type:\s*(\S.*?)\s*$/im.exec(head)?.[1] ?? 'application/octet-stream',
    bytes: bytes.subarray(end + 4),
  };
}

function badForm(what: string): PlatformError {
  return new PlatformError(400, 'undefined/invalidInput', `multipart/form-data: ${what}`);
}

const maxParts = 16;
