// SPDX-License-Identifier: Apache-2.0
/** Shows and changes the position in a recorded life. */

import { useState } from 'preact/hooks';
import { type Replay, SPEEDS } from '../replay.ts';
import { clockTime } from '../times.ts';
import { Chip } from './common.tsx';
import { Icon } from './icon.tsx';

interface Props {
  readonly replay: Replay;
  /** Called after a change that the page must show. */
  readonly onChange: () => void;
}

export function ReplayBar({ replay, onChange }: Props) {
  const { title, verdict, strikes, atMs, lengthMs, isPlaying, speed } = replay;
  const stepMs = Math.max(1, Math.round(lengthMs / 1000));
  const [isDetailed, setDetailed] = useState(false);
  const doing = (act: () => void) => () => {
    act();
    onChange();
  };
  return (
    <section class="replay" aria-label="Replay">
      <div class="replay-head">
        <code class="grow">fractus simulate {title}</code>
        {verdict !== undefined && (
          <button type="button" class="quiet" aria-expanded={isDetailed} onClick={() => setDetailed(!isDetailed)}>
            <Chip mood={verdict.held ? 'good' : 'bad'}>{verdict.held ? 'everything held' : 'did not hold'}</Chip>
          </button>
        )}
      </div>
      {isDetailed && <p class="small">{verdict?.text}</p>}
      <div class="replay-row">
        <button type="button" aria-label="One event back" disabled={atMs <= 0} onClick={doing(() => replay.step(-1))}>
          <Icon name="back" />
        </button>
        <button
          type="button"
          class="primary"
          aria-label={isPlaying ? 'Pause' : 'Play'}
          onClick={doing(() => (isPlaying ? replay.pause() : replay.play()))}
        >
          <Icon name={isPlaying ? 'pause' : 'play'} />
        </button>
        <button
          type="button"
          aria-label="One event on"
          disabled={atMs >= lengthMs}
          onClick={doing(() => replay.step(1))}
        >
          <Icon name="on" />
        </button>
        <div class="slider">
          <input
            type="range"
            min={0}
            max={Math.ceil(lengthMs / stepMs) * stepMs}
            step={stepMs}
            value={atMs}
            aria-label="Moment"
            aria-valuetext={`${clockTime(atMs)} of ${clockTime(lengthMs)}`}
            onInput={(event) => {
              replay.pause();
              replay.seek(Number(event.currentTarget.value));
              onChange();
            }}
          />
          {strikes.map((strike) => (
            <i
              key={`${strike.atMs}-${strike.fault}`}
              title={`${clockTime(strike.atMs)} ${strike.fault}`}
              style={{ '--at': strike.atMs / Math.max(1, lengthMs) }}
            />
          ))}
        </div>
        <span class="mono">
          {clockTime(atMs)} <span class="dim">of {clockTime(lengthMs)}</span>
        </span>
        <select
          aria-label="Speed"
          value={String(speed)}
          onInput={(event) => {
            replay.speed = Number(event.currentTarget.value);
            onChange();
          }}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={String(each)}>
              {each}×
            </option>
          ))}
        </select>
      </div>
    </section>
  );
}
