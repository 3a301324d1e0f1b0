import { expect, it } from "vitest";
import { line, linear, logarithmic, powers } from "./axes.ts";

it("a scale puts the ends of its domain at those of its range, and the rest between", () => {
  for (const scale of [linear, logarithmic]) {
    const place = scale([8, 512], [100, 0]);
    expect([8, 512].map(place)).toEqual([100, 0]);
    const middle = scale === linear ? 260 : 64;
    expect(place(middle)).toBeCloseTo(50);
  }
});

it("powers are those within the domain, its ends included", () => {
  expect(powers(2, [8, 64])).toEqual([8, 16, 32, 64]);
  expect(powers(10, [0.5, 2000])).toEqual([1, 10, 100, 1000]);
  expect(powers(10, [0.001, 0.1])).toHaveLength(3);
  expect(powers(2, [9, 15])).toEqual([]);
});

it("a line begins at its first point and ends at its last", () => {
  expect(line([])).toBe("");
  expect(line([[0, 1], [2.25, 3]])).toBe("M0.0 1.0L2.3 3.0"); // prettier-ignore
});
