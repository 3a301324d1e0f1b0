/**
 * What a sample is drawn from, and how: the model's distribution, sharpened, and the inverse of its running sum.
 *
 * Forbidden pieces leave first; then come temperature, `top_k` and `top_p` (nucleus: Holtzman et al. 2020), in this
 * order, and what is left is divided by its sum.
 */

// Shapes.  V target vocabulary.

import type { DecodeOptions } from "./options.ts";

export type Draws = Pick<DecodeOptions, "temperature" | "top_k" | "top_p">;

/**
 * Return what is drawn from [V], which sums to one; forbidden logits are -Infinity.
 *
 * Of equally likely pieces at the edge of `top_k` or `top_p` the lowest ids stay.
 */
export function distribution(logits_V: Float32Array, options: Draws): Float64Array {
  const heat = options.temperature ?? 1;
  const peak = logits_V.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const p_V = divided(Float64Array.from(logits_V, (logit) => Math.exp((logit - peak) / heat)));
  const { top_k, top_p } = options;
  if (top_k === null && top_p === null) return p_V;
  const order = Array.from(p_V.keys()).sort((one, other) => logits_V[other] - logits_V[one]);
  if (top_k !== null) {
    for (const id of order.slice(top_k)) p_V[id] = 0;
    divided(p_V);
  }
  if (top_p !== null && top_p < 1) {
    let before = 0; // the sum of those that are likelier; the likeliest always stays
    order.forEach((id, place) => {
      const own = p_V[id];
      if (place > 0 && before >= top_p) p_V[id] = 0;
      before += own;
    });
    divided(p_V);
  }
  return p_V;
}

/** Return the first id whose running sum is above u, with u in [0, 1). */
export function draw(p_V: Float64Array, u: number): number {
  const all = p_V.reduce((total, p) => total + p, 0);
  let reached = 0;
  return p_V.findIndex((p) => (reached += p) / all > u); // the last sum is `all` itself, so above every u
}

/** Divide by the sum, in place. */
function divided(p_V: Float64Array): Float64Array {
  const all = p_V.reduce((total, p) => total + p, 0);
  for (let id = 0; id < p_V.length; id++) p_V[id] /= all;
  return p_V;
}
