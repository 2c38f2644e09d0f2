// SPDX-License-Identifier: Apache-2.0
/** Files in request bodies: raw, or as a part of multipart/form-data (RFC 7578). */

import { fileNameOf, isMediaType } from '../http/headers.ts';
import { invalid, isObject, mediaTypeOf, PlatformError, parseJson, textMember } from '../http/http.ts';
import type { JsonObject } from '../model.ts';
import type { Call } from './call.ts';

/** One part of a form. */
interface Part {
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

/** The file in a request, as a form or as the raw body. Throws the platform's 400 and 422. */
export function fileOf(call: Call): Upload {
  const type = call.request.headers['content-type'] ?? defaultType;
  if (mediaTypeOf(type) === 'multipart/form-data') return formOf(call);
  const name = fileNameOf(call.request.headers['content-disposition'] ?? '');
  return { bytes: call.request.body, mediaType: checkedType(type), name, object: {} };
}

/** The file of a form. Throws the platform's 400 for an invalid form, and 422 for an invalid media type. */
export function formOf(call: Call): Upload {
  const parts = parseForm(call.request.body, call.request.headers['content-type'] ?? '');
  const file = parts.find((part) => part.name === 'file');
  if (file === undefined) throw badForm('no part named file');
  const description = parts.find((part) => part.name === 'object');
  const object = description === undefined ? {} : parseJson(description.bytes);
  if (!isObject(object)) throw badForm('part object is not a JSON object');
  const name = textMember(object, 'name') ?? file.filename;
  // The official client sends `c8y_upload` here, which is the type of the object; the part has the media type.
  const type = textMember(object, 'type') ?? '';
  return { bytes: file.bytes, mediaType: isMediaType(type) ? type : checkedType(file.mediaType), name, object };
}

/** Checks a media type, which becomes the Content-Type of every download. */
function checkedType(type: string): string {
  if (!isMediaType(type)) throw invalid(`${JSON.stringify(type)} is not a media type`);
  return type;
}

/** The parts between the boundaries, each of which is a line of its own (RFC 2046 §5.1.1). */
function parseForm(body: Uint8Array, contentType: string): Part[] {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw badForm('no boundary');
  // The added line end makes the first boundary like the others.
  const bytes = Buffer.concat([lineEnd, body]);
  const delimiter = Buffer.from(`\r\n--${mark}`);
  const parts: Part[] = [];
  let start = -1;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + 1)) {
    const after = at + delimiter.length;
    const end = /^(--)?[ \t]*(\r\n|$)/.exec(bytes.toString('latin1', after, after + maxPadding));
    if (end === null) continue;
    if (start >= 0) parts.push(parsePart(bytes.subarray(start, at)));
    if (end[1] !== undefined) return parts;
    if (parts.length >= maxParts) throw badForm(`more than ${maxParts} parts`);
    start = after + end[0].length;
  }
  throw badForm('no closing boundary');
}

function parsePart(bytes: Buffer): Part {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw badForm('part without an empty line');
  const head = bytes.toString('utf8', 0, end);
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
  const name = /;\s*name\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition);
  if (name === null) throw badForm('part without a name');
  return {
    name: name[1] ?? name[2] ?? '',
    filename: fileNameOf(disposition),
    mediaType: /^content-type:\s*(\S.*?)\s*$/im.exec(head)?.[1] ?? defaultType,
    bytes: bytes.subarray(end + 4),
  };
}

function badForm(what: string): PlatformError {
  return new PlatformError(400, 'undefined/invalidInput', `multipart/form-data: ${what}`);
}

const lineEnd = Buffer.from('\r\n');
const defaultType = 'application/octet-stream';
const maxParts = 16;
/** Most bytes after a boundary: two hyphens, blanks and the line end. */
const maxPadding = 80;
