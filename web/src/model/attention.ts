/**
 * Attention: each query looks at all keys it may look at, and takes their values in those shares.
 *
 * Keys and values are kept by position, so that a decoder adds one of each a step, and hypotheses that go on from the
 * same pieces share theirs.
 */

// Shapes.  L queries, K keys, N heads, G key and value heads, H head width, D = N·H.

import { alibiSlope } from "./positions.ts";

/** The keys and values [G·H] of the positions that can be looked at, in order, and the places that they have. */
export class Memory {
  private constructor(
    readonly keys: Float32Array[],
    readonly values: Float32Array[],
    readonly places: number[],
  ) {}

  static empty(): Memory {
    return new Memory([], [], []);
  }

  /** Take the key and the value of the position that follows. */
  add(key_D: Float32Array, value_D: Float32Array, place: number): void {
    this.keys.push(key_D);
    this.values.push(value_D);
    this.places.push(place);
  }

  /** Return a memory that begins with the same positions and then goes its own way. */
  fork(): Memory {
    return new Memory([...this.keys], [...this.values], [...this.places]);
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

/** Return how many keys any of the rows could look at, were nothing masked. */
export function mostKeys(views: readonly View[]): number {
  return views.reduce((most, { memory }) => Math.max(most, memory.keys.length), 0);
}

/** Return how well each query [L, N·H] fits each key [N, L, K], q kᵀ · scale + bias; -Infinity where there is no key. */
export function fit(query_LD: Float32Array, views: readonly View[], shape: Heads): Float32Array {
  const { heads, width } = shape;
  const most = mostKeys(views);
  const scores_NLK = new Float32Array(views.length * heads * most).fill(-Infinity);
  views.forEach(({ memory: { keys, places }, place }, row) => {
    for (let head = 0; head < heads; head++) {
      const first = (head * views.length + row) * most;
      const own = ownPart(head, shape);
      const query = (row * heads + head) * width;
      const slope = shape.slopes ? alibiSlope(head, heads) : 0;
      for (let key = 0; key < keys.length; key++) {
        const key_D = keys[key];
        let score = 0;
        for (let at = 0; at < width; at++) score += query_LD[query + at] * key_D[own + at];
        scores_NLK[first + key] = score * shape.scale - slope * Math.abs(place - places[key]);
      }
    }
  });
  return scores_NLK;
}

/** Return the scores [N, L, K], -Infinity where a row does not look. */
export function masked(scores_NLK: Float32Array, views: readonly View[]): Float32Array {
  const most = mostKeys(views);
  return scores_NLK.map((score, at) =>
    at % most < views[Math.floor(at / most) % views.length].count ? score : -Infinity,
  );
}

/** Return how much each query looks at each key [N, L, K], the softmax of each row of scores. */
export function shares(scores_NLK: Float32Array, most: number): Float32Array {
  const weights_NLK = new Float32Array(scores_NLK.length);
  for (let first = 0; first < scores_NLK.length; first += most) {
    softmax(scores_NLK.subarray(first, first + most), weights_NLK.subarray(first, first + most));
  }
  return weights_NLK;
}

/** Return the values in these shares, heads side by side [L, N·H]. */
export function take(weights_NLK: Float32Array, views: readonly View[], shape: Heads): Float32Array {
  const { heads, width } = shape;
  const most = mostKeys(views);
  const seen_LD = new Float32Array(views.length * heads * width);
  views.forEach(({ memory: { values } }, row) => {
    for (let head = 0; head < heads; head++) {
      const first = (head * views.length + row) * most;
      const own = ownPart(head, shape);
      const seen = (row * heads + head) * width;
      for (let key = 0; key < values.length; key++) {
        const weight = weights_NLK[first + key];
        if (weight === 0) continue;
        for (let at = 0; at < width; at++) seen_LD[seen + at] += weight * values[key][own + at];
      }
    }
  });
  return seen_LD;
}

/** Return where a query head's part of keys and values begins. */
function ownPart(head: number, { heads, keyValueHeads, width }: Heads): number {
  return Math.floor((head * keyValueHeads) / heads) * width;
}

/** Write the shares e^score / Σ e^score; scores are taken relative to the largest, so that none overflows. */
export function softmax(scores_K: Float32Array, weights_K: Float32Array): void {
  const peak = scores_K.reduce((most, score) => Math.max(most, score), -Infinity);
  if (peak === -Infinity) return; // it looks at nothing
  let total = 0;
  for (const score of scores_K) total += Math.exp(score - peak);
  for (let key = 0; key < scores_K.length; key++) weights_K[key] = Math.exp(scores_K[key] - peak) / total;
}
