// SPDX-License-Identifier: Apache-2.0
/** Inside a virtual board: the agent's tables, the machine's heap, the flash, the queue. */

import { useEffect, useState } from 'preact/hooks';
import type { TableDescription } from '../../tools/platform/desk.ts';
import { api } from '../api.ts';
import { Card, Empty } from '../parts/common.tsx';
import { TableDiagram } from '../parts/table-diagram.tsx';
import type { Figures } from '../store.ts';
import type { ViewProps } from '../view.ts';

const SLOT_BYTES = 16;
const CURVE_POINTS = 80;

export function Inside({ store, deviceId }: ViewProps) {
  const [tables, setTables] = useState<readonly TableDescription[]>([]);
  useEffect(() => {
    void api.tables().then((answer) => setTables(answer.tables));
  }, []);
  const board = store.boardOf(deviceId) ?? [...store.boards.values()][0];
  if (board === undefined) {
    return (
      <div class="view">
        <h1>Inside</h1>
        <Empty>Only of a virtual board can be seen what is inside: `fractus start` has one.</Empty>
      </div>
    );
  }
  const figures = store.figures.get(board.board) ?? [];
  const last = figures.at(-1);
  return (
    <div class="view inside">
      <div class="title">
        <h1>Inside</h1>
        <span class="dim">
          {board.board}: {board.engine}
        </span>
      </div>
      <div class="gauges">
        <Card title="Heap">
          {last?.slots === undefined ? (
            <Empty>On Node the agent shares the heap of this process.</Empty>
          ) : (
            <>
              <Gauge
                name="Slots"
                used={last.slots * SLOT_BYTES}
                limit={(last.slotLimit ?? 0) * SLOT_BYTES}
                history={figures.map((each) => (each.slots ?? 0) * SLOT_BYTES)}
              />
              <Gauge
                name="Chunks"
                used={last.chunkBytes ?? 0}
                limit={last.chunkByteLimit ?? 0}
                history={figures.map((each) => each.chunkBytes ?? 0)}
              />
              <p class="dim small">
                Garbage was collected {last.collections === 1 ? 'once' : `${last.collections} times`} since the start;
                the limits are those of an ESP32.
              </p>
            </>
          )}
        </Card>
        <Card title="Flash">{last === undefined ? <Empty>Not measured yet.</Empty> : <FlashMap figures={last} />}</Card>
        <Card title="Queue">
          <p class="big">
            {board.waiting} <small>{board.waiting === 1 ? 'record waits' : 'records wait'}</small>
          </p>
          <Curve
            values={figures.map(({ waiting }) => waiting)}
            most={Math.max(10, ...figures.map((each) => each.waiting))}
          />
          <p class="dim small">
            {board.waiting === 0
              ? 'All that was measured has been stored by the platform.'
              : 'They are sent together, in order, as soon as they can be.'}
          </p>
        </Card>
      </div>
      <h2 class="group">The agent is tables. What is lit is where each of them stands.</h2>
      <div class="tables">
        {tables.map((table) => (
          <TableDiagram key={table.name} table={table} now={board.tables[table.name]} />
        ))}
      </div>
    </div>
  );
}

interface GaugeProps {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly history: readonly number[];
}

function Gauge({ name, used, limit, history }: GaugeProps) {
  const recent = history.slice(-CURVE_POINTS);
  // The limit, or a half, a quarter … of it: a scale that shows the changes.
  let most = Math.max(1, limit);
  while (most / 2 > Math.max(1, ...recent)) most /= 2;
  return (
    <div class="gauge">
      <span>
        {name} <b>{used.toLocaleString()}</b>
        <small class="dim"> of {limit.toLocaleString()} B</small>
        <small class="dim top">{Math.round(most).toLocaleString()} B</small>
      </span>
      <Curve values={recent} most={most} />
    </div>
  );
}

/** A curve of the last values, on a scale from 0 to `most`. */
function Curve({ values, most }: { readonly values: readonly number[]; readonly most: number }) {
  const recent = values.slice(-CURVE_POINTS);
  const points = recent.map((value, i) => {
    const x = (i / Math.max(1, recent.length - 1)) * 240;
    return `${x.toFixed(1)},${(41 - (value / most) * 39).toFixed(1)}`;
  });
  return (
    <svg class="curve" viewBox="0 0 240 42" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}

function FlashMap({ figures }: { readonly figures: Figures }) {
  const { fill, wear, storeUsedBytes, storeBytes } = figures;
  return (
    <>
      <div
        class="sectors"
        role="img"
        aria-label={`${fill.length} sectors; erased most often: ${Math.max(...wear)} times`}
      >
        {fill.map((part, i) => (
          <span
            key={`sector-${i + 1}`}
            title={`sector ${i}: ${Math.round(part * 100)} % written, erased ${wear[i]} times`}
          >
            <i style={{ height: `${Math.round(part * 100)}%` }} />
            <small>{wear[i]}</small>
          </span>
        ))}
      </div>
      <p class="dim small">
        Spool: how full each sector is, and how often it was erased. Store: {storeUsedBytes} of {storeBytes} B.
      </p>
    </>
  );
}
