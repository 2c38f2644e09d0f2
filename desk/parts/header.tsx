// SPDX-License-Identifier: Apache-2.0

import { useState } from 'preact/hooks';
import { zoneOffset } from '../times.ts';
import type { ViewName, ViewProps } from '../view.ts';
import { nameOf } from './common.tsx';
import { Icon } from './icon.tsx';

interface Props extends ViewProps {
  readonly view: ViewName;
  readonly onTour: () => void;
}

const themes = ['auto', 'light', 'dark'] as const;
const words = { connecting: 'connecting …', live: 'live', gone: 'no connection, trying again' };

export function Header({ store, deviceId, view, go, onTour }: Props) {
  const [theme, setTheme] = useState(() => themes.find((each) => each === localStorage.getItem('theme')) ?? 'auto');
  document.documentElement.dataset['theme'] = theme;
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
  const devices = [...store.objects.values()].filter(({ isDevice }) => isDevice);
  return (
    <header class="header">
      <a class="brand" href="#/fleet">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>
          <b>fractus</b> desk
        </span>
      </a>
      {devices.length > 1 && view !== 'fleet' && (
        <label class="picker">
          <span class="unseen">Device</span>
          <select value={deviceId} onChange={(event) => go(view, event.currentTarget.value)}>
            {devices.map((each) => (
              <option key={each.id} value={each.id}>
                {nameOf(each)} · {each.id}
              </option>
            ))}
          </select>
        </label>
      )}
      <span class={`live ${store.status}`} role="status">
        {store.replay === undefined ? words[store.status] : 'a recorded life'}
      </span>
      <span class="zone" title="Times are in the zone of this browser">
        {store.tenant} · UTC{zoneOffset()}
      </span>
      <button
        type="button"
        class="quiet"
        aria-label={`Colours: ${theme}; change to ${next}`}
        onClick={() => {
          localStorage.setItem('theme', next);
          setTheme(next);
        }}
      >
        <Icon name={theme} />
      </button>
      {store.replay === undefined && (
        <button type="button" class="tour" onClick={onTour}>
          Tour
        </button>
      )}
    </header>
  );
}
