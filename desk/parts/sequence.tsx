// SPDX-License-Identifier: Apache-2.0
/**
 * Exchanges as a sequence diagram: the device's two connections on the left, the platform on the right, time downwards.
 */

import type { ExchangeNote } from '../../tools/platform/messages.ts';
import { bytes, duration, exactTime, timeOfDay } from '../times.ts';

export type Lane = 'poll' | 'requests' | 'operator';

/** Exchanges of Bayeux use a connection of their own; an operator is on the other side. */
export function laneOf({ path, user }: ExchangeNote): Lane {
  if (user === 'operator') return 'operator';
  return path.startsWith('/notification/') ? 'poll' : 'requests';
}

export function moodOf({ status, endedMs }: ExchangeNote): string {
  if (endedMs === undefined) return 'open';
  if (status === 0 || (status ?? 0) >= 500 || status === 429) return 'bad';
  return (status ?? 0) >= 400 && status !== 404 ? 'bad' : 'good';
}

interface Row {
  readonly kind: 'call' | 'ask' | 'end';
  readonly exchange: ExchangeNote;
}

const ROW = { call: 46, ask: 34, end: 34 };
/** Distance of an operator to the right of the platform. */
export const OPERATOR = 92;
const TOP = 8;
/** From this width on, there is room for times, sizes and steps. */
const WIDE = 560;

/** Positions of the life lines. */
interface Lanes {
  readonly poll: number;
  readonly requests: number;
  readonly platform: number;
  readonly isWide: boolean;
}

export function lanesOf(width: number): Lanes {
  const isWide = width > WIDE;
  if (!isWide) return { poll: 20, requests: 76, platform: Math.max(200, width - 46), isWide };
  return { poll: 104, requests: 172, platform: width - 150, isWide };
}

interface Props {
  readonly exchanges: readonly ExchangeNote[];
  /** Width in units of the drawing. */
  readonly width: number;
  /** Pixels per unit. */
  readonly scale: number;
  readonly chosen: number | undefined;
  readonly onChoose: (request: number) => void;
}

export function Sequence({ exchanges, width, scale, chosen, onChoose }: Props) {
  const rows = rowsOf(exchanges);
  const lanes = lanesOf(width);
  const clocks = clocksOf(rows);
  const tops: number[] = [];
  let bottom = TOP;
  for (const { kind } of rows) {
    tops.push(bottom);
    bottom += ROW[kind];
  }
  bottom += 16;
  return (
    <svg
      class="sequence"
      width={width * scale}
      height={bottom * scale}
      viewBox={`0 0 ${width} ${bottom}`}
      role="group"
      aria-label="Exchanges"
    >
      {[lanes.poll, lanes.requests, lanes.platform, lanes.platform + OPERATOR].map((x) => (
        <line key={x} class="life-line" x1={x} x2={x} y1={0} y2={bottom} />
      ))}
      {rows.map(({ kind, exchange }, i) => {
        if (kind !== 'end') return null;
        const from = rows.findIndex((row) => row.kind === 'ask' && row.exchange.request === exchange.request);
        return (
          <Bar
            key={`bar-${exchange.request}`}
            exchange={exchange}
            x={clientX(exchange, lanes)}
            top={(tops[from] ?? 0) + 22}
            bottom={(tops[i] ?? 0) + 20}
          />
        );
      })}
      {rows.map(({ kind, exchange }, i) => {
        const isHeld = kind === 'ask' && exchange.endedMs === undefined;
        const top = tops[i] ?? 0;
        return (
          <g key={`${kind}-${exchange.request}`}>
            {isHeld && <Bar exchange={exchange} x={clientX(exchange, lanes)} top={top + 22} bottom={bottom} />}
            <Arrow
              kind={kind}
              exchange={exchange}
              top={top}
              lanes={lanes}
              clock={clocks[i] ?? ''}
              isChosen={chosen === exchange.request}
              onChoose={onChoose}
            />
          </g>
        );
      })}
    </svg>
  );
}

/** Position of a client's line. */
function clientX(exchange: ExchangeNote, { poll, requests, platform }: Lanes): number {
  const lane = laneOf(exchange);
  return lane === 'poll' ? poll : lane === 'requests' ? requests : platform + OPERATOR;
}

/** The time of each row, if its second differs from that of the row above. */
function clocksOf(rows: readonly Row[]): string[] {
  let last = '';
  return rows.map(({ kind, exchange: { askedMs, endedMs = askedMs } }) => {
    const clock = timeOfDay(kind === 'end' ? endedMs : askedMs);
    const isNew = clock !== last;
    last = clock;
    return isNew ? clock : '';
  });
}

interface BarProps {
  readonly exchange: ExchangeNote;
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

function Bar({ exchange, x, top, bottom }: BarProps) {
  const isOpen = exchange.endedMs === undefined;
  return (
    <rect
      class={`bar ${isOpen ? 'open' : moodOf(exchange)}`}
      x={x - 5}
      width={10}
      y={top}
      height={Math.max(6, bottom - top)}
      rx={5}
    >
      <title>
        {isOpen ? 'held' : `held for ${duration((exchange.endedMs ?? 0) - exchange.askedMs)}`}: {exchange.label}
      </title>
    </rect>
  );
}

interface ArrowProps {
  readonly kind: Row['kind'];
  readonly exchange: ExchangeNote;
  readonly top: number;
  readonly lanes: Lanes;
  /** Empty: the same as in the row above. */
  readonly clock: string;
  readonly isChosen: boolean;
  readonly onChoose: (request: number) => void;
}

function Arrow({ kind, exchange, top, lanes, clock, isChosen, onChoose }: ArrowProps) {
  const { request, label, step, status, askedMs, endedMs, sentBytes, answerBytes, retryAfterMs, method } = exchange;
  const { platform: platformX, requests: requestsX, isWide } = lanes;
  const x = clientX(exchange, lanes);
  const isOperator = x > platformX;
  const [there, back] = !isOperator ? ['m-7-4 7 4-7 4', 'm7-4-7 4 7 4'] : ['m7-4-7 4 7 4', 'm-7-4 7 4-7 4'];
  const mood = moodOf(exchange);
  const height = ROW[kind];
  const askY = top + 20;
  const answerY = kind === 'call' ? top + 36 : top + 20;
  const answer = status === undefined ? 'held' : status === 0 ? 'cut' : String(status);
  const took = endedMs === undefined ? '' : ` · ${duration(endedMs - askedMs)}`;
  const again = retryAfterMs === undefined ? '' : `again after ${duration(retryAfterMs)}`;
  const size = `${bytes(sentBytes)} → ${bytes(answerBytes)}`;
  const choose = () => onChoose(request);
  return (
    <g
      class={`arrow ${mood} ${isChosen ? 'chosen' : ''}`}
      role="button"
      // Attribute names in SVG are case-sensitive: `tabindex`, not `tabIndex`.
      tabindex={0}
      data-label={label}
      data-status={status ?? ''}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        choose();
      }}
    >
      <rect class="hit" x={2} y={top + 1} width={platformX + OPERATOR + 30} height={height - 2} rx={6}>
        <title>{`${exactTime(askedMs)} ${method} ${exchange.path}`}</title>
      </rect>
      {isWide && clock !== '' && (
        <text class="moment" x={10} y={top + 24}>
          {clock}
        </text>
      )}
      {kind !== 'end' && (
        <>
          <path class="line" d={`M${x} ${askY}H${platformX}${there}`} />
          <text x={requestsX + 12} y={askY - 6}>
            {isWide && <tspan class="step">{step} </tspan>}
            <tspan dx={step === '' || !isWide ? 0 : 7} class="label">
              {label}{' '}
            </tspan>
            {again !== '' && (
              <tspan dx={8} class="again">
                ↻ {again}{' '}
              </tspan>
            )}
          </text>
          <text class="time" x={platformX - 10} y={askY - 6} text-anchor="end">
            {isWide ? size : ''}{' '}
          </text>
          <text class="clock" x={platformX + 6} y={isOperator ? askY - 6 : askY + 4}>
            #{request}{' '}
          </text>
        </>
      )}
      {kind !== 'ask' && (
        <>
          <path class="line answer" d={`M${platformX} ${answerY}H${x}${back}`} />
          <text class="status" x={platformX - 10} y={answerY - 5} text-anchor="end">
            {kind === 'end' ? `${label} ` : ''}
            {answer}
            {took}
          </text>
          {status === 0 && <path class="cross" d={`M${(x + platformX) / 2 - 5} ${answerY - 5}l10 10m0-10-10 10`} />}
        </>
      )}
    </g>
  );
}

/** Rows of the diagram: an exchange that was answered before anything else happened is one row, a held one is two. */
function rowsOf(exchanges: readonly ExchangeNote[]): Row[] {
  const moments = exchanges.flatMap((exchange) => [
    { ms: exchange.askedMs, isEnd: false, exchange },
    ...(exchange.endedMs === undefined ? [] : [{ ms: exchange.endedMs, isEnd: true, exchange }]),
  ]);
  moments.sort((a, b) => a.ms - b.ms || a.exchange.request - b.exchange.request || Number(a.isEnd) - Number(b.isEnd));
  const rows: Row[] = [];
  for (let i = 0; i < moments.length; i++) {
    const moment = moments[i];
    if (moment === undefined) continue;
    const next = moments[i + 1];
    const { exchange, isEnd } = moment;
    if (isEnd) rows.push({ kind: 'end', exchange });
    else if (next?.isEnd === true && next.exchange.request === exchange.request && isShort(exchange)) {
      rows.push({ kind: 'call', exchange });
      i += 1;
    } else rows.push({ kind: 'ask', exchange });
  }
  return rows;
}

function isShort({ askedMs, endedMs = askedMs }: ExchangeNote): boolean {
  return endedMs - askedMs < 1000;
}
