// SPDX-License-Identifier: Apache-2.0
/** One device: what it measures, says, has and does. */

import { Chart } from '../parts/chart.tsx';
import { Card, Chip, Empty, nameOf, objectOf, textOf } from '../parts/common.tsx';
import { Forms } from '../parts/form.tsx';
import { Operations } from '../parts/operations.tsx';
import { Alarms, Events } from '../parts/records.tsx';
import { Inventory } from '../parts/tree.tsx';
import { timeOfDay } from '../times.ts';
import type { ViewProps } from '../view.ts';

export function Device({ store, deviceId }: ViewProps) {
  const device = deviceId === undefined ? undefined : store.objects.get(deviceId);
  if (device === undefined) {
    return (
      <div class="view">
        <h1>Device</h1>
        <Empty>No device yet.</Empty>
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
            <Chart series={each} />
          </Card>
        ))}
      </div>
      <div class="columns">
        <div>
          <Operations store={store} deviceId={id} />
          <Alarms store={store} deviceId={id} />
          <Events store={store} deviceId={id} />
        </div>
        <div>
          {store.replay === undefined && <Forms device={device} />}
          <Inventory device={device} />
          {board !== undefined && (
            <Card title="Console">
              <ol class="console" tabIndex={0} aria-label="Console of the board">
                {lines.map(({ number, timeMs, level, text }) => (
                  <li key={number} class={level}>
                    <time>{timeOfDay(timeMs)}</time> {text}
                  </li>
                ))}
              </ol>
            </Card>
          )}
        </div>
      </div>
    </div>
  );
}
