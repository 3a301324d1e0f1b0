/**
 * Attention: each query looks at all keys it may look at, and takes their values in those shares.
 *
 * Keys and values are kept by position, so that a decoder adds one of each a step, and hypotheses that go on from the
 * same pieces share theirs.
 */

// Shapes.  L queries, K keys, N heads, G key and value heads, H head width, D = N·H.

import { alibiSlope } from "./positions.ts";

/** The keys and values [G·H] of the positions that can be looked at, in order. */
export class Memory {
  private constructor(
    readonly keys: Float32Array[],
    readonly values: Float32Array[],
  ) {}

  static empty(): Memory {
    return new Memory([], []);
  }

  /** Take the key and the value of the position that follows. */
  add(key_D: Float32Array, value_D: Float32Array): void {
    this.keys.push(key_D);
    this.values.push(value_D);
  }

  /** Return a memory that begins with the same positions and then goes its own way. */
  fork(): Memory {
    return new Memory([...this.keys], [...this.values]);
  }
}

/** A query's row: what it looks into, how many positions of that it sees, from the first; its own place. */
export interface View {
  readonly memory: Memory;
  readonly count: number;
  readonly place: number;
}

export interface Heads {
  readonly heads: number; // N
  readonly keyValueHeads: number; // G: head j of them serves the query heads j·N/G and on (Ainslie et al. 2023)
  readonly width: number; // H
  readonly scale: number; // 1/√H in Vaswani et al. 2017, equation 1
  readonly slopes: boolean; // ALiBi (Press et al. 2022): -slope · |query - key| is added to scores
}

export interface Looks {
  readonly scores_NLK: Float32Array; // -Infinity where a query does not look
  readonly weights_NLK: Float32Array; // 0 there
  readonly seen_LD: Float32Array; // the values in these shares, heads side by side
  readonly most: number; // K
}

/** Return how much each query [L, N·H] looks at each key, softmax(q kᵀ · scale + bias), and what it takes. */
export function attend(query_LD: Float32Array, views: readonly View[], shape: Heads): Looks {
  const { heads, width } = shape;
  const most = views.reduce((longest, { count }) => Math.max(longest, count), 0);
  const scores_NLK = new Float32Array(views.length * heads * most).fill(-Infinity);
  const weights_NLK = new Float32Array(scores_NLK.length);
  const seen_LD = new Float32Array(query_LD.length);
  views.forEach(({ memory, count, place }, row) => {
    for (let head = 0; head < heads; head++) {
      const first = (head * views.length + row) * most;
      const own = Math.floor((head * shape.keyValueHeads) / heads) * width; // where its part of keys and values begins
      const query = (row * heads + head) * width;
      const slope = shape.slopes ? alibiSlope(head, heads) : 0;
      for (let key = 0; key < count; key++) {
        const key_D = memory.keys[key];
        let score = 0;
        for (let at = 0; at < width; at++) score += query_LD[query + at] * key_D[own + at];
        scores_NLK[first + key] = score * shape.scale - slope * Math.abs(place - key);
      }
      softmax(scores_NLK.subarray(first, first + count), weights_NLK.subarray(first, first + count));
      for (let key = 0; key < count; key++) {
        const value_D = memory.values[key];
        const weight = weights_NLK[first + key];
        for (let at = 0; at < width; at++) seen_LD[query + at] += weight * value_D[own + at];
      }
    }
  });
  return { scores_NLK, weights_NLK, seen_LD, most };
}

/** Write the shares e^score / Σ e^score; scores are taken relative to the largest, so that none overflows. */
export function softmax(scores_K: Float32Array, weights_K: Float32Array): void {
  const peak = scores_K.reduce((most, score) => Math.max(most, score), -Infinity);
  let total = 0;
  for (const score of scores_K) total += Math.exp(score - peak);
  for (let key = 0; key < scores_K.length; key++) weights_K[key] = Math.exp(scores_K[key] - peak) / total;
}
