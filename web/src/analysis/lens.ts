/**
 * The logit lens (nostalgebraist 2020): what the decoder would write, were it to stop earlier. Each row of its residual
 * stream goes through the norm behind the last layer and the output matrix, as the rows of the last layer do.
 */

// Shapes.  L rows, V target vocabulary.

import { highest } from "./highest.ts";

export interface Guess {
  readonly id: number;
  readonly probability: number;
}

/** What one row would say. */
export interface Reading {
  readonly guesses: readonly Guess[]; // the likeliest first, of equal ones the lowest id
  readonly written: number; // the probability of the piece that the model writes in the end
  readonly rank: number; // and its place among all pieces, from 1
}

/** Return what rows of logits [L, V] say; `written` is the piece that each row goes on to write. */
export function readings(logits_LV: Float32Array, written: readonly number[], count: number): Reading[] {
  const pieces = logits_LV.length / written.length;
  return written.map((id, row) => {
    const logits_V = logits_LV.subarray(row * pieces, (row + 1) * pieces);
    const peak = logits_V.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const total = logits_V.reduce((sum, logit) => sum + Math.exp(logit - peak), 0);
    const probability = (piece: number) => Math.exp(logits_V[piece] - peak) / total;
    let rank = 1;
    logits_V.forEach((logit, piece) => {
      if (logit > logits_V[id] || (logit === logits_V[id] && piece < id)) rank++;
    });
    const guesses = highest(logits_V, count).map((piece) => ({ id: piece, probability: probability(piece) }));
    return { guesses, written: probability(id), rank };
  });
}
