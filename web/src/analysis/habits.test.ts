import { describe, expect, it } from "vitest";
import { softmax } from "../model/attention.ts";
import { key, uniform } from "../model/randomness.ts";
import { type Habit, crossKinds, entropies, habits, selfKinds } from "./habits.ts";
import type { Place } from "./spelled_words.ts";

const ROWS: Place[] = [
  { id: 5, word: 0, separator: false },
  { id: 6, word: 0, separator: false },
  { id: 7, word: 4, separator: false },
  { id: 5, word: 9, separator: false },
  { id: 8, word: null, separator: true },
  { id: 3, word: null, separator: true },
];
const COUNT = ROWS.length;

/** Return an attention of one head in which each row looks at one key alone, [1, L, K]. */
function pointed(keys: readonly number[], width = COUNT, causal = false) {
  const shape = [1, keys.length, width];
  const values = new Float32Array(keys.length * width);
  keys.forEach((key, row) => (values[row * width + key] = 1));
  const scores = values.map((value, at) =>
    causal && at % width > Math.floor(at / width) ? -Infinity : value ? 50 : -50,
  );
  return [
    { shape, values },
    { shape, values: scores },
  ] as const;
}

/** Return a random attention of some heads. */
function random(seed: number, heads: number, rows: number, width: number, causal: boolean) {
  const own = key(seed, "attention");
  const scores = Float32Array.from({ length: heads * rows * width }, (_, at) =>
    causal && at % width > Math.floor(at / width) % rows ? -Infinity : 6 * uniform(own, at),
  );
  const weights = new Float32Array(scores.length);
  for (let first = 0; first < scores.length; first += width) {
    softmax(scores.subarray(first, first + width), weights.subarray(first, first + width));
  }
  const shape = [heads, rows, width];
  return [
    { shape, values: weights },
    { shape, values: scores },
  ] as const;
}

describe("what a head does", () => {
  it.each<[Habit, number[]]>([
    ["itself", [0, 1, 2, 3, 4, 5]],
    ["previous", [0, 0, 1, 2, 3, 4]],
    ["next", [1, 2, 3, 4, 5, 5]],
    ["separator", [4, 5, 4, 5, 5, 4]],
  ])("is told by where it looks: %s", (habit, keys) => {
    const [found] = habits(...pointed(keys), selfKinds(ROWS, true));
    expect(found.habit).toBe(habit);
    expect(found.entropy).toBe(0);
  });

  it("is nothing where it looks at all alike", () => {
    const values = new Float32Array(COUNT * COUNT).fill(1 / COUNT);
    const all = { shape: [1, COUNT, COUNT], values };
    const [{ habit, strength, entropy, shares }] = habits(all, all, selfKinds(ROWS, true));
    expect([habit, strength]).toEqual([null, 0]);
    expect(entropy).toBeCloseTo(Math.log2(COUNT), 6);
    for (const { share, chance } of shares) expect(share).toBeCloseTo(chance, 6);
  });

  it.each([true, false])("has the shares that adding up gives, causal %s", (causal) => {
    const [weights, scores] = random(4, 3, COUNT, COUNT, causal);
    const same: Record<string, (row: number, key: number) => boolean> = {
      itself: (row, key) => row === key,
      previous: (row, key) => key + 1 === row,
      word: (row, key) => row !== key && row < 2 && key < 2,
      repeat: (row, key) => (row === 0 && key === 3) || (row === 3 && key === 0),
      separator: (_, key) => key > 3,
    };
    habits(weights, scores, selfKinds(ROWS, !causal)).forEach(({ shares, entropy }, head) => {
      expect(shares.some(({ habit }) => habit === "next")).toBe(!causal);
      const at = (row: number, key: number) => weights.values[(head * COUNT + row) * COUNT + key];
      for (const { habit, share } of shares) {
        if (habit === "next") continue;
        let sum = 0;
        for (let row = 0; row < COUNT; row++) {
          for (let key = 0; key < COUNT; key++) if (same[habit](row, key)) sum += at(row, key);
        }
        expect(share, habit).toBeCloseTo(sum / COUNT, 6);
      }
      let bits = 0;
      for (let row = 0; row < COUNT; row++) {
        for (let key = 0; key < COUNT; key++)
          if (at(row, key)) bits -= (at(row, key) * Math.log2(at(row, key))) / COUNT;
      }
      expect(entropy).toBeCloseTo(bits, 6);
    });
  });

  it("does not change with a head beside it", () => {
    const [weights, scores] = random(6, 4, COUNT, COUNT, false);
    const size = COUNT * COUNT;
    habits(weights, scores, selfKinds(ROWS, true)).forEach((found, head) => {
      const alone = [weights, scores].map(({ values }) => ({
        shape: [1, COUNT, COUNT],
        values: values.slice(head * size, (head + 1) * size),
      }));
      expect(habits(alone[0], alone[1], selfKinds(ROWS, true))).toEqual([found]);
    });
  });
});

describe("a head of the cross-attention", () => {
  // Target piece 0 comes from the word of source pieces 0 and 1, piece 1 from 3, piece 2 from the end.
  const alignment = [
    Float32Array.of(0.3, 0.2, 0.4, 0.1, 0, 0),
    Float32Array.of(0, 0, 0, 1, 0, 0),
    Float32Array.of(0, 0, 0, 0, 0, 1),
  ];

  it.each<[Habit, number[]]>([
    ["write", [1, 3, 5]],
    ["read", [2, 0, 3]],
    ["place", [0, 1, 2]],
  ])("is told by where it looks: %s", (habit, keys) => {
    const [found] = habits(...pointed(keys), crossKinds(ROWS, alignment));
    expect(found.habit).toBe(habit);
  });

  it("is not said to align where no alignment is known", () => {
    const [found] = habits(...pointed([1, 3, 5]), crossKinds(ROWS, null));
    expect(found.shares.map(({ habit }) => habit)).toEqual(["place", "separator"]);
  });
});

it("the entropy of one key is 0, and that of n equal ones log2 n", () => {
  expect(entropies(Float32Array.of(1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0, 0), 4)).toEqual([0, 2, 1]);
});
