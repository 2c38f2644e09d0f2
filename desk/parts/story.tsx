// SPDX-License-Identifier: Apache-2.0
/** The sentences of the terminal, newest first. */

import type { Sentence, Store } from '../store.ts';
import { fullTime, timeOfDay } from '../times.ts';
import { Card, Empty } from './common.tsx';

const ROWS = 60;

interface Row {
  readonly sentence: Sentence;
  /** Number of consecutive routine sentences; the row shows the last of them. */
  readonly count: number;
}

export function Story({ store }: { readonly store: Store }) {
  const rows = rowsOf(store.sentences);
  const isNaming = new Set(store.sentences.map(({ of }) => of).filter((of) => of !== undefined)).size > 1;
  return (
    <Card title="What happens" class="story">
      {rows.length === 0 && <Empty>Nothing yet. What devices and people do is told here, a line each.</Empty>}
      <ol class={`sentences ${isNaming ? 'naming' : ''}`} tabIndex={0} aria-label="What has happened, newest first">
        {rows.map(({ sentence: { number, timeMs, who, of, text, mood }, count }, i) => (
          <li key={`${number}-${i}`} class={count > 1 || isRoutine({ text, mood }) ? 'routine' : mood}>
            <time title={fullTime(timeMs)}>{timeOfDay(timeMs)}</time>
            <span class={`who ${who}`} title={of}>
              {who}
              {isNaming && of !== undefined && <small class="mono"> {of.slice(-4)}</small>}
            </span>
            <span>{text}</span>
            {count > 1 && <small class="dim">and {count - 1} before</small>}
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Joins routine sentences, so that they do not hide rare events. */
function rowsOf(sentences: readonly Sentence[]): Row[] {
  const rows: Row[] = [];
  for (let i = sentences.length - 1; i >= 0 && rows.length < ROWS; i--) {
    const sentence = sentences[i];
    const last = rows.at(-1);
    if (sentence === undefined) continue;
    if (last !== undefined && isRoutine(sentence) && isRoutine(last.sentence)) {
      rows[rows.length - 1] = { ...last, count: last.count + 1 };
    } else rows.push({ sentence, count: 1 });
  }
  return rows;
}

function isRoutine({ text, mood }: Pick<Sentence, 'text' | 'mood'>): boolean {
  return mood === 'plain' && text.startsWith('measures ');
}
