/** Pieces in the order of a number that each has. */

export interface Ranked {
  readonly id: number;
  readonly value: number;
}

/** The pieces with the highest numbers, and where one piece is among all of them. */
export interface Ranking {
  readonly best: readonly Ranked[]; // the highest first, of equal ones the lowest id
  readonly own: number; // the number of that one piece
  readonly rank: number; // and its place, from 1
}

/** Return the ranking of the numbers of all pieces, seen from one of them. */
export function ranking(values_V: Float64Array, own: number, count: number): Ranking {
  let rank = 1;
  values_V.forEach((value, id) => {
    if (value > values_V[own] || (value === values_V[own] && id < own)) rank++;
  });
  const best = highest(values_V, count).map((id) => ({ id, value: values_V[id] }));
  return { best, own: values_V[own], rank };
}

/** Return the places of the `count` highest numbers, the highest first, of equal ones the first. */
export function highest(values: ArrayLike<number>, count: number): number[] {
  const found: number[] = [];
  for (let place = 0; place < values.length; place++) {
    if (found.length === count && !(values[place] > values[found[count - 1]])) continue;
    let at = Math.min(found.length, count - 1);
    for (; at > 0 && values[place] > values[found[at - 1]]; at--) found[at] = found[at - 1];
    found[at] = place;
  }
  return found;
}
