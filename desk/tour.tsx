// SPDX-License-Identifier: Apache-2.0
/**
 * A tour of five minutes for a newcomer: bootstrap, operation, outage, power cut, restart. The page stays usable in the
 * meantime.
 */

import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from './api.ts';
import { Button } from './parts/common.tsx';
import { Icon } from './parts/icon.tsx';
import type { Store } from './store.ts';
import type { ViewName, ViewProps } from './view.ts';

interface Stop {
  readonly view: ViewName;
  readonly title: string;
  readonly text: string;
  readonly doing?: { readonly label: string; readonly run: (place: Place) => Promise<unknown> };
  /** The condition to continue; undefined: none. */
  readonly seen?: (store: Store, place: Place) => boolean;
  readonly done?: string;
}

interface Place {
  readonly deviceId: string;
  readonly board: string | undefined;
  /** The time at which this stop was reached, by the emulator's clock. */
  readonly sinceMs: number;
}

const stops: readonly Stop[] = [
  {
    view: 'wire',
    title: 'A device introduces itself',
    text: 'It asks for credentials until somebody accepts it, looks whether it is known, creates itself and registers its identity: steps 0 to 3 of the guide. Then it listens: the bar on the left is the long poll, held until there is something to do.',
  },
  {
    view: 'device',
    title: 'Have it do something',
    text: 'An operation goes out as the answer to the held poll. Its line shows when it was PENDING, EXECUTING and done.',
    doing: {
      label: 'Ask for its status',
      run: ({ deviceId }) => api.operate(deviceId, { c8y_Command: { text: 'status' } }),
    },
    seen: (store, place) => hasEnded(store, place, 'c8y_Command'),
    done: 'It has answered. The lines are those of the device itself.',
  },
  {
    view: 'trouble',
    title: 'Take the platform away',
    text: 'For 20 s nobody answers. The device measures on and tries ever more rarely; look at the wire meanwhile, if you like.',
    doing: { label: 'The platform is down', run: ({ board }) => api.begin('platform-down', board) },
    seen: (store, place) => hasPassed(store, place, 'platform-down'),
    done: 'All that was measured has arrived, in order. In the charts it is marked as taken offline.',
  },
  {
    view: 'inside',
    title: 'Cut the power',
    text: 'No warning, no orderly end. What has to survive was written to flash before it was needed.',
    doing: { label: 'Cut it for 4 s', run: ({ board }) => api.begin('power-cut', board) },
    seen: (store, place) => hasPassed(store, place, 'power-cut'),
    done: 'It is the same device as before: no new identity, nothing done twice.',
  },
  {
    view: 'device',
    title: 'Restart it from afar',
    text: 'The operation is written down before the restart, so that the device can say after it that it is done.',
    doing: { label: 'Restart', run: ({ deviceId }) => api.operate(deviceId, { c8y_Restart: {} }) },
    seen: (store, place) => hasEnded(store, place, 'c8y_Restart'),
    done: 'SUCCESSFUL, said by the device that came back.',
  },
  {
    view: 'breaches',
    title: 'And it kept every rule',
    text: 'Each request was held against the guide, the OpenAPI, HTTP and Bayeux all the time. This list stays empty, whatever you break. Go on under Trouble.',
  },
];

export function Tour({ store, deviceId, go, onEnd }: ViewProps & { readonly onEnd: () => void }) {
  const [index, setIndex] = useState(0);
  const [sinceMs, setSinceMs] = useState(() => store.nowMs);
  const heading = useRef<HTMLHeadingElement>(null);
  const stop = stops[index];
  useEffect(() => {
    if (stop !== undefined) go(stop.view);
    setSinceMs(store.nowMs);
    heading.current?.focus();
  }, [index]);
  if (stop === undefined) return null;
  const place: Place | undefined =
    deviceId === undefined ? undefined : { deviceId, board: store.boardOf(deviceId)?.board, sinceMs };
  const isSeen = stop.seen === undefined || (place !== undefined && stop.seen(store, place));
  const isLast = index === stops.length - 1;
  return (
    <aside
      class="tour-card"
      aria-label="Tour"
      data-stop={index}
      data-seen={isSeen}
      onKeyDown={(event) => event.key === 'Escape' && onEnd()}
    >
      <div class="tour-head">
        <span class="dim small">
          {index + 1} of {stops.length}
        </span>
        <button type="button" class="quiet" aria-label="End the tour" onClick={onEnd}>
          <Icon name="close" />
        </button>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        {stop.title}
      </h2>
      <p>{stop.text}</p>
      {stop.doing !== undefined && !isSeen && place !== undefined && (
        <Button class="primary" run={() => stop.doing?.run(place)}>
          {stop.doing.label}
        </Button>
      )}
      <p class="tour-done" aria-live="polite">
        {stop.seen !== undefined && isSeen ? `✓ ${stop.done ?? ''}` : ''}
      </p>
      <div class="tour-end">
        <i class="progress" style={{ '--part': (index + 1) / stops.length }} />
        {index > 0 && (
          <button type="button" onClick={() => setIndex(index - 1)}>
            Back
          </button>
        )}
        <button type="button" class={isSeen ? 'primary' : ''} onClick={() => (isLast ? onEnd() : setIndex(index + 1))}>
          {isLast ? 'Done' : isSeen ? 'Next' : 'Skip'}
        </button>
      </div>
    </aside>
  );
}

function hasEnded(store: Store, { deviceId, sinceMs }: Place, name: string): boolean {
  return [...store.operations.values()].some(
    (each) =>
      each.deviceId === deviceId &&
      each.fragments[name] !== undefined &&
      (each.history[0]?.timeMs ?? 0) >= sinceMs &&
      each.status === 'SUCCESSFUL',
  );
}

function hasPassed(store: Store, { sinceMs }: Place, name: string): boolean {
  return [...store.trials.values()].some(
    (each) => each.name === name && each.startedMs >= sinceMs && each.state === 'passed',
  );
}
