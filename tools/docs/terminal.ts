// SPDX-License-Identifier: Apache-2.0
/**
 * Renders text with SGR colours as SVG. Supports only the codes that the tools write: single foreground colours, dim,
 * reset.
 */

const COLUMN = 8.4;
const ROW = 19;
const PADDING = 18;
const TITLE = 34;
const BACKGROUND = '#16191f';
const FOREGROUND = '#d5d9e0';

/** SGR code → colour. */
const COLOURS: Readonly<Record<number, string>> = {
  0: FOREGROUND,
  2: '#7d8590',
  22: FOREGROUND,
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
  39: FOREGROUND,
};

interface Run {
  readonly text: string;
  readonly column: number;
  readonly colour: string;
}

/** @throws RangeError for an unknown escape sequence */
export function renderTerminal(output: string, options: { title: string }): string {
  const lines = output.trimEnd().split('\n').map(runsOf);
  const columns = Math.max(...lines.flat().map(({ text, column }) => column + [...text].length), 60);
  const width = Math.ceil(columns * COLUMN + 2 * PADDING);
  const height = lines.length * ROW + TITLE + 2 * PADDING;
  const texts = lines.flatMap((runs, row) => runs.map((run) => textElement(run, row)));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(options.title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<rect width="${width}" height="${TITLE}" rx="8" fill="#232830"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" xml:space="preserve">',
    `<text x="${width / 2}" y="22" text-anchor="middle" fill="#9aa4b2">${escaped(options.title)}</text>`,
    ...texts,
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

/** A text of fixed width, so that columns line up in any font. */
function textElement({ text, column, colour }: Run, row: number): string {
  const x = (PADDING + column * COLUMN).toFixed(1);
  const y = TITLE + PADDING + row * ROW + 13;
  const length = ([...text].length * COLUMN).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${colour}">${escaped(text)}</text>`;
}

function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let colour = FOREGROUND;
  let column = 0;
  for (const piece of line.split(/(\u001b\[[\d;]*[A-Za-z])/)) {
    if (piece.startsWith('\u001b')) {
      colour = colourOf(piece);
      continue;
    }
    const text = piece.trimEnd();
    const indent = text.length - text.trimStart().length;
    if (text !== '') runs.push({ text: text.trimStart(), column: column + indent, colour });
    column += [...piece].length;
  }
  return runs;
}

function colourOf(sequence: string): string {
  const colour = COLOURS[Number(/^\u001b\[(\d+)m$/.exec(sequence)?.[1] ?? Number.NaN)];
  if (colour === undefined) throw new RangeError(`unknown escape sequence ${JSON.stringify(sequence)}`);
  return colour;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
