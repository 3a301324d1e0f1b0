/**
 * Two lenses on what a row of numbers stands for, in pieces: the logit lens (nostalgebraist 2020), what the decoder
 * would write were it to stop earlier, and the nearest embeddings, what a row of the encoder is most like.
 */

// Shapes.  L rows, D width, V pieces.

import { cosines } from "./neighbours.ts";
import { type Ranking, ranking } from "./ranking.ts";

/** Return the probabilities that rows of logits [L, V] stand for, ranked, seen from the piece that each row writes. */
export function wouldSay(logits_LV: Float32Array, written: readonly number[], count: number): Ranking[] {
  return rows(logits_LV, written.length).map((logits_V, row) => {
    const peak = logits_V.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const total = logits_V.reduce((sum, logit) => sum + Math.exp(logit - peak), 0);
    const probabilities_V = Float64Array.from(logits_V, (logit) => Math.exp(logit - peak) / total);
    return ranking(probabilities_V, written[row], count);
  });
}

/** Return the cosines of rows [L, D] with all embeddings [V, D], ranked, seen from the piece that each row began as. */
export function isLike(x_LD: Float32Array, table_VD: Float32Array, began: readonly number[], count: number): Ranking[] {
  const cosines_LV = cosines(x_LD, table_VD, x_LD.length / began.length);
  return rows(cosines_LV, began.length).map((cosines_V, row) =>
    ranking(Float64Array.from(cosines_V), began[row], count),
  );
}

function rows(values: Float32Array, count: number): Float32Array[] {
  const width = values.length / count;
  return Array.from({ length: count }, (_, row) => values.subarray(row * width, (row + 1) * width));
}
