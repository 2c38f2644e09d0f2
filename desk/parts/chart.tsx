// SPDX-License-Identifier: Apache-2.0
/** A chart of one series over time: drag to zoom, double click to see all; gaps stay gaps, late samples are marked. */

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Series } from '../series.ts';
import { fullTime } from '../times.ts';

const HEIGHT = 170;
/** Least time between two drawings of a chart. */
const DRAW_MS = 500;

interface Props {
  readonly series: Series;
  /** There are other series of the same quantity. */
  readonly isOneOfMany: boolean;
}

export function Chart({ series, isOneOfMany }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const drawn = useRef({ version: -1, ms: 0 });
  const [isZoomed, setZoomed] = useState(false);

  useEffect(() => {
    const { current } = host;
    if (current === null) return;
    const made = new uPlot(options(current.clientWidth, series, setZoomed), series.columns(), current);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: HEIGHT * scale() }));
    observer.observe(current);
    // The style sheet sets the colours, which change with the theme.
    const scheme = new MutationObserver(() => made.redraw());
    scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      observer.disconnect();
      scheme.disconnect();
      made.destroy();
    };
  }, [series]);

  useEffect(() => {
    const nowMs = performance.now();
    const { version, ms } = drawn.current;
    if (version === series.version || nowMs - ms < DRAW_MS) return;
    drawn.current = { version: series.version, ms: nowMs };
    plot.current?.setData(series.columns(), !isZoomed);
    if (isZoomed) plot.current?.redraw();
  });

  const lateCount = series.late.reduce<number>((count, value) => count + (value === null ? 0 : 1), 0);
  const last = series.times.at(-1);
  return (
    <figure class="chart" data-points={series.values.length} data-late={lateCount}>
      <figcaption>
        <b title={series.name}>{series.quantity}</b>
        {isOneOfMany && <span class="dim small">{series.symbol}</span>}
        <span class="grow" />
        <span class="value" title={last === undefined ? '' : fullTime(last * 1000)}>
          {series.format(series.last)} <small>{series.unit}</small>
        </span>
      </figcaption>
      <div class="chart-keys">
        {lateCount > 0 && <span class="late-key">{lateCount} taken offline</span>}
        {isZoomed && (
          <button
            type="button"
            class="link"
            onClick={() => {
              setZoomed(false);
              plot.current?.setData(series.columns(), true);
            }}
          >
            show all
          </button>
        )}
      </div>
      <div
        ref={host}
        role="img"
        aria-label={`${series.title}: ${series.values.length} samples, the last ${series.last} ${series.unit}`}
      />
    </figure>
  );
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Factor of the font size, which is larger on very large screens. */
function scale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;
}

function options(width: number, series: Series, onZoom: (isZoomed: boolean) => void): uPlot.Options {
  const axis = {
    stroke: () => colour('--dim'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
    font: `${11 * scale()}px system-ui, sans-serif`,
  };
  return {
    width,
    height: HEIGHT * scale(),
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, points: { size: 7 } },
    padding: [8, 14, 0, 0],
    axes: [
      { ...axis, values: '{HH}:{mm}:{ss}', space: 76 * scale(), size: 26 * scale() },
      { ...axis, size: labelSize, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(undefined)) },
    ],
    scales: { y: { range: (_, least, most) => padded(least, most) } },
    series: [
      {},
      {
        label: series.title,
        stroke: () => colour('--accent'),
        width: 1.75,
        fill: () => colour('--accent-faint'),
        fillTo: (plot) => plot.scales['y']?.min ?? 0,
        spanGaps: false,
        points: { show: false },
      },
      {
        label: 'taken offline',
        paths: () => null,
        points: { show: true, size: 6, width: 1.5, stroke: () => colour('--busy'), fill: () => colour('--surface') },
      },
    ],
    hooks: {
      setSelect: [({ select }) => select.width > 0 && onZoom(true)],
    },
  };
}

/** The width of an axis, for its longest label. */
function labelSize(_plot: uPlot, labels: readonly string[] | null): number {
  return (Math.max(3, ...(labels ?? []).map(({ length }) => length)) * 6.4 + 14) * scale();
}

function padded(least: number | null, most: number | null): [number, number] {
  const low = least ?? 0;
  const high = most ?? 1;
  const margin = (high - low) * 0.12 || Math.abs(high) * 0.02 || 1;
  return [low - margin, high + margin];
}
