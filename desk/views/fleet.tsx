// SPDX-License-Identifier: Apache-2.0
/** All devices with their states, waiting registrations, and children under their parents. */

import { useState } from 'preact/hooks';
import type { ObjectNote } from '../../tools/platform/messages.ts';
import type { Json } from '../../tools/platform/model.ts';
import { api } from '../api.ts';
import { Button, Card, Chip, Empty, nameOf, objectOf, severityMood, textOf } from '../parts/common.tsx';
import { Spark } from '../parts/spark.tsx';
import { Story } from '../parts/story.tsx';
import type { Store } from '../store.ts';
import { duration, fullTime } from '../times.ts';
import type { ViewProps } from '../view.ts';

/** Most cards that are shown; others are found by name. */
const MOST_CARDS = 60;
/** From this number of devices on, there is a search field. */
const MANY = 13;

export function Fleet({ store, go }: ViewProps) {
  const [text, setText] = useState('');
  const waiting = [...store.registrations].filter(([, status]) => status !== 'ACCEPTED');
  const devices = [...store.objects.values()].filter(({ isDevice }) => isDevice);
  const others = new Set([...store.objects.values()].flatMap(({ children }) => children));
  const parents = devices.filter(({ id }) => !others.has(id));
  const found = parents.filter((device) => `${nameOf(device)} ${device.id}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <div class="view fleet">
      <div class="title">
        <h1>Fleet</h1>
        {parents.length > 0 && <span class="dim">{summaryOf(store, parents)}</span>}
        <span class="grow" />
        {parents.length >= MANY && (
          <input
            type="search"
            aria-label="Find a device by name or id"
            placeholder="find …"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </div>
      {waiting.length > 0 && (
        <Card title="Waiting" class="waiting">
          <ul class="rows">
            {waiting.map(([id, status]) => (
              <li key={id}>
                <b class="mono">{id}</b>
                <span class="grow dim">
                  {status === 'PENDING_ACCEPTANCE' ? 'asks for credentials' : 'is registered and has not asked yet'}
                </span>
                {status === 'PENDING_ACCEPTANCE' && store.replay === undefined && (
                  <Button class="primary" label={`Accept ${id}`} run={() => api.accept(id)}>
                    Accept
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Card>
      )}
      {!store.acceptsAll && store.replay === undefined && <Register />}
      {devices.length === 0 && waiting.length === 0 && (
        <Card title="No device yet">
          <p class="dim">
            One that asks for its credentials shows up here by itself. From another terminal, a virtual one:
          </p>
          <pre class="result">npx fractus device url={location.origin} bootstrapPassword=…</pre>
        </Card>
      )}
      <div class="fleet-grid">
        {found.slice(0, MOST_CARDS).map((device) => (
          <DeviceCard key={device.id} device={device} store={store} go={go} />
        ))}
      </div>
      {found.length > MOST_CARDS && (
        <p class="lead">
          {MOST_CARDS} of {found.length} are shown; find the others by name or id.
        </p>
      )}
      {found.length === 0 && parents.length > 0 && <Empty>No device is called so.</Empty>}
      <Story store={store} />
    </div>
  );
}

/** The summary, for example `20 devices, 19 connected, 1 alarm`. */
function summaryOf(store: Store, devices: readonly ObjectNote[]): string {
  const connected = devices.filter(({ fragments }) => statusOf(fragments['c8y_Connection']) === 'CONNECTED').length;
  const alarms = [...store.alarms.values()].filter(({ fragments }) => fragments['status'] !== 'CLEARED').length;
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${count(devices.length, 'device')}, ${connected} connected, ${count(alarms, 'alarm')}`;
}

function statusOf(fragment: Json | undefined): string {
  return textOf(objectOf(fragment)['status']);
}

/** A form that registers a device, for a platform that does not accept all devices. */
function Register() {
  const [id, setId] = useState('');
  return (
    <Card title="Register a device" class="register">
      <div class="register-row">
        <input
          aria-label="Device id"
          placeholder="esp32-0123456789ab"
          value={id}
          onInput={(event) => setId(event.currentTarget.value)}
        />
        <Button
          run={async () => {
            await api.register(id);
            setId('');
          }}
        >
          Register
        </Button>
      </div>
    </Card>
  );
}

function DeviceCard({ device, store, go }: Pick<ViewProps, 'store' | 'go'> & { readonly device: ObjectNote }) {
  const { id, fragments, lastMessageMs, children } = device;
  const availability = statusOf(fragments['c8y_Availability']);
  const connection = statusOf(fragments['c8y_Connection']);
  const alarms = [...store.alarms.values()].filter(
    (alarm) => alarm.sourceId === id && alarm.fragments['status'] !== 'CLEARED',
  );
  const series = store.seriesOf(id).slice(0, 3);
  const board = store.boardOf(id);
  const nowMs = store.nowMs;
  return (
    <article class="card device-card" aria-label={nameOf(device)}>
      <button type="button" class="device-link" onClick={() => go('device', id)}>
        <i class={`dot ${availability === 'UNAVAILABLE' || board?.power === 'off' ? 'bad' : 'good'}`} />
        <b>{nameOf(device)}</b>
        <span class="mono dim">{id}</span>
      </button>
      <div class="chips">
        {availability !== '' && (
          <Chip mood={availability === 'AVAILABLE' ? 'good' : 'bad'}>{availability.toLowerCase()}</Chip>
        )}
        {connection !== '' && (
          <Chip mood={connection === 'CONNECTED' ? 'good' : 'plain'}>{connection.toLowerCase()}</Chip>
        )}
        {board?.power === 'off' && <Chip mood="bad">power off</Chip>}
        {board?.link === 'down' && <Chip mood="bad">link down</Chip>}
        {alarms.map((alarm) => {
          const severity = textOf(alarm.fragments['severity']);
          return (
            <Chip key={alarm.id} mood={severityMood(severity)}>
              {severity.toLowerCase()}: {textOf(alarm.fragments['text'])}
            </Chip>
          );
        })}
      </div>
      <div class="sparks">
        {series.map((each) => (
          <div key={each.name}>
            <span class="dim">{each.quantity}</span>
            <b>
              {each.format(each.last)} <small>{each.unit}</small>
            </b>
            <Spark series={each} />
          </div>
        ))}
      </div>
      <p class="dim small">
        {lastMessageMs === undefined ? (
          'nothing heard yet'
        ) : (
          <span title={fullTime(lastMessageMs)}>last message {duration(Math.max(0, nowMs - lastMessageMs))} ago</span>
        )}
        {board !== undefined && ` · ${board.engine.split(',')[0]} · ${board.waiting} waiting`}
      </p>
      {children.length > 0 && (
        <ul class="children">
          {children.map((child) => {
            const object = store.objects.get(child);
            return (
              <li key={child}>
                <button type="button" class="link" onClick={() => go('device', child)}>
                  {object === undefined ? child : nameOf(object)}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </article>
  );
}
