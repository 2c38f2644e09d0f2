// SPDX-License-Identifier: Apache-2.0
/** A real server of the emulator, and what tests send to it. */

import { type Agent, type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { ExecutionContext } from 'ava';
import type { Identity } from '../../../../tools/platform/certificates.ts';
import { createDeviceUser, createObject } from '../../../../tools/platform/operator.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../../../tools/platform/server.ts';
import { within } from '../../../support/until.ts';
import { handshakeMessage } from '../desk.ts';

export async function start(t: ExecutionContext, options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startServer(options);
  t.teardown(() => server.close());
  return server;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
  readonly tls?: { readonly ca: string; readonly identity?: Identity };
  /** Told of the head as soon as it is there, and of each piece of the body. */
  readonly onHead?: (status: number) => void;
  readonly onPiece?: (piece: string) => void;
}

/** A request whose promise rejects when the answer is cut. */
export function send(url: string, options: RequestOptions = {}): Promise<Response> {
  const answered = new Promise<Response>((resolve, reject) => {
    const { method = 'GET', body = '', headers = {}, agent, tls } = options;
    const make = tls === undefined ? request : requestTls;
    const made = make(
      url,
      {
        method,
        headers: { ...headers, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
        ...(agent === undefined ? {} : { agent }),
        ...(tls === undefined ? {} : { ca: tls.ca, cert: tls.identity?.certificate, key: tls.identity?.privateKey }),
      },
      (response) => {
        let text = '';
        options.onHead?.(response.statusCode ?? 0);
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          options.onPiece?.(piece);
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    made.on('error', reject);
    made.end(body);
  });
  return within(answered, `no answer of ${url}`);
}

export function operator({ platform }: RunningServer): Record<string, string> {
  const { name, password, tenant } = platform.core.operator;
  return { authorization: `Basic ${btoa(`${tenant}/${name}:${password}`)}`, accept: 'application/json' };
}

/** A device with its object and its headers. */
export function device({ platform }: RunningServer): { id: string; headers: Record<string, string>; user: string } {
  const { tenantId, username, password } = createDeviceUser(platform, 'd1');
  const { id } = createObject(platform, { name: 'd1', c8y_IsDevice: {}, com_cumulocity_model_Agent: {} }, username);
  const headers = { authorization: `Basic ${btoa(`${tenantId}/${username}:${password}`)}`, accept: 'application/json' };
  return { id, headers, user: username };
}

export const bayeux = { 'content-type': 'application/json' };

export async function subscribe(server: RunningServer, { id, headers }: ReturnType<typeof device>): Promise<string> {
  const url = `${server.url}/notification/operations`;
  const post = (message: object) =>
    send(url, { method: 'POST', headers: { ...headers, ...bayeux }, body: JSON.stringify([message]) });
  const [handshake] = JSON.parse((await post(handshakeMessage)).text) as {
    clientId: string;
  }[];
  const clientId = handshake?.clientId ?? '';
  await post({ channel: '/meta/subscribe', clientId, subscription: `/${id}` });
  return clientId;
}
