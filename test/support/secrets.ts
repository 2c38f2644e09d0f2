// SPDX-License-Identifier: Apache-2.0
/** Pieces of secrets: long enough to mean something, short enough to be found in a line that shows half of one. */
const PIECE = 12;

/**
 * The lines that hold a piece of a secret.
 * @param secrets tokens, passwords, or PEM of a key
 */
export function leaks(lines: readonly string[], secrets: readonly string[]): string[] {
  const pieces = secrets.flatMap((secret) => piecesOf(secret.replace(/-----[A-Z ]+-----|\s/g, '')));
  return lines.filter((line) => /bearer|authorization/i.test(line) || pieces.some((piece) => line.includes(piece)));
}

function piecesOf(secret: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at + PIECE <= secret.length; at += PIECE) pieces.push(secret.slice(at, at + PIECE));
  return pieces;
}
