// SPDX-License-Identifier: Apache-2.0
/** Breaches of the protocol by devices. */

import { api } from '../api.ts';
import { Button, Card, Chip } from '../parts/common.tsx';
import { fullTime, timeOfDay } from '../times.ts';
import type { ViewProps } from '../view.ts';

export function Breaches({ store }: ViewProps) {
  const { breaches } = store;
  return (
    <div class="view">
      <div class="title">
        <h1>Breaches</h1>
        <span class="grow" />
        {breaches.length > 0 && store.replay === undefined && (
          <Button
            run={async () => {
              await api.clearBreaches();
              store.breaches = [];
            }}
          >
            Forget them
          </Button>
        )}
      </div>
      {breaches.length === 0 ? (
        <section class="card none" aria-label="No breach">
          <svg viewBox="0 0 48 48" aria-hidden="true">
            <path d="M24 5 38 10v12c0 10-6 16-14 20C16 38 10 32 10 22V10z" />
            <path d="m17 23 5 5 9-10" />
          </svg>
          <p>
            <b>Every request kept every rule.</b>
          </p>
          <p class="dim">
            {store.exchanges.size} requests were held against the integration guide, the OpenAPI, HTTP and Bayeux. A
            device that breaks a rule is listed here with the clause.
          </p>
        </section>
      ) : (
        <Card title={`${breaches.length} breaches`}>
          <ul class="rows">
            {[...breaches].reverse().map(({ rule, what, clause, user, request, time }, i) => (
              <li key={`${time}-${i}`}>
                <time class="mono dim" title={fullTime(Date.parse(time))}>
                  {timeOfDay(Date.parse(time))}
                </time>
                <Chip mood="bad">{rule}</Chip>
                <span class="grow">
                  {what}
                  <small class="dim">{clause}</small>
                  <small class="mono dim">
                    {request} {user !== '' && `by ${user}`}
                  </small>
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {store.full.length > 0 && (
        <Card title="What had to go">
          <ul class="rows">
            {store.full.map((what) => (
              <li key={what}>{what}</li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}
