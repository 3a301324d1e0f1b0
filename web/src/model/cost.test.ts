import { describe, expect, it } from "vitest";
import { modelConfig, parameters } from "./architecture.ts";
import { PARTS, costs, isLooking, isMatrix, partOf, total } from "./cost.ts";
import { toy } from "./toy.ts";

const SMALL = modelConfig({ vocab_size: 8000 });

describe("the cost of a pass", () => {
  it("is what one counts by hand", () => {
    const config = modelConfig({
      vocab_size: 11,
      d_model: 4,
      encoder_layers: 1,
      decoder_layers: 1,
      heads: 2,
      feed_forward: 6,
    });
    const found = new Map(costs(config, 3, 2).map((cost) => [cost.part, cost]));
    expect(found.get("encoder attention")).toMatchObject({ products: 3 * 4 * 16, looking: 2 * 4 * 9 });
    expect(found.get("decoder self-attention")).toMatchObject({ products: 2 * 4 * 16, looking: 2 * 4 * 4 });
    expect(found.get("decoder cross-attention")).toMatchObject({
      products: (2 * 2 + 3 * 2) * 16,
      looking: 2 * 4 * 6,
    });
    expect(found.get("decoder feed-forward")).toMatchObject({ products: 2 * 2 * 24, looking: 0 });
    expect(found.get("output")).toMatchObject({ products: 4 * 11 * 2, parameters: 11, bytes: 44 });
    expect(found.get("embeddings")).toMatchObject({ parameters: 44, bytes: 44 + 4 * 11, products: 0 });
  });

  it("grows with the square where the model looks, and there alone", () => {
    const [once, twice] = [costs(SMALL, 20, 20), costs(SMALL, 40, 40)];
    once.forEach((cost, at) => {
      expect(twice[at].looking).toBe(4 * cost.looking);
      expect(twice[at].products).toBe(2 * cost.products);
      expect(twice[at].bytes).toBe(cost.bytes);
    });
    expect(total(twice).all - total(twice).looking).toBe(2 * (total(once).all - total(once).looking));
  });

  it("counts every number of the model once", () => {
    for (const settings of [{}, { tie: "none", target_vocab_size: 70 }, { positions: "learned" }, { norm: "none" }]) {
      const config = modelConfig({ vocab_size: 90, d_model: 8, ...settings });
      const shapes = [...parameters(config)];
      const numbers = shapes.map(([, shape]) => shape.reduce((product, length) => product * length, 1));
      const found = costs(config, 5, 4);
      const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0);
      expect(sum(found.map(({ parameters }) => parameters))).toBe(sum(numbers));
      const saved = shapes.map(([name, shape], at) => (isMatrix(name, shape) ? 3 * numbers[at] - 4 * shape[0] : 0));
      expect(sum(found.map(({ bytes }) => bytes))).toBe(4 * sum(numbers) - sum(saved));
    }
  });
});

it.each([
  ["attention", "decoder cells"],
  ["ssru", "decoder self-attention"],
] as const)("each number that a pass tells has a part, and looking is attention's: %s", (decoder_cell, missing) => {
  const told = new Map<string, boolean>();
  const plain = toy(1, { positions: "learned", norm: "pre", decoder_cell });
  const model = plain.recorded((name) => void told.set(name, isLooking(name)));
  model.decode([4, 5], Array(2).fill(model.start(model.encode([4, 5, 6]))));
  expect(new Set([...told.keys()].map(partOf))).toEqual(new Set(PARTS.filter((part) => part !== missing)));
  const looking = [...told].filter(([, is]) => is).map(([name]) => name.split(".").slice(-2).join("."));
  const each = ["unmasked", "scores", "weights", "seen"];
  expect(new Set(looking)).toEqual(
    new Set(["self", "cross"].flatMap((kind) => each.map((part) => `${kind}_attention.${part}`))),
  );
});
