// SPDX-License-Identifier: Apache-2.0
/** A form for each operation that the device offers, and free JSON for all others. */

import { useState } from 'preact/hooks';
import type { ObjectNote } from '../../tools/platform/messages.ts';
import { type Field, type Form, formOf, fragmentOf, fragmentsOf } from '../../tools/platform/stream/forms.ts';
import { api } from '../api.ts';
import { Card, Empty, objectOf } from './common.tsx';

const FREE = 'JSON';

export function Forms({ device }: { readonly device: ObjectNote }) {
  const [chosen, setChosen] = useState('c8y_Command');
  const supported = device.fragments['c8y_SupportedOperations'];
  const names = Array.isArray(supported) ? supported.map(String) : [];
  if (names.length === 0) {
    return (
      <Card title="Send an operation">
        <Empty>This device says that it supports none.</Empty>
      </Card>
    );
  }
  const offered = names.map((name) => formOf(name) ?? plainForm(name));
  const form = offered.find(({ operation }) => operation === chosen) ?? offered[0];
  return (
    <Card title="Send an operation">
      <div class="tabs" role="group" aria-label="Operation">
        {[...offered, { operation: FREE, title: 'JSON' }].map(({ operation, title }) => (
          <button
            key={operation}
            type="button"
            aria-pressed={operation === chosen}
            onClick={() => setChosen(operation)}
          >
            {title}
          </button>
        ))}
      </div>
      {chosen === FREE ? (
        <FreeForm key={FREE} deviceId={device.id} />
      ) : (
        form !== undefined && <OperationForm key={form.operation} form={form} deviceId={device.id} />
      )}
    </Card>
  );
}

/** A form for an undescribed operation: its fragment as JSON. */
function plainForm(operation: string): Form {
  const title = operation.replace(/^c8y_/, '');
  return { operation, title, meaning: '', fields: [{ name: '', label: 'Fragment', kind: 'lines', value: '{}' }] };
}

function OperationForm({ form, deviceId }: { readonly form: Form; readonly deviceId: string }) {
  const { operation, title, meaning, fields } = form;
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  );
  const send = () => {
    const [first] = fields;
    const isWhole = first?.name === '' && first.kind === 'lines';
    const fragment = isWhole ? objectOf(JSON.parse(values[''] ?? '{}')) : fragmentOf(form, values);
    return api.operate(deviceId, fragmentsOf(operation, fragment));
  };
  return (
    <Sender title={title} meaning={meaning} send={send}>
      {fields.map((field) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the control is in Input
        <label key={field.name}>
          <span>{field.label}</span>
          <Input
            field={field}
            value={values[field.name] ?? ''}
            onValue={(value) => setValues({ ...values, [field.name]: value })}
          />
        </label>
      ))}
    </Sender>
  );
}

function FreeForm({ deviceId }: { readonly deviceId: string }) {
  const [text, setText] = useState('{\n  "c8y_Command": { "text": "help" }\n}');
  return (
    <Sender
      title="JSON"
      meaning="Any operation; the deviceId is added."
      send={() => api.operate(deviceId, objectOf(JSON.parse(text)))}
    >
      <label>
        <span>Operation</span>
        <textarea rows={5} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
    </Sender>
  );
}

interface SenderProps {
  readonly title: string;
  readonly meaning: string;
  readonly send: () => Promise<unknown>;
  readonly children: preact.ComponentChildren;
}

function Sender({ title, meaning, send, children }: SenderProps) {
  const [said, setSaid] = useState({ mood: '', text: '' });
  const onSubmit = async () => {
    try {
      await send();
      setSaid({ mood: 'good', text: 'sent' });
    } catch (error) {
      setSaid({ mood: 'bad', text: (error as Error).message });
    }
  };
  return (
    <form
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      {meaning !== '' && <p class="dim small">{meaning}</p>}
      {children}
      <div class="form-end">
        <button type="submit" class="primary">
          Send
        </button>
        <output class={said.mood}>{said.text}</output>
      </div>
    </form>
  );
}

function Input({ field, value, onValue }: { field: Field; value: string; onValue: (value: string) => void }) {
  const { kind, choices = [] } = field;
  if (kind === 'lines') {
    return (
      <textarea rows={3} spellcheck={false} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
    );
  }
  if (kind === 'choice') {
    return (
      <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  const type = kind === 'time' ? 'datetime-local' : kind;
  return <input type={type} value={value} onInput={(event) => onValue(event.currentTarget.value)} />;
}
