import { describe, expect, it } from "vitest";
import { key, uniform } from "../model/randomness.ts";
import { utf8 } from "../model/spelling.ts";
import { toy } from "../model/toy.ts";
import { spans } from "../page/spans.ts";
import { isLike, wouldSay } from "./lens.ts";
import { cosines, neighbours } from "./neighbours.ts";
import { principal, project } from "./principal.ts";
import { highest } from "./ranking.ts";
import { places } from "./spelled_words.ts";

/** Return random numbers from -1 to 1. */
function random(seed: number, count: number): Float32Array {
  const own = key(seed, "analysis");
  return Float32Array.from({ length: count }, (_, at) => 2 * uniform(own, at) - 1);
}

describe("the highest", () => {
  it("are those of a full sort", () => {
    for (let seed = 0; seed < 30; seed++) {
      const values = random(seed, 1 + (seed % 20)).map((value) => Math.round(3 * value)); // with equal ones
      const sorted = [...values.keys()].sort((one, other) => values[other] - values[one] || one - other);
      for (const count of [0, 1, 3, 40]) expect(highest(values, count)).toEqual(sorted.slice(0, count));
    }
  });
});

describe("the lens", () => {
  it.each(["pre", "post"] as const)("at the end says what the model says, %s-norm", (norm) => {
    const model = toy(3, { norm });
    const told = new Map<string, Float32Array>();
    const recorded = model.recorded((name, values) => void told.set(name, values));
    const target = [2, 5, 7, 4];
    const state = model.start(model.encode([4, 5, 3]));
    const logits = recorded.decode(
      target,
      target.map(() => state),
    );
    expect(model.unembed(told.get("decoder.layers.1.output")!)).toEqual(logits);
    expect(model.unembed(told.get("decoder.layers.1.input")!)).not.toEqual(logits);
  });

  it("gives softmax and rank as they are defined", () => {
    const logits = random(5, 4 * 9).map((value) => Math.round(4 * value));
    const written = [0, 8, 3, 3];
    wouldSay(logits, written, 9).forEach(({ best, own, rank }, row) => {
      const logits_V = Array.from(logits.subarray(9 * row, 9 * row + 9));
      const total = logits_V.reduce((sum, logit) => sum + Math.exp(logit), 0);
      expect(best.map(({ id }) => id)).toEqual(
        [...logits_V.keys()].sort((one, other) => logits_V[other] - logits_V[one] || one - other),
      );
      best.forEach(({ id, value }) => expect(value).toBeCloseTo(Math.exp(logits_V[id]) / total, 6));
      expect(best[rank - 1]).toEqual({ id: written[row], value: own });
    });
  });
});

describe("neighbours", () => {
  const [pieces, width] = [30, 6];
  const table = random(7, pieces * width);
  const dot = (one: number, other: number) =>
    Array.from({ length: width }, (_, at) => table[one * width + at] * table[other * width + at]).reduce(
      (sum, x) => sum + x,
    );

  it("are those of all angles", () => {
    for (let piece = 0; piece < pieces; piece++) {
      const all = Array.from({ length: pieces }, (_, id) => ({
        id,
        value: dot(piece, id) / Math.sqrt(dot(piece, piece) * dot(id, id)),
      })).filter(({ id }) => id !== piece);
      all.sort((one, other) => other.value - one.value);
      expect(neighbours(table, width, piece, 5)).toEqual(
        all.slice(0, 5).map(({ id, value }) => ({ id, value: expect.closeTo(value, 5) })),
      );
      expect(neighbours(table, width, piece, 99).length).toBe(pieces - 1);
    }
  });

  it("of a row that is a piece begin with that piece, whatever its length", () => {
    const ids = [4, 9, 29];
    const rows = Float32Array.from(ids.flatMap((id) => Array.from(table.subarray(id * width, (id + 1) * width))));
    for (const times of [1, 9]) {
      isLike(
        rows.map((x) => times * x),
        table,
        ids,
        3,
      ).forEach(({ best, own, rank }, row) => {
        expect([best[0].id, rank]).toEqual([ids[row], 1]);
        expect(own).toBeCloseTo(1, 5);
        expect(best.slice(1).map(({ id }) => id)).toEqual(neighbours(table, width, ids[row], 2).map(({ id }) => id));
      });
    }
    expect(Array.from(cosines(new Float32Array(width), table, width))).toEqual(new Array(pieces).fill(0));
  });
});

describe("the map", () => {
  const width = 5;
  const table = random(9, 60 * width).map((value, at) => value * [3, 0.5, 2, 1, 0.2][at % width] + (at % width));

  /** Return the variance of the table in a direction. */
  function variance(axis: ArrayLike<number>): number {
    const along = Array.from({ length: 60 }, (_, row) =>
      Array.from({ length: width }, (_, at) => table[row * width + at] * axis[at]).reduce((sum, x) => sum + x),
    );
    const mean = along.reduce((sum, x) => sum + x) / along.length;
    return along.reduce((sum, x) => sum + (x - mean) ** 2, 0) / along.length;
  }

  it("has two directions of length 1 at right angles, which no other surpass", () => {
    const { axes, shares } = principal(table, width);
    const dot = (one: ArrayLike<number>, other: ArrayLike<number>) =>
      Array.from(one).reduce((sum, x, at) => sum + x * other[at], 0);
    expect([dot(axes[0], axes[0]), dot(axes[1], axes[1]), dot(axes[0], axes[1])]).toEqual(
      [1, 1, 0].map((wanted) => expect.closeTo(wanted, 9)),
    );
    const total = Array.from({ length: width }, (_, at) => variance([0, 1, 2, 3, 4].map((one) => +(one === at))));
    axes.forEach((axis, side) =>
      expect(shares[side]).toBeCloseTo(variance(axis) / total.reduce((sum, x) => sum + x), 5),
    );
    for (let seed = 0; seed < 50; seed++) {
      const other = random(seed, width);
      const along = dot(other, axes[0]);
      const rest = Float64Array.from(other, (x, at) => x - along * axes[0][at]);
      for (const [direction, axis] of [
        [Float64Array.from(other), axes[0]],
        [rest, axes[1]],
      ]) {
        const length = Math.sqrt(dot(direction, direction));
        expect(variance(direction.map((x) => x / length))).toBeLessThanOrEqual(variance(axis) + 1e-6);
      }
    }
  });

  it("keeps all distances of what is flat, wherever it lies", () => {
    const flat = random(11, 2 * 12);
    const lying = new Float32Array(12 * width);
    for (let row = 0; row < 12; row++) {
      for (let at = 0; at < width; at++) {
        lying[row * width + at] = 4 + flat[2 * row] * [0.6, 0.8, 0, 0, 0][at] + flat[2 * row + 1] * +(at === 3);
      }
    }
    const found = project(lying, principal(lying, width));
    const distance = (points: Float32Array, one: number, other: number) =>
      Math.hypot(points[2 * one] - points[2 * other], points[2 * one + 1] - points[2 * other + 1]);
    for (let one = 0; one < 12; one++) {
      for (let other = 0; other < one; other++) {
        expect(distance(found, one, other)).toBeCloseTo(distance(flat, one, other), 4);
      }
    }
  });

  it("of pieces that are all alike is a point", () => {
    const same = new Float32Array(12).fill(2);
    expect(principal(same, 3).shares).toEqual([0, 0]);
    expect(Array.from(project(same, principal(same, 3)))).toEqual(new Array(8).fill(0));
  });
});

describe("the words of pieces", () => {
  const of = (text: string, pieces: readonly string[]) =>
    places(text, [...pieces.keys()], spans(text, pieces.map(utf8)));

  it("are those of the text", () => {
    const found = of("Sie liest's, 日本語!", [" Si", "e", " liest", "'s", ",", " ", "日", "本", "語", "!", ""]);
    const words = found.map(({ word }) => word);
    expect(words[0]).toBe(0);
    expect(words.slice(0, 6)).toEqual([0, 0, 4, 4, null, null]);
    expect(words.slice(6).filter((word) => word !== null).length).toBe(3);
    expect(found.map(({ separator }) => separator)).toEqual(
      [4, 9, 10].reduce((all, at) => all.with(at, true), new Array<boolean>(11).fill(false)),
    );
  });
});
