// SPDX-License-Identifier: Apache-2.0
/** Head and body of one exchange, with ways to export it. */

import { useEffect, useState } from 'preact/hooks';
import type { ExchangeNote } from '../../tools/platform/messages.ts';
import { api, type LoggedMessage, type LoggedRequest } from '../api.ts';
import { bytes, duration, fullTime } from '../times.ts';
import { Button } from './common.tsx';
import { Icon } from './icon.tsx';

interface Props {
  readonly exchange: ExchangeNote;
  readonly onClose: () => void;
}

export function ExchangeDetails({ exchange, onClose }: Props) {
  const { request, method, path, step, label, user, connection, askedMs, endedMs, status, sentBytes, answerBytes } =
    exchange;
  const [logged, setLogged] = useState<LoggedRequest>();
  const [trouble, setTrouble] = useState('');
  // Requested again after its end, when the answer is complete.
  useEffect(() => {
    setTrouble('');
    api.request(request).then(setLogged, (error: Error) => setTrouble(error.message));
  }, [request, endedMs]);
  return (
    <aside
      class="card details"
      aria-label={`Exchange ${request}`}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div class="card-head">
        <h2>
          #{request} {label}
        </h2>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <p class="mono target">
        {method} {path}
      </p>
      <dl>
        <dt>Carries out</dt>
        <dd>{step === '' ? 'nothing of the guide' : `guide ${step}`}</dd>
        <dt>By</dt>
        <dd>
          {user || 'nobody known'}, connection {connection}
        </dd>
        <dt>Asked</dt>
        <dd>{fullTime(askedMs)}</dd>
        <dt>Answer</dt>
        <dd>
          {status === undefined ? 'held' : status === 0 ? 'none, it was cut' : status}
          {endedMs !== undefined && ` after ${duration(endedMs - askedMs)}`}, {bytes(sentBytes)} there,{' '}
          {bytes(answerBytes)} back
        </dd>
      </dl>
      {trouble !== '' && <p class="trouble-text">{trouble}</p>}
      {logged?.request !== undefined && <Message title="Request" message={logged.request} />}
      {logged?.response !== undefined && <Message title="Answer" message={logged.response} />}
      {logged !== undefined && logged.request === undefined && (
        <p class="dim">Its head and body are not kept any more.</p>
      )}
      {logged?.request !== undefined && (
        <Button class="small" run={() => navigator.clipboard.writeText(curlOf(logged, location.origin))}>
          Copy as curl
        </Button>
      )}
    </aside>
  );
}

function Message({ title, message }: { readonly title: string; readonly message: LoggedMessage }) {
  return (
    <section class="message" aria-label={title}>
      <h3>{title}</h3>
      <pre tabIndex={0}>
        {Object.entries(message.headers).map(([name, value]) => (
          <span key={name}>
            <i>{name}</i>: {value}
            {'\n'}
          </span>
        ))}
        {message.body !== '' && `\n${pretty(message.body)}`}
      </pre>
    </section>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** A curl command. Secrets are masked in the log, so the user must insert a login. */
function curlOf({ method, path, request }: LoggedRequest, origin: string): string {
  const skipped = new Set(['host', 'content-length', 'connection', 'authorization', 'cookie']);
  const headers = Object.entries(request?.headers ?? {}).filter(([name]) => !skipped.has(name.toLowerCase()));
  const parts = [
    `curl -X ${method} ${quoted(origin + path)}`,
    "-u 'tenant/user:password'",
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(request?.body ? [`--data-binary ${quoted(request.body)}`] : []),
  ];
  return parts.join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
