// SPDX-License-Identifier: Apache-2.0
/** The platform's use of HTTP: media types, answers, errors. */

import type { Json, JsonObject } from '../model.ts';

/** The answer of a handler. `body` objects are sent as JSON of the media type. */
export interface Answer {
  readonly status: number;
  /** Name of the vendor media type (`managedobject`), or a complete media type. */
  readonly media?: string;
  readonly body?: Json | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure that the platform reports with its error document. */
export class PlatformError extends Error {
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, message: string) {
    super(message);
    this.status = status;
    this.error = error;
  }
}

/** 422 for a document without mandatory fields. */
export function missingFields(names: readonly string[]): PlatformError {
  const message = `Following mandatory fields should be included: ${names.join(',')}`;
  return new PlatformError(422, 'undefined/validationError', message);
}

/** 422 for a value that cannot be used. */
export function invalid(message: string): PlatformError {
  return new PlatformError(422, 'undefined/validationError', message);
}

/** 403 as the platform words it. */
export function forbidden(): PlatformError {
  return new PlatformError(403, 'security/Forbidden', 'Access is denied');
}

/** 404 of a resource, as `inventory`. */
export function notFound(resource: string, message: string): PlatformError {
  return new PlatformError(404, `${resource}/Not Found`, message);
}

/** Turns an error into the answer that carries the platform's error document. */
export function errorAnswer(error: PlatformError): Answer {
  return {
    status: error.status,
    media: 'error',
    body: {
      error: error.error,
      message: error.message,
      info: 'https://www.cumulocity.com/guides/reference-guide/#error_reporting',
    },
    ...(error.status === 401 ? { headers: { 'WWW-Authenticate': 'Basic realm="Cumulocity"' } } : {}),
  };
}

/** `application/vnd.com.nsn.cumulocity.<name>+json`. */
export function vendorType(name: string): string {
  return `application/vnd.com.nsn.cumulocity.${name}+json`;
}

/** The media type of a header in lower case, without parameters. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Whether an Accept header allows the media type; vendor types are also served as `application/json`. */
export function accepts(header: string, mediaType: string): boolean {
  const wanted = [mediaType, 'application/json', 'application/*', '*/*'];
  return header.split(',').some((item) => wanted.includes(mediaTypeOf(item)));
}

/** The Content-Type of an answer: plain JSON for those who asked for it, else the vendor type. */
export function contentType(media: string, accept: string | undefined): string {
  if (media.includes('/')) return media;
  const type = mediaTypeOf(accept) === 'application/json' ? 'application/json' : vendorType(media);
  return `${type};charset=UTF-8;ver=0.9`;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; undefined when they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The JSON value of a body; undefined when it is not UTF-8, not JSON, nested too deeply, or contains half of a
 * surrogate pair (RFC 8259 §8.2), which could not be sent on.
 */
export function parseJson(bytes: Uint8Array): Json | undefined {
  try {
    const value = JSON.parse(decoder.decode(bytes)) as Json;
    return isSound(value, maxDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSound(value: Json, depth: number): boolean {
  if (typeof value === 'string') return !halfCharacter.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isSound(item, depth - 1));
  for (const name of Object.keys(value)) {
    if (halfCharacter.test(name) || !isSound(value[name] ?? null, depth - 1)) return false;
  }
  return true;
}

/** With the flag `u`, matches only a surrogate without its pair. */
const halfCharacter = /\p{Surrogate}/u;
const maxDepth = 1000;

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member of the document, so that names like `toString` are safe. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The text of a member; undefined when it is absent or not a text. */
export function textMember(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}
