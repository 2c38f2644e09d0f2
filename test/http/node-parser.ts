// SPDX-License-Identifier: Apache-2.0

import { createRequire } from 'node:module';

/** What Node's own parser makes of a text: the first response that is not interim, and what is wrong with it. */
export interface NodeResult {
  failed: boolean;
  reason: string;
  status: number;
  keepAlive: boolean;
  body: string;
}

interface Parser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | Error;
  finish(): unknown;
  [event: number]: unknown;
}

interface ParserClass {
  new (): Parser;
  RESPONSE: number;
  kOnHeaders: number;
  kOnHeadersComplete: number;
  kOnBody: number;
  kOnMessageComplete: number;
}

const { HTTPParser } = createRequire(import.meta.url)('node:_http_common') as { HTTPParser: ParserClass };

const SKIP_BODY = 1;

export function parseWithNode(text: string, head: boolean): NodeResult {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {});
  const result: NodeResult = { failed: true, reason: '', status: 0, keepAlive: false, body: '' };
  let done = false;
  parser[HTTPParser.kOnHeaders] = () => undefined;
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    _minor: number,
    _headers: string[],
    _method: number,
    _url: string,
    status: number,
    _message: string,
    _upgrade: boolean,
    keepAlive: boolean,
  ) => {
    if (!done) Object.assign(result, { status, keepAlive });
    return head && status >= 200 ? SKIP_BODY : 0;
  };
  parser[HTTPParser.kOnBody] = (bytes: Buffer) => {
    if (!done) result.body += bytes.toString('latin1');
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (result.status >= 200) done = true;
  };
  const executed = parser.execute(Buffer.from(text, 'latin1'));
  const ended = executed instanceof Error ? executed : parser.finish();
  if (ended instanceof Error) {
    const { code, reason } = ended as Error & { code: string; reason: string };
    result.reason = `${code} ${reason}`;
  }
  result.failed = !done;
  return result;
}
