import { expect, test } from "vitest";
import { curve, hand, point } from "./waves.ts";

const frame = { width: 100, height: 20, least: -1, most: 1, count: 5 };

test("a value lies in its frame, places from edge to edge", () => {
  expect(point(0, 1, frame)).toEqual([0, 0]);
  expect(point(4, -1, frame)).toEqual([100, 20]);
  expect(point(2, 0, frame)).toEqual([50, 10]);
  expect(point(0, 0, { ...frame, count: 1 })).toEqual([50, 10]);
});

test("a curve goes through all its points", () => {
  expect(curve((place) => (place === 2 ? 1 : -1), frame, 4)).toBe("M0.0 20.0L25.0 20.0L50.0 0.0L75.0 20.0L100.0 20.0");
  expect(curve(() => 0, { ...frame, count: 1 }, 2).split("L")).toHaveLength(3);
});

test("a hand turns to the left", () => {
  expect(hand(0)[0]).toBeCloseTo(1);
  expect(hand(Math.PI / 2)[1]).toBeCloseTo(-1); // up
});
