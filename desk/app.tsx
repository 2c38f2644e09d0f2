// SPDX-License-Identifier: Apache-2.0

import { useEffect, useState } from 'preact/hooks';
import { Header } from './parts/header.tsx';
import { Nav } from './parts/nav.tsx';
import { ReplayBar } from './parts/replay-bar.tsx';
import type { Store } from './store.ts';
import { Tour } from './tour.tsx';
import { type ViewName, viewNames } from './view.ts';
import { Breaches } from './views/breaches.tsx';
import { Device } from './views/device.tsx';
import { Fleet } from './views/fleet.tsx';
import { Inside } from './views/inside.tsx';
import { Trouble } from './views/trouble.tsx';
import { Wire } from './views/wire.tsx';

const views = { fleet: Fleet, device: Device, wire: Wire, inside: Inside, trouble: Trouble, breaches: Breaches };

export function App({ store }: { readonly store: Store }) {
  const [place, setPlace] = useState(readPlace);
  const [isTouring, setTouring] = useState(false);
  useEffect(() => {
    const onHash = () => setPlace(readPlace());
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  useEffect(() => scrollTo(0, 0), [place.view]);
  const devices = [...store.objects.values()].filter(({ isDevice }) => isDevice);
  const deviceId = place.deviceId !== undefined && store.objects.has(place.deviceId) ? place.deviceId : devices[0]?.id;
  const go = (view: ViewName, id = deviceId) => {
    location.hash = id === undefined ? `#/${view}` : `#/${view}/${id}`;
  };
  const View = views[place.view];
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header store={store} deviceId={deviceId} view={place.view} go={go} onTour={() => setTouring(true)} />
      <Nav store={store} view={place.view} go={go} />
      <main id="main" tabIndex={-1}>
        {store.replay !== undefined && <ReplayBar replay={store.replay} onChange={() => store.changed()} />}
        <View store={store} deviceId={deviceId} go={go} />
      </main>
      {isTouring && <Tour store={store} deviceId={deviceId} go={go} onEnd={() => setTouring(false)} />}
    </>
  );
}

/** `#/device/10002` */
function readPlace(): { view: ViewName; deviceId: string | undefined } {
  const [, view = '', deviceId] = location.hash.split('/');
  const known = viewNames.find((name) => name === view);
  return { view: known ?? 'fleet', deviceId };
}
