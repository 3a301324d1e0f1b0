import { expect, test } from "vitest";

import { type ModelConfig, modelConfig } from "./architecture.ts";
import { toy } from "./toy.ts";
import { Transformer } from "./transformer.ts";

const SOURCE = [5, 6, 4, 3];
const TARGET = [2, 7, 8, 4];

const VARIANTS: Partial<ModelConfig>[] = [
  {},
  { norm: "post", positions: "rotary" },
  { norm_kind: "rms", activation: "swiglu", positions: "alibi", biases: false, key_value_heads: 1 },
  { decoder_cell: "ssru" },
  { norm: "none", positions: "learned", tie: "none", target_vocab_size: 9 },
];

test.each(VARIANTS)("steps equal one pass, and hypotheses side by side do not touch each other", (settings) => {
  const model = toy(1, settings);
  const memory = model.encode(SOURCE);
  const state = model.start(memory);
  const together = model.decode(
    TARGET,
    TARGET.map(() => state),
  );
  const pieces = together.length / TARGET.length;

  const first = model.start(memory);
  let states = [first, first.fork()];
  TARGET.forEach((id, step) => {
    const logits = model.decode([id, step < 2 ? id : 5], states); // the second goes its own way from its third piece
    expect(logits.subarray(0, pieces)).toEqual(together.subarray(step * pieces, (step + 1) * pieces));
    states = states.map((state) => state.fork());
  });
  const { cells, own } = states[0]; // what grows with the length, or what does not
  const cell = model.config.decoder_cell === "ssru";
  expect(cells.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual(cell ? Array(2).fill([8, 32]) : []);
  expect(own.every(({ keys }) => keys.length === (cell ? 0 : TARGET.length))).toBe(true);
});

test("what comes later changes nothing before it", () => {
  const model = toy(2);
  const logits = [TARGET, [...TARGET.slice(0, 3), 9]].map((target) => {
    const state = model.start(model.encode(SOURCE));
    return model.decode(
      target,
      target.map(() => state),
    );
  });
  const pieces = logits[0].length / TARGET.length;
  expect(logits[0].subarray(0, 3 * pieces)).toEqual(logits[1].subarray(0, 3 * pieces));
  expect(logits[0].subarray(3 * pieces)).not.toEqual(logits[1].subarray(3 * pieces));
});

test("recording changes nothing, and what was told changes no more", () => {
  const model = toy(3, { positions: "rotary" });
  const told = new Map<string, { values: Float32Array; copy: Float32Array; shape: readonly number[] }>();
  const recorded = model.recorded((name, values, shape) => {
    expect(told.has(name)).toBe(false);
    told.set(name, { values, copy: values.slice(), shape });
  });
  const run = (one: Transformer) => {
    const state = one.start(one.encode(SOURCE));
    return one.decode(
      TARGET,
      TARGET.map(() => state),
    );
  };
  expect(run(recorded)).toEqual(run(model));
  for (const { values, copy, shape } of told.values()) {
    expect(values).toEqual(copy);
    expect(shape.reduce((product, length) => product * length, 1)).toBe(values.length);
  }
  expect(told.get("encoder.layers.0.self_attention.query")?.shape).toEqual([SOURCE.length, 8]);
  expect(told.get("decoder.layers.1.cross_attention.weights")?.shape).toEqual([2, TARGET.length, SOURCE.length]);
  expect(told.get("logits")?.shape).toEqual([TARGET.length, 11]);
});

test("what the model cannot take is refused in words", () => {
  const model = toy(4);
  expect(() => model.encode([])).toThrow("a source of no pieces");
  expect(() => model.encode([11])).toThrow("source id 11 is outside the vocabulary; allowed are 0 to 10");
  expect(() => model.encode(new Array(17).fill(5))).toThrow("max_positions=16");
  const state = model.start(model.encode(SOURCE));
  expect(() => model.decode(new Array(17).fill(5), new Array(17).fill(state))).toThrow("max_positions=16");
  const { config, weights } = model;
  const fewer = new Map([...weights].slice(1));
  expect(() => new Transformer(config, fewer)).toThrow("tensor embedding.weight is wanted with shape [11,8]");
  expect(() => new Transformer(config, new Map([...weights, ["more", new Float32Array(1)]]))).toThrow(
    "more is unknown",
  );
});

test.each([
  [{}, "model.vocab_size=0"],
  [{ vocab_size: 11, d_model: 10 }, "does not split into heads=4"],
  [{ vocab_size: 11, key_value_heads: 3 }, "does not divide heads=4"],
  [{ vocab_size: 11, head: 4 }, "no setting model.head; allowed: vocab_size"],
  [{ vocab_size: "11" }, 'model.vocab_size="11": a number is wanted'],
  [{ vocab_size: 11, norm: "last" }, 'model.norm="last" is not known here; allowed: pre, post, none'],
  [{ vocab_size: 11, encoder_pattern: "window" }, "model.encoder_pattern"],
  [{ vocab_size: 11, experiment: { residual: 1 } }, "model.experiment.residual=1: a boolean is wanted"],
  [{ vocab_size: 11, target_vocab_size: 12 }, "tie=all wants one vocabulary"],
  [{ vocab_size: 11, d_model: 12, positions: "rotary" }, "even head width"],
  [[], "a table of settings is wanted"],
])("a config that cannot be is refused: %j", (given, words) => {
  expect(() => modelConfig(given)).toThrow(words);
});
