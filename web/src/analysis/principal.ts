/**
 * A flat map of a table of embeddings: its two principal components (Pearson 1901), the directions at right angles in
 * which its rows differ most.
 */

// Shapes.  V rows, D width.

const MOST = 2000; // steps of the iteration; it stops when nothing moves any more
const STILL = 1e-12; // 1 - cosine of the angle that an axis turns in a step

export interface Principal {
  readonly mean_D: Float64Array;
  readonly axes: readonly [Float64Array, Float64Array]; // [D] each, of length 1, at right angles
  readonly shares: readonly [number, number]; // of the variance, in either direction
}

/** Return the principal components of a table [V, D], D from 2 on; the largest number of an axis is positive. */
export function principal(table_VD: Float32Array, width: number): Principal {
  const mean_D = meanOf(table_VD, width);
  const covariance_DD = covariance(table_VD, mean_D);
  let total = 0;
  for (let at = 0; at < width; at++) total += covariance_DD[at * width + at];
  const first = axis(covariance_DD, width, null);
  const second = axis(covariance_DD, width, first);
  const share = (axis_D: Float64Array) => (total > 0 ? dot(axis_D, times(covariance_DD, axis_D)) / total : 0);
  return { mean_D, axes: [first, second], shares: [share(first), share(second)] };
}

/** Return where each row [V, D] lies on the map, [V, 2]. */
export function project(table_VD: Float32Array, { mean_D, axes }: Principal): Float32Array {
  const width = mean_D.length;
  const places = new Float32Array((table_VD.length / width) * 2);
  for (let row = 0; row < places.length / 2; row++) {
    axes.forEach((axis_D, side) => {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += (table_VD[row * width + at] - mean_D[at]) * axis_D[at];
      places[2 * row + side] = sum;
    });
  }
  return places;
}

function meanOf(table_VD: Float32Array, width: number): Float64Array {
  const mean_D = new Float64Array(width);
  table_VD.forEach((value, at) => (mean_D[at % width] += value));
  return mean_D.map((sum) => sum / (table_VD.length / width));
}

function covariance(table_VD: Float32Array, mean_D: Float64Array): Float64Array {
  const width = mean_D.length;
  const rows = table_VD.length / width;
  const sums_DD = new Float64Array(width * width);
  const x_D = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < width; at++) x_D[at] = table_VD[row * width + at] - mean_D[at];
    for (let one = 0; one < width; one++) {
      const x = x_D[one];
      for (let other = one; other < width; other++) sums_DD[one * width + other] += x * x_D[other];
    }
  }
  for (let one = 0; one < width; one++) {
    for (let other = 0; other < one; other++) sums_DD[one * width + other] = sums_DD[other * width + one];
  }
  return sums_DD.map((sum) => sum / rows);
}

/** Return the direction of most variance at right angles to `before`, by power iteration. */
function axis(covariance_DD: Float64Array, width: number, before: Float64Array | null): Float64Array {
  const prepared = (x_D: Float64Array) => {
    const along = before ? dot(x_D, before) : 0;
    const rest_D = before ? x_D.map((x, at) => x - along * before[at]) : x_D;
    const length = Math.sqrt(dot(rest_D, rest_D));
    return length > 0 ? rest_D.map((x) => x / length) : null;
  };
  let axis_D: Float64Array | null = null;
  for (let at = 0; !axis_D; at++) {
    // Begin somewhere that no table is likely to be at right angles to.
    axis_D = prepared(Float64Array.from({ length: width }, (_, place) => Math.cos((place + 1) * (at + 1) ** 2)));
  }
  for (let step = 0; step < MOST; step++) {
    const next_D = prepared(times(covariance_DD, axis_D));
    if (!next_D) break; // no variance is left: any direction will do
    const turned = 1 - Math.abs(dot(next_D, axis_D));
    axis_D = next_D;
    if (turned < STILL) break;
  }
  const largest = axis_D.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
  return largest < 0 ? axis_D.map((x) => -x) : axis_D;
}

function times(matrix_DD: Float64Array, x_D: Float64Array): Float64Array {
  const width = x_D.length;
  return x_D.map((_, row) => {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += matrix_DD[row * width + at] * x_D[at];
    return sum;
  });
}

function dot(x_D: Float64Array, y_D: Float64Array): number {
  return x_D.reduce((sum, x, at) => sum + x * y_D[at], 0);
}
