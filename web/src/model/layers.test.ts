import { expect, test } from "vitest";

import { Memory, fit, masked, shares, softmax, take } from "./attention.ts";
import { erf, feedForward, gelu, layerNorm, linear, product, relu, rmsNorm, silu } from "./layers.ts";
import { alibiSlope, rotate, sinusoid } from "./positions.ts";

const floats = (...values: number[]) => Float32Array.from(values);

/** Numbers that look random and are always the same. */
function some(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => Math.sin((at + 1) * (seed + 1.7)) * 2);
}

function expectClose(given: Iterable<number>, wanted: Iterable<number>): void {
  const [one, other] = [[...given], [...wanted]];
  expect(one.length).toBe(other.length);
  one.forEach((value, at) => expect(value).toBeCloseTo(other[at], 5));
}

test("a product is the sum of products, whatever the shape", () => {
  for (const [rows, width, outputs] of [
    [1, 1, 1],
    [3, 5, 4],
    [2, 7, 9],
    [5, 2, 3],
  ]) {
    const [x, weight] = [some(rows * width, 1), some(outputs * width, 2)];
    const wanted = Array.from({ length: rows * outputs }, (_, at) => {
      const [row, output] = [Math.floor(at / outputs), at % outputs];
      let total = 0;
      for (let k = 0; k < width; k++) total += x[row * width + k] * weight[output * width + k];
      return total;
    });
    expectClose(product(x, weight, width), wanted);
  }
});

test("a linear map by hand, with a bias and without", () => {
  const weights = new Map([["map.weight", floats(1, 2, 3, 4)]]);
  expectClose(linear(floats(1, 1, 2, 0), weights, "map", 2), [3, 7, 2, 6]);
  weights.set("map.bias", floats(10, 20));
  expectClose(linear(floats(1, 1, 2, 0), weights, "map", 2), [13, 27, 12, 26]);
});

test("norms by hand: 3 and 5 have the mean 4 and the deviation 1", () => {
  expectClose(layerNorm(floats(3, 5, 7, 7), floats(2, 1), floats(10, 0), 1e-9), [8, 1, 10, 0]);
  expectClose(rmsNorm(floats(1, 7), floats(5, 5), 0), [1, 7]);
});

test("activations: known values, and gelu and silu are x for large x", () => {
  // DLMF, table 7.2: erf(0.5), erf(1), erf(2)
  expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
  expect(erf(1)).toBeCloseTo(0.8427007929, 10);
  expect(erf(-2)).toBeCloseTo(-0.995322265, 10);
  expect([erf(0), erf(7), erf(-30)]).toEqual([0, 1, -1]);
  expect([relu(-2), relu(2)]).toEqual([0, 2]);
  expect(gelu(20)).toBe(20);
  expect(silu(0)).toBe(0);
  expect(silu(-800)).toBeCloseTo(0);
  expect(silu(50)).toBe(50);
});

test("swiglu by hand: down(silu(gate(x)) · up(x))", () => {
  const weights = new Map(
    Object.entries({ up: [2, 0], gate: [0, 1], down: [1, 3] }).map(([name, row]) => [
      `f.${name}.weight`,
      floats(...row),
    ]),
  );
  const told: string[] = [];
  const y = feedForward(floats(3, 1), weights, "f", "swiglu", 2, (name) => void told.push(name));
  expectClose(y, [6 * silu(1), 18 * silu(1)]);
  expect(told).toEqual(["f.up", "f.gate", "f.hidden", "f.down"]);
});

test("sinusoids are those of the paper, and their distance hangs on the distance of places alone", () => {
  expectClose(sinusoid(0, 4), [0, 1, 0, 1]);
  expectClose(sinusoid(3, 4), [Math.sin(3), Math.cos(3), Math.sin(0.03), Math.cos(0.03)]);
});

test("a turned query and a turned key meet by their distance alone", () => {
  const [query, key] = [some(8, 3), some(8, 4)];
  const meet = (at: number, other: number) => {
    const [q, k] = [rotate(query, [at], 4), rotate(key, [other], 4)];
    return q.reduce((sum, value, place) => sum + value * k[place], 0);
  };
  expect(meet(5, 2)).toBeCloseTo(meet(13, 10), 4);
  expect(meet(5, 2)).not.toBeCloseTo(meet(5, 3), 2);
  expectClose(rotate(query, [0], 4), query);
});

test("shares sum to one and do not overflow", () => {
  const weights = new Float32Array(3);
  softmax(floats(1000, 1000, -Infinity), weights);
  expectClose(weights, [0.5, 0.5, 0]);
});

test("attention takes the mean of values where all keys are alike, and only of those that it may see", () => {
  const memory = Memory.empty();
  for (const value of [2, 4, 100]) memory.add(floats(1, 1), floats(value, -value), 0);
  const shape = { heads: 2, keyValueHeads: 2, width: 1, scale: 1, slopes: false };
  const views = [2, 1].map((count) => ({ memory, count, place: 0 }));
  const scores = masked(fit(floats(3, 4, 5, 6), views, shape), views);
  const weights = shares(scores, 3);
  expectClose(take(weights, views, shape), [3, -3, 2, -2]);
  expectClose(weights, [0.5, 0.5, 0, 1, 0, 0, 0.5, 0.5, 0, 1, 0, 0]);
  expect(Array.from(scores.subarray(3, 6))).toEqual([5, -Infinity, -Infinity]);
});

test("a query that may look at nothing takes nothing", () => {
  const memory = Memory.empty();
  memory.add(floats(1), floats(2), 0);
  const views = [{ memory, count: 0, place: 0 }];
  const shape = { heads: 1, keyValueHeads: 1, width: 1, scale: 1, slopes: false };
  const weights = shares(masked(fit(floats(3), views, shape), views), 1);
  expect([...weights, ...take(weights, views, shape)]).toEqual([0, 0]);
});

test("grouped heads share keys, and slopes forget what is far", () => {
  const memory = Memory.empty();
  memory.add(floats(0), floats(1), 0);
  memory.add(floats(0), floats(3), 1);
  const shape = { heads: 2, keyValueHeads: 1, width: 1, scale: 1, slopes: true };
  expectClose(fit(floats(1, 1), [{ memory, count: 2, place: 1 }], shape), [-alibiSlope(0, 2), 0, -alibiSlope(1, 2), 0]);
  expectClose([alibiSlope(0, 2), alibiSlope(1, 2)], [1 / 16, 1 / 256]);
});
