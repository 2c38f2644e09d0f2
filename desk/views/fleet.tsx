// SPDX-License-Identifier: Apache-2.0
/** Every device with how it is, those that wait, and children under their parents. */

import { useState } from 'preact/hooks';
import type { ObjectNote } from '../../tools/platform/stream/messages.ts';
import { api } from '../api.ts';
import { Button, Card, Chip, Empty, nameOf, objectOf, severityMood, textOf } from '../parts/common.tsx';
import { Spark } from '../parts/spark.tsx';
import { duration, fullTime } from '../times.ts';
import type { ViewProps } from '../view.ts';

export function Fleet({ store, go }: ViewProps) {
  const waiting = [...store.registrations].filter(([, status]) => status !== 'ACCEPTED');
  const devices = [...store.objects.values()].filter(({ isDevice }) => isDevice);
  const others = new Set([...store.objects.values()].flatMap(({ children }) => children));
  return (
    <div class="view fleet">
      <h1>Fleet</h1>
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
      {devices.length === 0 && <Empty>No device yet. One that asks for its credentials shows up here by itself.</Empty>}
      <div class="fleet-grid">
        {devices
          .filter(({ id }) => !others.has(id))
          .map((device) => (
            <DeviceCard key={device.id} device={device} store={store} go={go} />
          ))}
      </div>
      <Story store={store} />
    </div>
  );
}

/** Where devices are not accepted by themselves, somebody says which may ask. */
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
  const availability = textOf(objectOf(fragments['c8y_Availability'])['status']);
  const connection = textOf(objectOf(fragments['c8y_Connection'])['status']);
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
            <span class="dim">{each.title}</span>
            <b>
              {format(each.last)} <small>{each.unit}</small>
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

/** The same sentences as in the terminal. */
function Story({ store }: Pick<ViewProps, 'store'>) {
  const last = store.sentences.slice(-60).reverse();
  return (
    <Card title="What happens" class="story">
      {last.length === 0 && <Empty>Nothing yet.</Empty>}
      <ol class="sentences" tabIndex={0} aria-label="What has happened, newest first">
        {last.map(({ number, timeMs, who, text, mood }, i) => (
          <li key={`${number}-${i}`} class={mood}>
            <time title={fullTime(timeMs)}>{new Date(timeMs).toTimeString().slice(0, 8)}</time>
            <span class={`who ${who}`}>{who}</span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function format(value: number | undefined): string {
  if (value === undefined) return '–';
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(1);
}
