import { describe, expect, it } from "vitest";
import { key, uniform } from "../model/randomness.ts";
import { pointAt, pointTowards, shown, whole, withRoom } from "./plane.ts";

const own = key(4, "plane");
const POINTS = Float32Array.from({ length: 80 }, (_, at) => 9 * uniform(own, at) - 3);
const [WIDTH, HEIGHT] = [300, 200];

describe("a map on a screen", () => {
  it("shows all of it, as large as it can", () => {
    const screen = shown(POINTS, whole(POINTS, WIDTH, HEIGHT, 10), WIDTH, HEIGHT);
    const [xs, ys] = [0, 1].map((side) => Array.from(screen.filter((_, at) => at % 2 === side)));
    const gaps = [Math.min(...xs), WIDTH - Math.max(...xs), Math.min(...ys), HEIGHT - Math.max(...ys)];
    expect(Math.min(...gaps)).toBeCloseTo(10, 3);
    expect(gaps[0]).toBeCloseTo(gaps[1], 3);
    expect(gaps[2]).toBeCloseTo(gaps[3], 3);
  });

  it("has no size where there is none", () => {
    const all = [new Float32Array(0), Float32Array.of(3, 4), Float32Array.of(3, 4, 3, 4)];
    for (const points of all) expect(whole(points, WIDTH, HEIGHT, 10).scale).toBe(1);
    expect(whole(Float32Array.of(3, 4, 3, 6), WIDTH, HEIGHT, 10).scale).toBe(90);
  });

  it("finds the point that is pointed at", () => {
    for (let at = 0; at < 60; at++) {
      const [x, y] = [WIDTH * uniform(own, 100 + at), HEIGHT * uniform(own, 200 + at)];
      const screen = shown(POINTS, whole(POINTS, WIDTH, HEIGHT, 10), WIDTH, HEIGHT);
      const distances = Array.from({ length: 40 }, (_, point) =>
        Math.hypot(screen[2 * point] - x, screen[2 * point + 1] - y),
      );
      const least = Math.min(...distances);
      expect(pointAt(screen, x, y, 20)).toBe(least <= 20 ? distances.indexOf(least) : null);
    }
  });

  it("leads from each point in four directions, to one that lies there", () => {
    for (let from = 0; from < 40; from++) {
      for (const [right, down] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        const away = (point: number) => {
          const [x, y] = [POINTS[2 * point] - POINTS[2 * from], POINTS[2 * point + 1] - POINTS[2 * from + 1]];
          return { along: right * x + down * y, aside: Math.abs(right ? y : x), distance: Math.hypot(x, y) };
        };
        const there = [...Array(40).keys()].filter((point) => point !== from && away(point).along >= away(point).aside);
        there.sort((one, other) => away(one).distance - away(other).distance);
        expect(pointTowards(POINTS, from, right, down)).toBe(there[0] ?? null);
      }
    }
  });

  it("writes names where they have room", () => {
    const boxes = Array.from({ length: 40 }, (_, at) => ({
      x: WIDTH * uniform(own, 300 + at) - 20,
      y: HEIGHT * uniform(own, 400 + at) - 5,
      width: 40,
      height: 12,
    }));
    const kept = withRoom(boxes, WIDTH, HEIGHT);
    const free = (one: number, other: number) =>
      Math.abs(boxes[one].x - boxes[other].x) >= 40 || Math.abs(boxes[one].y - boxes[other].y) >= 12;
    const within = ({ x, y }: (typeof boxes)[0]) => x >= 0 && y >= 0 && x <= WIDTH - 40 && y <= HEIGHT - 12;
    boxes.forEach((box, at) => {
      const before = kept.filter((other) => other < at);
      expect(kept.includes(at)).toBe(within(box) && before.every((other) => free(at, other)));
    });
    expect(kept.length).toBeGreaterThan(5);
  });
});
