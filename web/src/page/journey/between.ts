/** Numbers between those of a trace, as `model/sums.ts` names and explains them: here a row of them at a time, to be shown. */

// Shapes.  L rows that look, K rows that are looked at, N heads, G key and value heads, H head width, D model width.

import type { ModelConfig } from "../../model/architecture.ts";
import { row } from "../../model/places.ts";
import type { Attention, Recurrence } from "../../model/trace_types.ts";
import { shared } from "./scene.ts";

/** Return query · key of a row with every key [K]. */
export function products(config: ModelConfig, attention: Attention, head: number, line: number): Float32Array {
  const query = row(attention.query_turned ?? attention.query, line, head);
  const keys = attention.key_turned ?? attention.key;
  return Float32Array.from({ length: keys.shape[0] }, (_, key) => {
    return row(keys, key, shared(config, head)).reduce((sum, one, at) => sum + one * query[at], 0);
  });
}

/** Return e^(score - the largest) [K], 0 where a mask hides the score. */
export function powers(scores_K: Float32Array): Float32Array {
  const peak = scores_K.reduce((most, one) => Math.max(most, one), -Infinity);
  return scores_K.map((one) => Math.exp(one - peak));
}

/**
 * Return how much of each state of a cell is from what each step took in [T, T]: the share that the step took,
 * 1 - forget, times what all gates since then left of it, the mean over the dimensions.
 */
export function remembered({ forget: { shape, values } }: Recurrence): Float32Array {
  const [steps, width] = shape;
  const shares_TT = new Float32Array(steps * steps);
  const left_TD = new Float32Array(steps * width); // of what each step took in
  for (let step = 0; step < steps; step++) {
    for (let before = 0; before <= step; before++) {
      let total = 0;
      for (let at = 0; at < width; at++) {
        const gate = values[step * width + at];
        const left = before === step ? 1 - gate : left_TD[before * width + at] * gate;
        left_TD[before * width + at] = left;
        total += left;
      }
      shares_TT[step * steps + before] = total / width;
    }
  }
  return shares_TT;
}

/** Return the mean of a vector that its norm takes away (0 for rms), and what it divides by. */
export function moments(
  { norm_kind, norm_epsilon }: ModelConfig,
  x_D: Float32Array,
): [mean: number, deviation: number] {
  const meanOf = (part: (x: number) => number) => x_D.reduce((sum, x) => sum + part(x), 0) / x_D.length;
  const mean = norm_kind === "rms" ? 0 : meanOf((x) => x);
  return [mean, Math.sqrt(meanOf((x) => (x - mean) ** 2) + norm_epsilon)];
}

/** Return the length of a vector. */
export function length(x_D: Float32Array): number {
  return Math.hypot(...x_D);
}

/** Return the cosine of the angle between two vectors, 0 where one has no length. */
export function cosine(x_D: Float32Array, y_D: Float32Array): number {
  const both = length(x_D) * length(y_D);
  return both ? x_D.reduce((sum, x, at) => sum + x * y_D[at], 0) / both : 0;
}
