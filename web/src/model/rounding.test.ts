import { expect, it } from "vitest";
import { isMatrix } from "./cost.ts";
import { expected, measured, rounded, steps } from "./rounding.ts";
import { parameters } from "./architecture.ts";
import { toy } from "./toy.ts";

const { config, weights } = toy(2, { d_model: 64, feed_forward: 96, positions: "learned" });
const matrices = [...parameters(config)].filter(([name, shape]) => isMatrix(name, shape));

const furthest = (one: Float32Array, other: Float32Array) =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0);

it.each([2, 3, 4, 6, 8])(
  "%i bits are off by half a step at most, and a row has no more steps than they give",
  (bits) => {
    const small = rounded(config, weights, bits);
    for (const [name, [rows, columns]] of matrices) {
      for (let row = 0; row < rows; row++) {
        const own = weights.get(name)!.subarray(row * columns, (row + 1) * columns);
        const other = small.get(name)!.subarray(row * columns, (row + 1) * columns);
        const step = Math.max(...own.map(Math.abs)) / steps(bits);
        expect(new Set(other).size).toBeLessThanOrEqual(2 ** bits - 1);
        expect(furthest(own, other)).toBeLessThanOrEqual(step * 0.50001);
      }
    }
  },
);

it("what is no matrix stays, and rounding again changes nothing", () => {
  const once = rounded(config, weights, 5);
  const twice = rounded(config, once, 5);
  for (const name of parameters(config).keys()) {
    if (!matrices.some(([matrix]) => matrix === name)) expect(once.get(name)).toBe(weights.get(name));
    expect(furthest(once.get(name)!, twice.get(name)!)).toBeLessThan(1e-6);
  }
});

it("the loss that is expected is about the one that is measured", () => {
  for (const bits of [4, 8]) {
    const small = rounded(config, weights, bits);
    const found = measured(config, weights, small);
    expected(config, weights, bits).forEach((loss, at) => {
      expect(found[at].name).toBe(loss.name);
      expect(found[at].error / loss.error, loss.name).toBeGreaterThan(0.8);
      expect(found[at].error / loss.error, loss.name).toBeLessThan(1.25);
      expect([...loss.spread].sort((one, other) => one - other)).toEqual(loss.spread);
      expect(loss.spread[0]).toBeLessThanOrEqual(loss.error);
      expect(loss.spread[4]).toBeGreaterThanOrEqual(loss.error * 0.999);
    });
  }
  expect(measured(config, weights, weights).every(({ error }) => error === 0)).toBe(true);
});

it("each bit halves the loss", () => {
  const [four, five] = [4, 5].map((bits) => measured(config, weights, rounded(config, weights, bits)));
  four.forEach(({ error }, at) => expect(error / five[at].error).toBeGreaterThan(1.6));
});
