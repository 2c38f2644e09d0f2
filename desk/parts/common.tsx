// SPDX-License-Identifier: Apache-2.0
/** Small components that several views share. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ObjectNote } from '../../tools/platform/messages.ts';
import type { Json, JsonObject } from '../../tools/platform/model.ts';

export function nameOf({ id, fragments }: ObjectNote): string {
  const { name } = fragments;
  return typeof name === 'string' && name !== '' ? name : `object ${id}`;
}

export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

interface CardProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A part of a view, with a heading of its own. */
export function Card({ title, aside, class: kind = '', children }: CardProps) {
  return (
    <section class={`card ${kind}`} aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A word with a colour, for states. */
export function Chip({ mood, children }: { readonly mood: string; readonly children: ComponentChildren }) {
  return <span class={`chip ${mood}`}>{children}</span>;
}

interface ButtonProps {
  readonly run: () => Promise<unknown> | unknown;
  readonly class?: string;
  readonly label?: string;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}

/** A button that shows the error of its action below itself. */
export function Button({ run, class: kind, label, disabled = false, children }: ButtonProps) {
  const [trouble, setTrouble] = useState('');
  const onClick = async () => {
    try {
      setTrouble('');
      await run();
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <>
      <button type="button" class={kind} aria-label={label} disabled={disabled} onClick={() => void onClick()}>
        {children}
      </button>
      {trouble !== '' && (
        <span class="trouble-text" role="alert">
          {trouble}
        </span>
      )}
    </>
  );
}

const severities = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];

export function severityMood(severity: string): string {
  return ['critical', 'major', 'minor', 'warning'][severities.indexOf(severity)] ?? 'plain';
}
