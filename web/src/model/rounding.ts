/**
 * What rounding to a few bits does to weights: a scale for each row, its largest number at the last step, and every
 * number at the nearest step, as `src/dragoman/compress/quantize.py` makes int8.
 */

// Shapes.  O rows of a matrix, I numbers of a row.

import { type ModelConfig, type Weights, parameters } from "./architecture.ts";
import { isMatrix } from "./cost.ts";

/** What a matrix loses: the size of the error over that of the matrix, and of some rows from the least to the worst. */
export interface Loss {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly error: number;
  readonly spread: readonly number[]; // errors of rows: the least, quarters, the worst
}

/** Return how many steps a number of so many bits has to each side of 0: 127 for 8. */
export function steps(bits: number): number {
  return 2 ** (bits - 1) - 1;
}

/** Return the weights with every matrix rounded anew; what is no matrix stays. */
export function rounded(config: ModelConfig, weights: Weights, bits: number): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>(weights);
  const most = steps(bits);
  for (const [name, shape] of parameters(config)) {
    if (!isMatrix(name, shape)) continue;
    const [rows, columns] = shape;
    const values = weights.get(name)!.slice();
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * columns, (row + 1) * columns);
      const scale = largest(own) / most;
      if (scale > 0) for (let at = 0; at < columns; at++) own[at] = Math.round(own[at] / scale) * scale;
    }
    found.set(name, values);
  }
  return found;
}

/**
 * Return what to expect of rounding weights that were rounded already: a number is off by up to half a step, and over
 * many numbers by step / √12 (Widrow and Kollár 2008, chapter 1).
 */
export function expected(config: ModelConfig, weights: Weights, bits = 8): Loss[] {
  const most = steps(bits);
  return losses(config, weights, (own) => (own.length * (largest(own) / most) ** 2) / 12);
}

/** Return what other weights lose of these. */
export function measured(config: ModelConfig, weights: Weights, other: Weights): Loss[] {
  return losses(config, weights, (own, name, first) => {
    const values = other.get(name)!;
    let sum = 0;
    for (let at = 0; at < own.length; at++) sum += (own[at] - values[first + at]) ** 2;
    return sum;
  });
}

/** Return the losses of all matrices, given the square of the error of a row, which begins at `first`. */
function losses(
  config: ModelConfig,
  weights: Weights,
  squared: (own_I: Float32Array, name: string, first: number) => number,
): Loss[] {
  const matrices = [...parameters(config)].filter(([name, shape]) => isMatrix(name, shape));
  return matrices.map(([name, [rows, columns]]) => {
    const values = weights.get(name)!;
    const each = new Float64Array(rows);
    let [errors, sizes] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * columns, (row + 1) * columns);
      const [error, size] = [squared(own, name, row * columns), own.reduce((sum, value) => sum + value * value, 0)];
      each[row] = size > 0 ? Math.sqrt(error / size) : 0;
      errors += error;
      sizes += size;
    }
    each.sort();
    const spread = [0, 0.25, 0.5, 0.75, 1].map((share) => each[Math.round(share * (rows - 1))]);
    return { name, rows, columns, error: sizes > 0 ? Math.sqrt(errors / sizes) : 0, spread };
  });
}

function largest(own_I: Float32Array): number {
  let most = 0;
  for (let at = 0; at < own_I.length; at++) most = Math.max(most, Math.abs(own_I[at]));
  return most;
}
