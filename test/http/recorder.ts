// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../../src/bytes/text.ts';
import { Channel } from '../../src/http/channel.ts';
import type { CookieJar } from '../../src/http/cookies.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import { Failure } from '../../src/http/failure.ts';
import { identityOf, Method, type RequestWriter } from '../../src/http/request.ts';
import type { ResponseHead } from '../../src/http/response.ts';
import { Transport } from '../../src/http/transport.ts';
import { EventScope } from '../../src/timers/event-scope.ts';
import { Timers } from '../../src/timers/timers.ts';
import { ScriptedNetwork, VirtualClock } from './scripted.ts';

export const TARGET = { host: 'example', port: 80 };

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** An exchange that writes down what becomes of it. */
export class Recorder implements Exchange {
  idempotent = true;
  silenceMs = 0;
  cookies: CookieJar | undefined;
  path = '/a';
  content: string | undefined;
  method: Method = Method.Get;
  writes = 0;
  body = '';
  readonly events: string[] = [];
  afterwards: (() => void) | undefined;

  write(request: RequestWriter): boolean {
    this.writes++;
    request.start(this.method).put(ascii(this.path)).headers(undefined, undefined);
    if (this.content !== undefined) request.put(ascii(this.content));
    return request.finish();
  }

  onHead(head: ResponseHead): void {
    this.events.push(`head ${head.status}`);
  }

  onBody(bytes: Uint8Array, from: number, to: number): void {
    this.body += Buffer.from(bytes.subarray(from, to)).toString('latin1');
  }

  onDone(head: ResponseHead): void {
    this.events.push(`done ${head.status} ${this.body}`);
    this.afterwards?.();
  }

  onFail(failure: Failure, sent: boolean): void {
    const name = Object.entries(Failure).find(([, code]) => code === failure)?.[0];
    this.events.push(`fail ${name} ${sent ? 'sent' : 'unsent'}`);
    this.afterwards?.();
  }
}

export function setUp(options: { receiveBytes?: number; requestMaxBytes?: number } = {}) {
  const clock = new VirtualClock();
  const network = new ScriptedNetwork();
  const timers = new Timers(clock, new EventScope());
  const transport = new Transport({
    network,
    timers,
    receiveBytes: 1024,
    requestBytes: 256,
    requestMaxBytes: 1024,
    userAgent: ascii('agent/1'),
    ...options,
  });
  const identity = identityOf(ascii('example'), ascii('Basic eA=='));
  const create = () => new Channel({ transport, target: TARGET, identity });
  return { clock, network, timers, transport, create, channel: create(), exchange: new Recorder() };
}

/** A channel whose connection has carried one exchange and is idle now. */
export function setUpUsed(options: Parameters<typeof setUp>[0] = {}) {
  const all = setUp(options);
  all.channel.send(all.exchange);
  all.network.last.open().send(OK);
  return { ...all, exchange: new Recorder(), first: all.exchange };
}

export const HEAD = 'GET /a HTTP/1.1\r\nHost: example\r\nAuthorization: Basic eA==\r\nUser-Agent: agent/1\r\n';

export const REQUEST = `${HEAD}\r\n`;
