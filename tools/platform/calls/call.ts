// SPDX-License-Identifier: Apache-2.0
/** One request in progress, as the handlers of the resources receive it. */

import type { Core } from '../core/core.ts';
import { baseOf } from '../http/hosts.ts';
import {
  type Answer,
  accepts,
  contentType,
  isObject,
  mediaTypeOf,
  PlatformError,
  parseJson,
  utf8,
  vendorType,
} from '../http/http.ts';
import type { Json, JsonObject, PlatformRequest, Reply, User } from '../model.ts';
import type { Rule } from '../rules.ts';

export class Call {
  readonly core: Core;
  readonly number: number;
  readonly request: PlatformRequest;
  readonly reply: Reply;
  readonly user: User;
  /** Bearer token of the request. */
  readonly token: string | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Decoded `{…}` parts of the route's path. */
  params: readonly string[] = [];
  /** Called with the status when the answer begins. */
  onStatus: ((status: number) => void) | undefined;
  /** Called when the connection is lost before the answer was handed over. */
  onLost: (() => void) | undefined;

  constructor(options: {
    core: Core;
    number: number;
    request: PlatformRequest;
    reply: Reply;
    user: User;
    token: string | undefined;
    path: string;
    query: URLSearchParams;
  }) {
    this.core = options.core;
    this.number = options.number;
    this.request = options.request;
    this.reply = options.reply;
    this.user = options.user;
    this.token = options.token;
    this.path = options.path;
    this.query = options.query;
  }

  get method(): string {
    return this.request.method;
  }

  /** Whether the caller is a device or the bootstrap user: only their breaches count. */
  get isDevice(): boolean {
    return this.user.kind !== 'operator';
  }

  /** Scheme and host for `self` links, as the client named them. */
  get base(): string {
    return baseOf(this.request, this.core.settings.hosts);
  }

  param(index: number): string {
    return this.params[index] ?? '';
  }

  /** Records a breach, if the caller is a device. */
  breach(rule: Rule, what: string): void {
    if (!this.isDevice) return;
    this.core.breach(rule, what, this.user.name, `${this.method} ${this.request.path}`);
  }

  /** Whether the answer to an earlier request may not have reached this caller. */
  wasLost(number: number): boolean {
    return this.core.ledger.isLost(number, this.user.name);
  }

  /** The body as JSON. Throws the platform's 400. */
  json(): Json {
    const value = parseJson(this.request.body);
    if (value === undefined) {
      this.breach('json', `body of ${this.request.body.length} bytes is not JSON`);
      throw new PlatformError(400, 'undefined/invalidInput', 'Request body is not readable');
    }
    return value;
  }

  /** The body as a JSON object; an empty body is an empty object. Throws the platform's 400. */
  document(): JsonObject {
    if (this.request.body.length === 0) return {};
    const value = this.json();
    if (isObject(value)) return value;
    this.breach('json', 'body is not a JSON object');
    throw new PlatformError(400, 'undefined/invalidInput', 'Request body is not an object');
  }

  /** Media type of the body, without parameters. */
  get bodyType(): string {
    return mediaTypeOf(this.request.headers['content-type']);
  }

  /** The `Date` header of an answer given now. */
  get date(): string {
    const second = Math.floor((this.core.now() + this.core.settings.dateSkewMs) / 1000);
    if (second !== lastSecond) {
      lastDate = new Date(second * 1000).toUTCString();
      lastSecond = second;
    }
    return lastDate;
  }

  /** False for POST and PUT without Accept, whose answers have no body (OpenAPI, Accept). */
  get wantsBody(): boolean {
    return this.request.headers['accept'] !== undefined || (this.method !== 'POST' && this.method !== 'PUT');
  }

  /** Begins an answer whose body follows in pieces. */
  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.onStatus?.(status);
    this.reply.head(status, { Date: this.date, ...headers });
  }

  /** Sends a complete answer. */
  answer(answer: Answer): void {
    const { accept } = this.request.headers;
    const hasBody = answer.body !== undefined && (this.wantsBody || answer.status >= 400);
    const headers: Record<string, string> = { ...answer.headers };
    if (hasBody && accept !== undefined) this.#checkAccept(accept, answer.media ?? 'application/json');
    let body: Uint8Array = new Uint8Array(0);
    if (hasBody && answer.body !== undefined) {
      const { media = 'application/json' } = answer;
      body = answer.body instanceof Uint8Array ? answer.body : utf8(JSON.stringify(answer.body));
      headers['Content-Type'] = answer.body instanceof Uint8Array ? media : contentType(media, accept);
    }
    if (answer.status !== 204) headers['Content-Length'] = String(body.length);
    this.begin(answer.status, headers);
    this.reply.end(body);
  }

  /** Reports an Accept header that does not fit. The answer is still sent, because the request has had its effect. */
  #checkAccept(accept: string, media: string): void {
    const mediaType = media.includes('/') ? mediaTypeOf(media) : vendorType(media);
    if (media !== 'error' && !accepts(accept, mediaType)) this.breach('accept', `${accept} for ${mediaType}`);
  }
}

/** Cache of the date: most answers are of the same second as the one before. */
let lastSecond = Number.NaN;
let lastDate = '';
