// SPDX-License-Identifier: Apache-2.0
/** Trials that a click starts; each shows its required result, and when that was reached. */

import { useEffect, useState } from 'preact/hooks';
import type { TrialDescription } from '../../tools/platform/desk.ts';
import type { TrialNote } from '../../tools/platform/messages.ts';
import { api } from '../api.ts';
import { Button, Card, Chip, Empty, nameOf } from '../parts/common.tsx';
import type { Replay } from '../replay.ts';
import type { Store } from '../store.ts';
import { clockTime, duration, timeOfDay } from '../times.ts';
import type { ViewProps } from '../view.ts';

const groups = { platform: 'On the platform', link: 'On the way', board: 'At the board' };
const moods = { running: 'bad', recovering: 'busy', passed: 'good', failed: 'bad', cancelled: 'plain' };
const words = {
  running: 'under way',
  recovering: 'recovering',
  passed: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function Trouble({ store, deviceId }: ViewProps) {
  const [trials, setTrials] = useState<readonly TrialDescription[]>();
  useEffect(() => {
    void api.trials().then((answer) => setTrials(answer.trials));
  }, []);
  const board = store.boardOf(deviceId)?.board;
  const device = store.objects.get(deviceId ?? '');
  const deviceName = device === undefined ? board : nameOf(device);
  if (store.replay !== undefined) return <Planned replay={store.replay} store={store} />;
  return (
    <div class="view trouble">
      <h1>Trouble</h1>
      <p class="lead">
        Break something. Each card says what must happen, and tells you when it has.
        {store.boards.size > 1 && board !== undefined && ` It happens to ${deviceName}.`}
      </p>
      {trials?.length === 0 && <Empty>No virtual board runs beside this emulator: fractus start has one.</Empty>}
      {(Object.keys(groups) as (keyof typeof groups)[]).map((group) => {
        const own = trials?.filter((each) => each.group === group) ?? [];
        return (
          own.length > 0 && (
            <section key={group} aria-label={groups[group]}>
              <h2 class="group">{groups[group]}</h2>
              <div class="trials">
                {own.map((trial) => (
                  <TrialCard
                    key={trial.name}
                    trial={trial}
                    last={lastOf(store, trial.name)}
                    board={board}
                    store={store}
                  />
                ))}
              </div>
            </section>
          )
        );
      })}
      {store.faults.length > 0 && (
        <Card title="Ordered at the emulator">
          <ul class="rows">
            {store.faults.map(({ id, fault, left }) => (
              <li key={id}>
                <Chip mood="bad">{fault.kind}</Chip>
                <code class="grow">{JSON.stringify(fault)}</code>
                <span class="dim">{left > 1000 ? 'until taken back' : `${left} left`}</span>
                <Button class="small" label={`Take back order ${id}`} run={() => api.cancelFault(id)}>
                  Take back
                </Button>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

/** The planned faults of a recorded life, and its verdict. */
function Planned({ replay, store }: { readonly replay: Replay; readonly store: Store }) {
  const { strikes, verdict } = replay;
  return (
    <div class="view trouble">
      <h1>Trouble</h1>
      <p class="lead">What went wrong in this life. Go there, and step on to see it strike.</p>
      {strikes.length === 0 && <Empty>Nothing: it was a calm one.</Empty>}
      <ol class="trials">
        {strikes.map(({ fault, atMs }) => (
          <li key={`${atMs}-${fault}`} class={`card trial ${replay.atMs >= atMs ? 'running' : ''}`}>
            <h2 class="mono">{fault}</h2>
            <p>
              {clockTime(atMs)}: {replay.atMs >= atMs ? 'has struck' : 'is still to come'}
            </p>
            <Button
              class="small at-start"
              label={`Go there: ${fault}`}
              run={() => {
                replay.pause();
                replay.seek(Math.max(0, atMs - 1));
                store.changed();
              }}
            >
              Go there
            </Button>
          </li>
        ))}
      </ol>
      {verdict !== undefined && (
        <Card title="How it ended" class="verdict">
          <p class={`result-line ${verdict.held ? 'good' : 'bad'}`}>{verdict.text}</p>
        </Card>
      )}
    </div>
  );
}

interface TrialProps {
  readonly trial: TrialDescription;
  readonly last: TrialNote | undefined;
  readonly board: string | undefined;
  readonly store: Store;
}

function TrialCard({ trial, last, board, store }: TrialProps) {
  const { name, title, mustHappen, needs } = trial;
  const isUnderWay = last?.state === 'running' || last?.state === 'recovering';
  return (
    <article class={`card trial ${last?.state ?? ''}`} data-trial={name} data-state={last?.state ?? 'new'}>
      <div class="card-head">
        <h3>{title}</h3>
        {last !== undefined && <Chip mood={moods[last.state]}>{words[last.state]}</Chip>}
      </div>
      <p>{mustHappen}</p>
      <div class="trial-end" aria-live="polite">
        {isUnderWay && last !== undefined ? (
          <>
            <span class="dim">{duration(Math.max(0, store.nowMs - last.startedMs))}</span>
            <Button class="small" label={`End: ${title}`} run={() => api.cancelTrial(last.id)}>
              End it
            </Button>
          </>
        ) : needs !== undefined ? (
          <span class="dim small">
            Only with <code>{needs}</code>
          </span>
        ) : (
          <Button class="primary" label={`Do it: ${title}`} run={() => api.begin(name, board)}>
            Do it
          </Button>
        )}
        {last !== undefined && last.result !== '' && (
          <span class={`result-line ${moods[last.state]}`}>
            {timeOfDay(last.startedMs)} {last.result}
          </span>
        )}
      </div>
    </article>
  );
}

function lastOf(store: Store, name: string): TrialNote | undefined {
  return [...store.trials.values()].filter((each) => each.name === name).at(-1);
}
