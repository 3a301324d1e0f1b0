/**
 * Numbers of a trace by name: the path of a tensor in the trace, such as `encoder.layers.0.self_attention.query`, and a
 * place in it for each dimension.
 *
 * Some numbers on the way are in no trace, for they follow from others; `sums.ts` computes them under names of their own:
 *
 * | path | what it is |
 * |---|---|
 * | (an embedding)`.angles` [L, D] | place · frequency, whose sine or cosine is a sinusoidal position |
 * | (an attention)`.products` [N, L, K] | query · key |
 * | (an attention)`.powers` [N, L, K] | e^(score - the row's largest) |
 * | (an attention)`.totals` [N, L] | their sum over K |
 * | (a norm)`.mean` [L], `.centred` [L, D], `.deviation` [L] | the row's mean, x - mean, √(mean of centred² + ε) |
 * | (a recurrence)`.rest` [L, D] | 1 - the forget gate |
 * | (a feed-forward)`.gated` [L, F] | SiLU(gate) |
 * | `steps.T`.`powers` [V], `.total` [], `.log_total` [] | e^(logit - the largest), their sum, its logarithm |
 * | `steps.T`.`probability` [V], `.log_probability` [V] | of every piece |
 */

// Shapes.  L rows, K rows that are looked at, D model width, N heads, F feed-forward width, V target vocabulary.

import type { Tensor, Trace } from "./trace_types.ts";

export interface Place {
  readonly path: string;
  readonly at: readonly number[]; // a place in every dimension
}

/** Return the tensor of a trace by its path, null where this model has none there, undefined for any other path. */
export function tensorOf(trace: Trace, path: string): Tensor | null | undefined {
  let found: unknown = trace;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  if (typeof found === "number") return { shape: [], values: Float32Array.of(found) };
  if (found === null) return null;
  return typeof found === "object" && "shape" in found && "values" in found ? (found as Tensor) : undefined;
}

/** Return where a number lies in a tensor's values; throws an Error for a place outside. */
export function offset(shape: readonly number[], { path, at }: Place): number {
  const inside =
    at.length === shape.length && at.every((one, axis) => Number.isInteger(one) && 0 <= one && one < shape[axis]);
  if (!inside) throw new Error(`${path} has the shape [${shape}], so no number at [${at}]`);
  return at.reduce((place, one, axis) => place * shape[axis] + one, 0);
}

/** Return the last dimension of a tensor at a place in all others. */
export function row({ shape, values }: Tensor, ...at: number[]): Float32Array {
  const width = shape.at(-1)!;
  const first = at.reduce((place, one, axis) => place * shape[axis] + one, 0) * width;
  return values.subarray(first, first + width);
}

/** Write a place as text, such as `memory:3,0`. */
export function written({ path, at }: Place): string {
  return `${path}:${at.join(",")}`;
}

/** Read a place; null for a text that is none. */
export function placeOf(text: string): Place | null {
  const found = /^([\w.]{1,200}):(\d{1,7}(?:,\d{1,7}){0,2})?$/.exec(text);
  return found ? { path: found[1], at: found[2] === undefined ? [] : found[2].split(",").map(Number) } : null;
}
