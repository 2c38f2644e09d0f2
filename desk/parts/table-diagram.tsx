// SPDX-License-Identifier: Apache-2.0
/**
 * A table of the agent as an arc diagram: states from top to bottom in the order of the table, arcs to later states on
 * the right, to earlier states on the left. The present state is highlighted, and the entries of each state are
 * counted.
 */

import { useRef } from 'preact/hooks';
import type { TableDescription } from '../../tools/platform/desk.ts';
import { Chip } from './common.tsx';

const ROW = 34;
const BOX = 24;
const LEFT = 52;
const WIDTH = 236;

interface Props {
  readonly table: TableDescription;
  readonly now: { readonly state: number; readonly entered: readonly number[] } | undefined;
}

export function TableDiagram({ table, now }: Props) {
  const { name, states } = table;
  const before = useRef({ state: -1, from: -1 });
  const state = now?.state ?? -1;
  if (before.current.state !== state) before.current = { state, from: before.current.state };
  const { from } = before.current;
  const height = states.length * ROW + 8;
  const present = states[state];
  return (
    <section class="card table" aria-label={`Table ${name}`}>
      <div class="card-head">
        <h2>{name}</h2>
        {present === undefined ? (
          <Chip mood="plain">idle</Chip>
        ) : (
          <Chip mood={present.kind === 'asks' ? 'busy' : 'good'}>{present.name}</Chip>
        )}
      </div>
      <svg
        class="diagram"
        viewBox={`0 0 ${LEFT + WIDTH + 52} ${height}`}
        role="img"
        aria-label={`${name}: ${present === undefined ? 'in no state' : `in the state ${present.name}`}`}
      >
        {states.flatMap(({ to }, index) =>
          to.map(([target, outcomes]) => (
            <path
              key={`${index}-${target}`}
              class={`arc ${index === from && target === state ? 'taken' : ''} ${index === state ? 'possible' : ''}`}
              d={arc(index, target)}
            >
              <title>{`${states[index]?.name} → ${states[target]?.name}: ${outcomes.join(', ')}`}</title>
            </path>
          )),
        )}
        {states.map((each, index) => {
          const count = now?.entered[index] ?? 0;
          const y = index * ROW + 4;
          return (
            <g key={each.name} class={`state ${each.kind} ${index === state ? 'lit' : ''} ${count > 0 ? 'seen' : ''}`}>
              <title>{`${each.name}: ${each.step}${count > 0 ? `, entered ${count} times` : ''}`}</title>
              <rect x={LEFT} y={y} width={WIDTH} height={BOX} rx={7} />
              <text x={LEFT + 10} y={y + 16}>
                {each.name}
              </text>
              {count > 0 && (
                <text class="count" x={LEFT + WIDTH - 9} y={y + 16} text-anchor="end">
                  {count}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </section>
  );
}

function arc(from: number, to: number): string {
  const y = from * ROW + 4 + BOX / 2;
  const end = to * ROW + 4 + BOX / 2;
  const right = LEFT + WIDTH;
  if (from === to) return `M${right} ${y - 5}c14-6 14 16 0 10`;
  const reach = Math.min(46, 12 + Math.abs(to - from) * 7);
  if (to > from) return `M${right} ${y}C${right + reach} ${y} ${right + reach} ${end - 3} ${right} ${end - 3}`;
  return `M${LEFT} ${y}C${LEFT - reach} ${y} ${LEFT - reach} ${end + 3} ${LEFT} ${end + 3}`;
}
