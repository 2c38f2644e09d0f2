// SPDX-License-Identifier: Apache-2.0
/** Alarms and events of a device. */

import { api } from '../api.ts';
import type { Store } from '../store.ts';
import { duration, fullTime, timeOfDay } from '../times.ts';
import { Button, Card, Chip, Empty, severityMood, textOf } from './common.tsx';

interface Props {
  readonly store: Store;
  readonly deviceId: string;
}

export function Alarms({ store, deviceId }: Props) {
  const alarms = [...store.alarms.values()].filter(({ sourceId }) => sourceId === deviceId).reverse();
  const open = alarms.filter(({ fragments }) => fragments['status'] !== 'CLEARED');
  const cleared = alarms.filter(({ fragments }) => fragments['status'] === 'CLEARED').slice(0, 5);
  const nowMs = store.nowMs;
  return (
    <Card title="Alarms">
      {alarms.length === 0 && <Empty>No alarm. Hold a lamp to the thermometer under Trouble to see one.</Empty>}
      <ul class="rows">
        {[...open, ...cleared].map(({ id, fragments, firstMs, count }) => {
          const status = textOf(fragments['status']);
          const severity = textOf(fragments['severity']);
          return (
            <li key={id} class={status === 'CLEARED' ? 'faded' : ''}>
              <Chip mood={status === 'CLEARED' ? 'plain' : severityMood(severity)}>{severity.toLowerCase()}</Chip>
              <span class="grow">
                {textOf(fragments['text'])}
                <small class="dim">
                  {textOf(fragments['type'])} · {status.toLowerCase()} ·{' '}
                  <span title={fullTime(firstMs)}>for {duration(Math.max(0, nowMs - firstMs))}</span>
                  {count > 1 && ` · ${count} times`}
                </small>
              </span>
              {status === 'ACTIVE' && store.replay === undefined && (
                <Button class="small" label={`Acknowledge alarm ${id}`} run={() => api.setAlarm(id, 'ACKNOWLEDGED')}>
                  Acknowledge
                </Button>
              )}
              {status !== 'CLEARED' && store.replay === undefined && (
                <Button class="small" label={`Clear alarm ${id}`} run={() => api.setAlarm(id, 'CLEARED')}>
                  Clear
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

export function Events({ store, deviceId }: Props) {
  const events = [...store.events.values()]
    .filter(({ sourceId }) => sourceId === deviceId)
    .slice(-30)
    .reverse();
  return (
    <Card title="Events">
      {events.length === 0 && <Empty>No event yet. An app sends them; the device itself tells of lost data.</Empty>}
      <ul class="rows scroll" tabIndex={events.length > 0 ? 0 : undefined} aria-label="Events">
        {events.map(({ id, fragments, occurredMs }) => (
          <li key={id}>
            <time class="mono dim" title={fullTime(occurredMs)}>
              {timeOfDay(occurredMs)}
            </time>
            <span class="grow">
              {textOf(fragments['text'])}
              <small class="dim">{textOf(fragments['type'])}</small>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
