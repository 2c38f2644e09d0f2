// SPDX-License-Identifier: Apache-2.0
/** The exchanges as a growing sequence diagram. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExchangeNote } from '../../tools/platform/messages.ts';
import { api } from '../api.ts';
import { harOf, save } from '../har.ts';
import { Button, Empty } from '../parts/common.tsx';
import { ExchangeDetails } from '../parts/exchange.tsx';
import { laneOf, lanesOf, moodOf, OPERATOR, Sequence } from '../parts/sequence.tsx';
import type { ViewProps } from '../view.ts';

const SHOWN = 120;

const filters = {
  all: () => true,
  poll: (exchange: ExchangeNote) => laneOf(exchange) === 'poll',
  data: ({ path }: ExchangeNote) => /^\/(measurement|event|alarm)\//.test(path),
  operations: ({ path }: ExchangeNote) => path.startsWith('/devicecontrol/operations'),
  failed: (exchange: ExchangeNote) => moodOf(exchange) === 'bad',
};
type Filter = keyof typeof filters;

export function Wire({ store, deviceId }: ViewProps) {
  const [filter, setFilter] = useState<Filter>('all');
  const [text, setText] = useState('');
  const [frozen, setFrozen] = useState<readonly ExchangeNote[]>();
  const [chosen, setChosen] = useState<number>();
  const [width, setWidth] = useState(720);
  const host = useRef<HTMLDivElement>(null);
  // The font is larger on very large screens.
  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;
  /** The diagram was scrolled to its end once. */
  const isFollowed = useRef(false);
  const owner = deviceId === undefined ? undefined : store.objects.get(deviceId)?.owner;
  const all = frozen ?? [...store.exchanges.values()];
  const shown = all
    .filter(({ user }) => owner === undefined || user === owner || !user.startsWith('device_'))
    .filter((each) => filters[filter](each) && matches(each, text))
    .slice(-SHOWN);
  const last = shown.at(-1);
  const detailed =
    chosen === undefined ? undefined : (store.exchanges.get(chosen) ?? all.find(({ request }) => request === chosen));

  useEffect(() => {
    const { current } = host;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(240, current.clientWidth - 8)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  // Follows the end of the diagram, unless the user has scrolled up.
  useEffect(() => {
    const { current } = host;
    if (current === null || frozen !== undefined) return;
    const isNear = current.scrollHeight - current.scrollTop - current.clientHeight < 240;
    if (isNear || !isFollowed.current) current.scrollTop = current.scrollHeight;
    isFollowed.current ||= last !== undefined;
  }, [last, frozen, width]);

  return (
    <div class="view wire">
      <div class="title">
        <h1>Wire</h1>
        <div class="tabs" role="group" aria-label="Filter">
          {(Object.keys(filters) as Filter[]).map((name) => (
            <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>
              {name}
            </button>
          ))}
        </div>
        <input
          type="search"
          aria-label="Find in path, label or status"
          placeholder="find …"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="grow" />
        {store.replay === undefined && (
          <button
            type="button"
            aria-pressed={frozen !== undefined}
            onClick={() => setFrozen(frozen === undefined ? [...store.exchanges.values()] : undefined)}
          >
            {frozen === undefined ? 'Pause' : 'Go on'}
          </button>
        )}
        <Button run={async () => save('fractus.har', harOf((await api.requests()).requests, location.origin))}>
          Save HAR
        </Button>
      </div>
      <div class={`wire-columns ${detailed === undefined ? '' : 'with-details'}`}>
        <div class="card lanes">
          <LaneHeads width={width / scale} />
          <div class="lane-scroll" ref={host}>
            {shown.length === 0 ? (
              <Empty>{all.length === 0 ? 'Nothing has come yet.' : 'Nothing that the filter lets through.'}</Empty>
            ) : (
              <Sequence exchanges={shown} width={width / scale} scale={scale} chosen={chosen} onChoose={setChosen} />
            )}
          </div>
        </div>
        {detailed !== undefined && <ExchangeDetails exchange={detailed} onClose={() => setChosen(undefined)} />}
      </div>
    </div>
  );
}

/** Names of the life lines. */
function LaneHeads({ width }: { readonly width: number }) {
  const { poll, requests, platform, isWide } = lanesOf(width);
  const heads = [
    ['poll', poll],
    ['requests', requests],
    ['platform', platform],
    ...(isWide ? ([['operator', platform + OPERATOR]] as const) : []),
  ] as const;
  return (
    <div class="lane-heads" aria-hidden="true">
      {heads.map(([name, x]) => (
        <span key={name} style={{ '--at': x / width }}>
          {name}
        </span>
      ))}
    </div>
  );
}

function matches({ path, label, status, step, method }: ExchangeNote, text: string): boolean {
  if (text === '') return true;
  return `${method} ${path} ${label} ${step} ${status ?? 'held'}`.toLowerCase().includes(text.toLowerCase());
}
