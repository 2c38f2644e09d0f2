import { type App, measurement } from 'fractus';

const AIR = measurement({
  type: 'c8y_TemperatureMeasurement',
  fragments: { c8y_TemperatureMeasurement: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});

/** What the device reports and does. It knows nothing of a board, so it runs on your desk and in tests, too. */
export const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  if (thermometer === undefined) return;
  board.sensor({ reports: AIR, sensor: thermometer });
  board.command({ name: 'warm', help: 'how warm it is', run: () => `${thermometer.sample()?.temperature} °C` });
};
