// SPDX-License-Identifier: Apache-2.0
/** The desk: reads the stream and shows it. */

import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/parts.css';
import './style/views.css';
import { render } from 'preact';
import { api } from './api.ts';
import { App } from './app.tsx';
import { Store } from './store.ts';

const root = document.createElement('div');
root.id = 'desk';
document.body.append(root);

const draw = () => render(<App store={store} />, root);
const store = new Store(draw);
draw();
store.connect();

/** A link can start a scenario, as `/?scenario=power-cut#/trouble`. */
const scenario = new URLSearchParams(location.search).get('scenario');
if (scenario !== null) {
  void api.begin(scenario).catch((error: Error) => {
    store.take({
      kind: 'told',
      number: 0,
      timeMs: Date.now(),
      told: { who: 'somebody', text: `scenario ${scenario}: ${error.message}`, mood: 'bad', more: [] },
    });
  });
}
