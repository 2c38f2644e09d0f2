// SPDX-License-Identifier: Apache-2.0
/** Exchanges as an HTTP Archive 1.2, for the tools of browsers. */

import type { LoggedMessage, LoggedRequest } from './api.ts';

export function harOf(requests: readonly LoggedRequest[], origin: string): object {
  return {
    log: {
      version: '1.2',
      creator: { name: 'fractus desk', version: '1' },
      entries: requests.filter(({ request }) => request !== undefined).map((each) => entryOf(each, origin)),
    },
  };
}

function entryOf({ method, path, time, status = 0, request, response }: LoggedRequest, origin: string): object {
  const url = new URL(path, origin);
  return {
    startedDateTime: time,
    time: 0,
    request: {
      method,
      url: url.href,
      httpVersion: 'HTTP/1.1',
      headers: headersOf(request),
      queryString: [...url.searchParams].map(([name, value]) => ({ name, value })),
      cookies: [],
      headersSize: -1,
      bodySize: request?.body.length ?? 0,
      ...(request?.body ? { postData: { mimeType: header(request, 'content-type'), text: request.body } } : {}),
    },
    response: {
      status,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      headers: headersOf(response),
      cookies: [],
      content: {
        size: response?.body.length ?? 0,
        mimeType: header(response, 'content-type'),
        text: response?.body ?? '',
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: response?.body.length ?? 0,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: 0 },
  };
}

function headersOf(message: LoggedMessage | undefined): { name: string; value: string }[] {
  return Object.entries(message?.headers ?? {}).map(([name, value]) => ({ name, value }));
}

function header(message: LoggedMessage | undefined, wanted: string): string {
  return headersOf(message).find(({ name }) => name.toLowerCase() === wanted)?.value ?? '';
}

/** Makes the browser save JSON content as a file. */
export function save(name: string, content: object): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
