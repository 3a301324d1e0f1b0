import { expect, it } from "vitest";
import { between, cellAt, ofHead } from "./grid.ts";

it("a point is in a cell, or near one", () => {
  expect(cellAt(25, 5, 10, 4, 3)).toEqual([0, 2]);
  expect(cellAt(-5, 99, 10, 4, 3)).toEqual([3, 0]);
});

it("a line leaves no gap, and goes the same way back", () => {
  for (const to of [
    [0, 7],
    [5, 2],
    [3, 3],
    [0, 0],
  ] as const) {
    const cells = between([0, 0], to);
    expect([cells[0], cells.at(-1)]).toEqual([[0, 0], to]);
    cells.slice(1).forEach((cell, at) => {
      expect(Math.abs(cell[0] - cells[at][0])).toBeLessThanOrEqual(1);
      expect(Math.abs(cell[1] - cells[at][1])).toBeLessThanOrEqual(1);
    });
  }
});

it("a head's weights are its own, and those of all are their mean", () => {
  const weights = Float32Array.from([1, 0, 0, 1, 0.5, 0.5, 0, 1]);
  expect([...ofHead(weights, 2, 1)]).toEqual([0.5, 0.5, 0, 1]);
  expect([...ofHead(weights, 2, null)]).toEqual([0.75, 0.25, 0, 1]);
});
