/** How strongly the parts of one text look at those of the other, from the alignment of their pieces. */

import type { Span } from "./spans.ts";

type Rows = readonly Float32Array[]; // a row for each target piece, over the source pieces

/** Return how much a target part looks at each source part: its pieces' mean, over all pieces of the source part. */
export function fromTarget(rows: Rows, target: Span, sources: readonly Span[]): number[] {
  return sources.map((source) => {
    let sum = 0;
    for (let t = target.first; t < target.last; t++) {
      for (let s = source.first; s < source.last; s++) sum += rows[t]?.[s] ?? 0;
    }
    return sum / (target.last - target.first);
  });
}

/** Return how much each target part looks at one source part. */
export function fromSource(rows: Rows, source: Span, targets: readonly Span[]): number[] {
  return targets.map((target) => fromTarget(rows, target, [source])[0]);
}

/** Return the probability of a part: that of all its pieces, one after the other. */
export function probability(probabilities: readonly number[], { first, last }: Span): number {
  return probabilities.slice(first, last).reduce((product, one) => product * one, 1);
}

/** Return the places of the largest numbers, largest first, of those that reach `least`. */
export function largest(values: readonly number[], count: number, least: number): number[] {
  return [...values.keys()]
    .filter((place) => values[place] >= least)
    .sort((one, other) => values[other] - values[one])
    .slice(0, count);
}
