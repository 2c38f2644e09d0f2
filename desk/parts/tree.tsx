// SPDX-License-Identifier: Apache-2.0
/** The inventory as a tree, in which changes flash. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ObjectNote } from '../../tools/platform/messages.ts';
import type { Json } from '../../tools/platform/model.ts';
import { Card } from './common.tsx';

const FLASH_MS = 1600;

export function Inventory({ device }: { readonly device: ObjectNote }) {
  const names = Object.keys(device.fragments).sort();
  return (
    <Card title="Inventory">
      <ul class="tree" aria-label="Fragments">
        {names.map((name) => (
          <Node key={name} name={name} value={device.fragments[name] ?? null} />
        ))}
      </ul>
    </Card>
  );
}

function Node({ name, value }: { readonly name: string; readonly value: Json }) {
  const isFlashing = useFlash(JSON.stringify(value));
  const kind = isFlashing ? 'flash' : undefined;
  if (typeof value !== 'object' || value === null) {
    return (
      <li class={kind}>
        <span class="key">{name}</span> <span class={`leaf ${typeof value}`}>{JSON.stringify(value)}</span>
      </li>
    );
  }
  const entries = Object.entries(value);
  if (entries.length === 0) {
    return (
      <li class={kind}>
        <span class="key">{name}</span> <span class="leaf dim">{Array.isArray(value) ? '[]' : '{}'}</span>
      </li>
    );
  }
  return (
    <li class={kind}>
      <details>
        <summary>
          <span class="key">{name}</span> <span class="dim">{brief(value)}</span>
        </summary>
        <ul>
          {entries.map(([key, each]) => (
            <Node key={key} name={key} value={each} />
          ))}
        </ul>
      </details>
    </li>
  );
}

function brief(value: object): string {
  const text = JSON.stringify(value);
  return text.length <= 48 ? text : `${text.slice(0, 47)}…`;
}

/** True for a moment after the text has changed. */
function useFlash(text: string): boolean {
  const before = useRef(text);
  const [isFlashing, setFlashing] = useState(false);
  useEffect(() => {
    if (before.current === text) return;
    before.current = text;
    setFlashing(true);
    const timer = setTimeout(() => setFlashing(false), FLASH_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return isFlashing;
}
