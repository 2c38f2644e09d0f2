// SPDX-License-Identifier: Apache-2.0

import type { PlatformRequest, Reply } from '../../tools/platform/model.ts';
import { Platform } from '../../tools/platform/platform.ts';

const SESSION_GONE = [
  { channel: '/meta/connect', successful: false, error: '402::Unknown client', advice: { reconnect: 'handshake' } },
];

/** One tenant behind several servers, each of which knows only the Bayeux sessions that began there. */
export class StickyPlatform extends Platform {
  /** Requests that came to the wrong server. */
  strays = 0;
  readonly #homes = new Map<string, string>();

  override handle(request: PlatformRequest, reply: Reply): void {
    const clientId = /"clientId":"([^"]+)"/.exec(Buffer.from(request.body).toString())?.[1];
    const home = clientId === undefined ? undefined : this.#homes.get(clientId);
    if (home !== undefined && home !== request.origin) {
      this.strays++;
      const body = Buffer.from(JSON.stringify(SESSION_GONE));
      reply.head(200, { 'Content-Type': 'application/json', 'Content-Length': String(body.length) });
      reply.end(body);
      return;
    }
    super.handle(request, reply);
    for (const id of this.core.sessions.keys()) if (!this.#homes.has(id)) this.#homes.set(id, request.origin);
  }
}
