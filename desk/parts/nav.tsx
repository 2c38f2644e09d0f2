// SPDX-License-Identifier: Apache-2.0

import { type ViewName, type ViewProps, viewNames } from '../view.ts';

const titles: Readonly<Record<ViewName, string>> = {
  fleet: 'Fleet',
  device: 'Device',
  wire: 'Wire',
  inside: 'Inside',
  trouble: 'Trouble',
  breaches: 'Breaches',
};

/** Strokes on a field of 20 × 20. */
const icons: Readonly<Record<ViewName, string>> = {
  fleet: 'M3 4h5v5H3zM12 4h5v5h-5zM3 12h5v5H3zM12 12h5v5h-5z',
  device: 'M5 5h10v10H5zM8 8h4v4H8zM8 2v3M12 2v3M8 15v3M12 15v3M2 8h3M2 12h3M15 8h3M15 12h3',
  wire: 'M4 3v14M16 3v14M4 7h11M12.5 4.8 15 7l-2.5 2.2M16 13H5M7.500 10.800 5 13l2.500 2.200',
  inside:
    'M10 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM4.500 13a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM15.500 13a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM9 7l-3.500 6M11 7l3.500 6M6.500 15h7',
  trouble: 'M11 2 4 11h5l-1 7 8-10h-5.500z',
  breaches: 'M10 2.500 16 5v5c0 4-2.500 6.500-6 8-3.500-1.500-6-4-6-8V5zM7.500 10l2 2 3.500-4',
};

export function Nav({ store, view, go }: Pick<ViewProps, 'store' | 'go'> & { readonly view: ViewName }) {
  const waiting = [...store.registrations.values()].filter((status) => status === 'PENDING_ACCEPTANCE').length;
  const running = [...store.trials.values()].filter(
    ({ state }) => state === 'running' || state === 'recovering',
  ).length;
  const badges: Partial<Record<ViewName, { count: number; mood: string; what: string }>> = {
    fleet: { count: waiting, mood: 'busy', what: 'waiting to be accepted' },
    trouble: { count: running, mood: 'busy', what: 'under way' },
    breaches: { count: store.breaches.length, mood: 'bad', what: 'breaches' },
  };
  return (
    <nav class="nav" aria-label="Views">
      {viewNames.map((name) => {
        const badge = badges[name];
        return (
          <a
            key={name}
            href={`#/${name}`}
            aria-current={view === name ? 'page' : undefined}
            onClick={(event) => {
              event.preventDefault();
              go(name);
            }}
          >
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d={icons[name]} />
            </svg>
            <span>{titles[name]}</span>
            {badge !== undefined && badge.count > 0 && (
              <b class={`badge ${badge.mood}`}>
                {badge.count}
                <span class="unseen"> {badge.what}</span>
              </b>
            )}
          </a>
        );
      })}
    </nav>
  );
}
