// SPDX-License-Identifier: Apache-2.0
/** Operations as life lines, from PENDING to their end. */

import type { OperationNote } from '../../tools/platform/messages.ts';
import type { Store } from '../store.ts';
import { duration, fullTime, timeOfDay } from '../times.ts';
import { Card, Chip, Empty, objectOf, textOf } from './common.tsx';

const moods: Readonly<Record<string, string>> = {
  PENDING: 'plain',
  EXECUTING: 'busy',
  SUCCESSFUL: 'good',
  FAILED: 'bad',
};

export function Operations({ store, deviceId }: { readonly store: Store; readonly deviceId: string }) {
  const operations = [...store.operations.values()]
    .filter((each) => each.deviceId === deviceId)
    .slice(-20)
    .reverse();
  return (
    <Card title="Operations">
      {operations.length === 0 && <Empty>No operation yet.</Empty>}
      <ul class="lives scroll" tabIndex={operations.length > 0 ? 0 : undefined} aria-label="Operations">
        {operations.map((operation) => (
          <Life key={operation.id} operation={operation} nowMs={store.nowMs} />
        ))}
      </ul>
    </Card>
  );
}

function Life({ operation, nowMs }: { readonly operation: OperationNote; readonly nowMs: number }) {
  const { id, status, fragments, failureReason, history } = operation;
  const name = nameOfOperation(operation);
  const startMs = history[0]?.timeMs ?? nowMs;
  const isOver = status === 'SUCCESSFUL' || status === 'FAILED';
  const endMs = isOver ? (history.at(-1)?.timeMs ?? nowMs) : nowMs;
  const result = objectOf(fragments[name])['result'];
  return (
    <li data-operation={name} data-status={status}>
      <div class="life-head">
        <b>{name.replace(/^c8y_/, '')}</b>
        <span class="mono dim">{id}</span>
        <span class="grow" />
        <Chip mood={moods[status] ?? 'plain'}>{status}</Chip>
        <span class="dim small">{duration(endMs - startMs)}</span>
      </div>
      <div
        class="life"
        role="img"
        aria-label={history.map((each) => `${each.status} at ${fullTime(each.timeMs)}`).join(', ')}
      >
        {history.map((each, i) => {
          const nextMs = history[i + 1]?.timeMs ?? endMs;
          const isLast = i === history.length - 1;
          return (
            <span
              key={`${each.status}-${each.timeMs}`}
              class={`${moods[each.status]} ${isLast && isOver ? 'end' : ''}`}
              style={{ flexGrow: isLast && isOver ? 0 : Math.max(0.12, Math.sqrt(nextMs - each.timeMs) / 30) }}
              title={`${each.status} ${fullTime(each.timeMs)}`}
            >
              <i />
              <small>{timeOfDay(each.timeMs)}</small>
            </span>
          );
        })}
      </div>
      {failureReason !== undefined && <p class="reason">{failureReason}</p>}
      {typeof result === 'string' && result !== '' && <pre class="result">{result.trimEnd()}</pre>}
    </li>
  );
}

/** The fragment that defines the operation. */
function nameOfOperation({ fragments }: OperationNote): string {
  const names = Object.keys(fragments).filter((name) => name !== 'description');
  return names.find((name) => name.startsWith('c8y_')) ?? names[0] ?? textOf(fragments['description']);
}
