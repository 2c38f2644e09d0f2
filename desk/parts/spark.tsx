// SPDX-License-Identifier: Apache-2.0

import type { Series } from '../series.ts';

const WIDTH = 120;
const HEIGHT = 32;
const POINTS = 60;

/** The curve of the last values, without a scale; the value is shown next to it. */
export function Spark({ series }: { readonly series: Series }) {
  const values = series.values.slice(-POINTS);
  const least = Math.min(...values);
  const span = Math.max(...values) - least || 1;
  const points = values.map((value, i) => {
    const x = (i / Math.max(1, values.length - 1)) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT - 3 - ((value - least) / span) * (HEIGHT - 6)).toFixed(1)}`;
  });
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
