/** How near embeddings are to each other: the angle between them, whatever their lengths. */

// Shapes.  L vectors, V pieces, D width.

import { product } from "../model/layers.ts";
import { type Ranked, highest } from "./ranking.ts";

/**
 * Return the cosine of the angle between each vector [L, D] and each row of a table [V, D], [L, V]: 1 in the same
 * direction, 0 at right angles, -1 opposite, and 0 for a vector of length 0.
 */
export function cosines(x_LD: Float32Array, table_VD: Float32Array, width: number): Float32Array {
  const lengths_L = lengths(x_LD, width);
  const lengths_V = lengths(table_VD, width);
  const pieces = lengths_V.length;
  return product(x_LD, table_VD, width).map((sum, at) => {
    const both = lengths_L[Math.floor(at / pieces)] * lengths_V[at % pieces];
    return both > 0 ? Math.max(-1, Math.min(1, sum / both)) : 0;
  });
}

/** Return the other pieces of a table [V, D] that are nearest to one, with their cosines, the nearest first. */
export function neighbours(table_VD: Float32Array, width: number, id: number, count: number): Ranked[] {
  const cosines_V = cosines(table_VD.subarray(id * width, (id + 1) * width), table_VD, width);
  cosines_V[id] = -Infinity;
  return highest(cosines_V, Math.min(count, cosines_V.length - 1)).map((other) => ({
    id: other,
    value: cosines_V[other],
  }));
}

/** Return the length of each row. */
function lengths(x_LD: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: x_LD.length / width }, (_, row) => {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += x_LD[at] ** 2;
    return Math.sqrt(squares);
  });
}
