// SPDX-License-Identifier: Apache-2.0
/** One device: its measurements, console, inventory and operations. */

import { useEffect, useRef } from 'preact/hooks';
import { Chart } from '../parts/chart.tsx';
import { Card, Chip, Empty, nameOf, objectOf, textOf } from '../parts/common.tsx';
import { Forms } from '../parts/form.tsx';
import { Operations } from '../parts/operations.tsx';
import { Alarms, Events } from '../parts/records.tsx';
import { Inventory } from '../parts/tree.tsx';
import type { Line } from '../store.ts';
import { fullTime, timeOfDay } from '../times.ts';
import type { ViewProps } from '../view.ts';

export function Device({ store, deviceId }: ViewProps) {
  const device = deviceId === undefined ? undefined : store.objects.get(deviceId);
  if (device === undefined) {
    return (
      <div class="view">
        <h1>Device</h1>
        <Empty>No device yet. As soon as there is one, this is where its charts, operations and inventory are.</Empty>
      </div>
    );
  }
  const { id, fragments } = device;
  const board = store.boardOf(id);
  const series = store.seriesOf(id);
  const firmware = objectOf(fragments['c8y_Firmware']);
  const hardware = objectOf(fragments['c8y_Hardware']);
  const lines = board === undefined ? [] : store.lines.filter((each) => each.board === board.board).slice(-80);
  return (
    <div class="view device">
      <div class="title">
        <h1>{nameOf(device)}</h1>
        <span class="mono dim">{id}</span>
        {board !== undefined && <Chip mood={board.power === 'on' ? 'good' : 'bad'}>power {board.power}</Chip>}
        {board !== undefined && <Chip mood={board.link === 'up' ? 'good' : 'bad'}>link {board.link}</Chip>}
        {board !== undefined && board.waiting > 0 && <Chip mood="busy">{board.waiting} waiting</Chip>}
        <span class="grow" />
        <span class="dim small">
          {textOf(hardware['model'])} · {textOf(firmware['name'])} {textOf(firmware['version'])}
          {board !== undefined && ` · start ${board.boots} (${board.resetCause})`}
        </span>
      </div>
      <div class="charts">
        {series.length === 0 && <Empty>Nothing measured yet.</Empty>}
        {series.map((each) => (
          <Card key={each.name} title={each.title} class="bare">
            <Chart series={each} isOneOfMany={series.filter(({ quantity }) => quantity === each.quantity).length > 1} />
          </Card>
        ))}
      </div>
      <div class="columns">
        <div>
          <Operations store={store} deviceId={id} />
          {board !== undefined && <Console lines={lines} />}
          <Events store={store} deviceId={id} />
        </div>
        <div>
          {store.replay === undefined && <Forms device={device} />}
          <Alarms store={store} deviceId={id} />
          <Inventory device={device} />
        </div>
      </div>
    </div>
  );
}

/** The console of the board. Follows the newest line, unless the user has scrolled up. */
function Console({ lines }: { readonly lines: readonly Line[] }) {
  const host = useRef<HTMLOListElement>(null);
  const last = lines.at(-1)?.number;
  useEffect(() => {
    const { current } = host;
    if (current === null) return;
    const isNear = current.scrollHeight - current.scrollTop - current.clientHeight < 120;
    if (isNear || current.scrollTop === 0) current.scrollTop = current.scrollHeight;
  }, [last]);
  return (
    <Card title="Console">
      <ol ref={host} class="console" tabIndex={0} aria-label="Console of the board">
        {lines.map(({ number, timeMs, level, text }) => (
          <li key={number} class={level}>
            <time title={fullTime(timeMs)}>{timeOfDay(timeMs)}</time> {text}
          </li>
        ))}
      </ol>
    </Card>
  );
}
