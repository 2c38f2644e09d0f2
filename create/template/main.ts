import { start } from 'fractus/board';
import { bme68x } from 'fractus/sensors';
import { app } from './app.ts';

/** The parts connected to this board, and the app that uses them. */
export default function main(): void {
  start(app, { sensors: { thermometer: bme68x({ address: 0x77 }) } });
}
