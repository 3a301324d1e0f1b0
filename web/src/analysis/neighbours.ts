/** Which rows of a table of embeddings lie nearest to a vector: by the angle between them, whatever their lengths. */

// Shapes.  L vectors, V pieces, D width.

import { product } from "../model/layers.ts";
import { highest } from "./highest.ts";

export interface Neighbour {
  readonly id: number;
  readonly cosine: number; // of the angle: 1 in the same direction, 0 at right angles, -1 opposite
}

/** Return the cosine of the angle between each vector [L, D] and each row of a table [V, D], [L, V]; 0 has no angle. */
export function cosines(x_LD: Float32Array, table_VD: Float32Array, width: number): Float32Array {
  const rows_L = lengths(x_LD, width);
  const pieces_V = lengths(table_VD, width);
  const pieces = pieces_V.length;
  return product(x_LD, table_VD, width).map((sum, at) => {
    const both = rows_L[Math.floor(at / pieces)] * pieces_V[at % pieces];
    return both > 0 ? Math.max(-1, Math.min(1, sum / both)) : 0;
  });
}

/** Return the nearest pieces of each vector, the nearest first, of equal ones the lowest id. */
export function nearest(x_LD: Float32Array, table_VD: Float32Array, width: number, count: number): Neighbour[][] {
  const pieces = table_VD.length / width;
  const cosines_LV = cosines(x_LD, table_VD, width);
  return Array.from({ length: x_LD.length / width }, (_, row) => {
    const cosines_V = cosines_LV.subarray(row * pieces, (row + 1) * pieces);
    return highest(cosines_V, count).map((id) => ({ id, cosine: cosines_V[id] }));
  });
}

/** Return the length of each row. */
export function lengths(x_LD: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: x_LD.length / width }, (_, row) => {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += x_LD[at] ** 2;
    return Math.sqrt(squares);
  });
}
