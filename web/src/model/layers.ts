/**
 * The parts that treat each position by itself: linear maps, norms, the feed-forward network, embeddings.
 *
 * Every function is its equation and nothing else. Numbers are float32, sums are made in double precision.
 */

// Shapes.  L positions, D width of a position, O output width, F feed-forward width, V vocabulary.
//          An array x_LD holds L rows of D numbers, end to end.

import type { Weights } from "./architecture.ts";

/**
 * Told of a value that was computed: its name in the model, the numbers, which change no more, and their shape. What it
 * returns, if anything, takes the value's place. A decoder tells all of its own anew at every step.
 */
export type Recorder = (name: string, values: Float32Array, shape: readonly number[]) => Float32Array | void;

/** Tell a value; return what to go on with. */
export function tell(record: Recorder | undefined, name: string, values: Float32Array, shape: readonly number[]) {
  const changed = record?.(name, values, shape) ?? values;
  if (changed.length === values.length) return changed;
  throw new Error(`${name} has ${values.length} numbers, not ${changed.length}; keep its shape`);
}

/**
 * Return x Wᵀ [L, O], where W is [O, D]; four outputs, and two rows where there are two, at a time: their sums do not
 * wait for each other, and a number that is once loaded is used more than once.
 */
export function product(x_LD: Float32Array, weight_OD: Float32Array, width: number): Float32Array {
  const rows = x_LD.length / width;
  const outputs = weight_OD.length / width;
  const y_LO = new Float32Array(rows * outputs);
  const blocked = outputs - (outputs % 4);
  for (let output = 0; output < blocked; output += 4) {
    let row = 0;
    for (; row + 1 < rows; row += 2) eightSums(x_LD, row, weight_OD, output, width, y_LO, outputs);
    if (row < rows) fourSums(x_LD, row, weight_OD, output, width, y_LO, outputs);
  }
  for (let output = blocked; output < outputs; output++) {
    for (let row = 0; row < rows; row++) {
      let y = 0;
      for (let at = 0; at < width; at++) y += x_LD[row * width + at] * weight_OD[output * width + at];
      y_LO[row * outputs + output] = y;
    }
  }
  return y_LO;
}

/** Put four outputs of a row into their places. */
function fourSums(
  x_LD: Float32Array,
  row: number,
  weight_OD: Float32Array,
  output: number,
  width: number,
  y_LO: Float32Array,
  outputs: number,
): void {
  const first = row * width;
  const w0 = output * width; // where the four rows of the matrix begin
  const w1 = w0 + width;
  const w2 = w1 + width;
  const w3 = w2 + width;
  let y0 = 0;
  let y1 = 0;
  let y2 = 0;
  let y3 = 0;
  for (let at = 0; at < width; at++) {
    const x = x_LD[first + at];
    y0 += x * weight_OD[w0 + at];
    y1 += x * weight_OD[w1 + at];
    y2 += x * weight_OD[w2 + at];
    y3 += x * weight_OD[w3 + at];
  }
  const place = row * outputs + output;
  y_LO[place] = y0;
  y_LO[place + 1] = y1;
  y_LO[place + 2] = y2;
  y_LO[place + 3] = y3;
}

/** Put four outputs of a row, and of the one behind it, into their places. */
function eightSums(
  x_LD: Float32Array,
  row: number,
  weight_OD: Float32Array,
  output: number,
  width: number,
  y_LO: Float32Array,
  outputs: number,
): void {
  const first = row * width;
  const second = first + width;
  const w0 = output * width;
  const w1 = w0 + width;
  const w2 = w1 + width;
  const w3 = w2 + width;
  let y0 = 0;
  let y1 = 0;
  let y2 = 0;
  let y3 = 0;
  let z0 = 0;
  let z1 = 0;
  let z2 = 0;
  let z3 = 0;
  for (let at = 0; at < width; at++) {
    const x = x_LD[first + at];
    const other = x_LD[second + at];
    const v0 = weight_OD[w0 + at];
    const v1 = weight_OD[w1 + at];
    const v2 = weight_OD[w2 + at];
    const v3 = weight_OD[w3 + at];
    y0 += x * v0;
    y1 += x * v1;
    y2 += x * v2;
    y3 += x * v3;
    z0 += other * v0;
    z1 += other * v1;
    z2 += other * v2;
    z3 += other * v3;
  }
  const place = row * outputs + output;
  y_LO[place] = y0;
  y_LO[place + 1] = y1;
  y_LO[place + 2] = y2;
  y_LO[place + 3] = y3;
  y_LO[place + outputs] = z0;
  y_LO[place + outputs + 1] = z1;
  y_LO[place + outputs + 2] = z2;
  y_LO[place + outputs + 3] = z3;
}

/** Return x Wᵀ + b [L, O], where W is `name.weight` [O, D] and b is `name.bias` [O], if there is one. */
export function linear(x_LD: Float32Array, weights: Weights, name: string, width: number): Float32Array {
  const y_LO = product(x_LD, weights.get(`${name}.weight`)!, width);
  const bias_O = weights.get(`${name}.bias`);
  return bias_O ? plus(y_LO, bias_O) : y_LO;
}

/** Add a row to every row, in place. */
export function plus(x_LD: Float32Array, row_D: Float32Array): Float32Array {
  for (let first = 0; first < x_LD.length; first += row_D.length) {
    for (let at = 0; at < row_D.length; at++) x_LD[first + at] += row_D[at];
  }
  return x_LD;
}

/** Return the sum of two arrays of one shape. */
export function sum(x_LD: Float32Array, y_LD: Float32Array): Float32Array {
  return x_LD.map((x, at) => x + y_LD[at]);
}

/** Return (x - mean) / √(variance + ε) · weight + bias, the variance over D (Ba et al. 2016). */
export function layerNorm(x_LD: Float32Array, weight_D: Float32Array, bias_D: Float32Array, epsilon: number) {
  return byRow(x_LD, weight_D.length, (x_D) => {
    const mean = meanOf(x_D, (x) => x);
    const deviation = Math.sqrt(meanOf(x_D, (x) => (x - mean) ** 2) + epsilon);
    return x_D.map((x, at) => ((x - mean) / deviation) * weight_D[at] + bias_D[at]);
  });
}

/** Return x / √(mean of x² + ε) · weight: no mean is taken away (Zhang & Sennrich 2019, equation 4). */
export function rmsNorm(x_LD: Float32Array, weight_D: Float32Array, epsilon: number) {
  return byRow(x_LD, weight_D.length, (x_D) => {
    const length = Math.sqrt(meanOf(x_D, (x) => x ** 2) + epsilon);
    return x_D.map((x, at) => (x / length) * weight_D[at]);
  });
}

function byRow(x_LD: Float32Array, width: number, part: (x_D: Float32Array) => Float32Array): Float32Array {
  const y_LD = new Float32Array(x_LD.length);
  for (let first = 0; first < x_LD.length; first += width) {
    y_LD.set(part(x_LD.subarray(first, first + width)), first);
  }
  return y_LD;
}

function meanOf(x_D: Float32Array, part: (x: number) => number): number {
  let total = 0;
  for (const x of x_D) total += part(x);
  return total / x_D.length;
}

/** Return max(0, x) (Vaswani et al. 2017, equation 2). */
export function relu(x: number): number {
  return Math.max(0, x);
}

/** Return x · Φ(x), Φ the normal distribution, by the exact erf (Hendrycks & Gimpel 2016, section 2). */
export function gelu(x: number): number {
  return (x * (1 + erf(x / Math.SQRT2))) / 2;
}

/** Return x · sigmoid(x), also called swish (Ramachandran et al. 2017; Shazeer 2020, section 2). */
export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** Return 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Return 2/√π · e^-x² · Σ 2ⁿ x^(2n+1) / (1·3·5 ··· (2n+1)), whose terms have one sign (DLMF 7.6.2). */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x); // to the last of 53 bits
  let total = x;
  for (let term = x, n = 1; Math.abs(term) > Math.abs(total) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/**
 * Return the network [L, D] of each position, D to F to D.
 *
 * relu (Vaswani et al. 2017, section 3.3), gelu and silu: down(act(up(x))).
 * swiglu: down(silu(gate(x)) · up(x)) (Shazeer 2020, equation 6, there without biases).
 */
export function feedForward(
  x_LD: Float32Array,
  weights: Weights,
  name: string,
  activation: "relu" | "gelu" | "swiglu" | "silu",
  width: number,
  record?: Recorder,
): Float32Array {
  const rows = x_LD.length / width;
  const told = (part: string, values: Float32Array) =>
    tell(record, `${name}.${part}`, values, [rows, values.length / rows]);
  const up_LF = told("up", linear(x_LD, weights, `${name}.up`, width));
  let hidden_LF: Float32Array;
  if (activation === "swiglu") {
    const gate_LF = told("gate", linear(x_LD, weights, `${name}.gate`, width));
    hidden_LF = up_LF.map((up, at) => silu(gate_LF[at]) * up);
  } else {
    hidden_LF = up_LF.map({ relu, gelu, silu }[activation]);
  }
  return told("down", linear(told("hidden", hidden_LF), weights, `${name}.down`, hidden_LF.length / rows));
}

/**
 * Return the states [L, D] of a simpler simple recurrent unit (Kim et al. 2019, section 3): f · the state before
 * + (1 - f) · what may be taken in. Row i goes on from what `before` gives, and `after` is told its state.
 */
export function recur(
  forget_LD: Float32Array,
  input_LD: Float32Array,
  width: number,
  before: (row: number) => Float32Array,
  after: (row: number, state_D: Float32Array) => void,
): Float32Array {
  const states_LD = new Float32Array(input_LD.length);
  for (let row = 0; row * width < input_LD.length; row++) {
    const last_D = before(row);
    const state_D = states_LD.subarray(row * width, (row + 1) * width);
    for (let at = 0; at < width; at++) {
      const forget = forget_LD[row * width + at];
      state_D[at] = forget * last_D[at] + (1 - forget) * input_LD[row * width + at];
    }
    after(row, state_D);
  }
  return states_LD;
}

/** Return rows [L, D] of the table [V, D], times √D where `scaled` (Vaswani et al. 2017, section 3.4). */
export function embed(ids: readonly number[], table_VD: Float32Array, width: number, scaled: boolean): Float32Array {
  const factor = scaled ? Math.sqrt(width) : 1;
  const x_LD = new Float32Array(ids.length * width);
  ids.forEach((id, row) => {
    x_LD.set(
      table_VD.subarray(id * width, (id + 1) * width).map((x) => x * factor),
      row * width,
    );
  });
  return x_LD;
}
