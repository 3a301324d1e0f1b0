/** Cells of a grid that is drawn on: rows are queries, columns are keys. */

import type { Cell } from "../model/operations.ts";

/** Return the cell under a point, that nearest to it where it is outside. */
export function cellAt(x: number, y: number, size: number, rows: number, columns: number): Cell {
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(value / size)));
  return [within(y, rows), within(x, columns)];
}

/** Return the cells on the line from one to another, both included: a pointer that is fast skips some. */
export function between(from: Cell, to: Cell): Cell[] {
  const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
  return Array.from({ length: steps + 1 }, (_, at): Cell => {
    const part = at / steps;
    return [Math.round(from[0] + part * (to[0] - from[0])), Math.round(from[1] + part * (to[1] - from[1]))];
  });
}

/** Return the weights of one head, or the mean of all of them, [L, K] of [N, L, K]. */
export function ofHead(weights_NLK: Float32Array, heads: number, head: number | null): Float32Array {
  const size = weights_NLK.length / heads;
  if (head !== null) return weights_NLK.subarray(head * size, (head + 1) * size);
  const mean = new Float32Array(size);
  weights_NLK.forEach((weight, at) => (mean[at % size] += weight / heads));
  return mean;
}
