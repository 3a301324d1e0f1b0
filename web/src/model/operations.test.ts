import { expect, test } from "vitest";

import { type ModelConfig, modelConfig, parameters } from "./architecture.ts";
import { Characters } from "./merging.ts";
import { type Cell, type Operation, changedSource, parts } from "./operations.ts";
import { decodeOptions } from "./options.ts";
import { BYTES, SPECIALS } from "./spelling.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { trace } from "./trace.ts";
import { Translator } from "./translator.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abcd"]));
const VARIANTS: Partial<ModelConfig>[] = [
  { norm: "pre" },
  { norm: "post" },
  { positions: "rotary", d_model: 16, heads: 4, key_value_heads: 2, norm_kind: "rms", activation: "swiglu" },
  { positions: "alibi", biases: false },
];
const TEXT = "dabac";

function translator(settings: Partial<ModelConfig> = {}, weights?: ReadonlyMap<string, Float32Array>): Translator {
  const wide = { vocab_size: tokenizer.pieces.length, max_positions: 40, encoder_layers: 2, ...settings };
  const model = toy(3, wide);
  return new Translator({
    model: model.config,
    weights: weights ?? model.weights,
    sourceTokenizer: tokenizer,
    targetTokenizer: tokenizer,
    directions: [],
    decode: decodeOptions({ beam: 3, n_best: 2, max_length: 6 }),
    alignmentHeads: [],
    alignmentStep: "receiving",
    sourceEnded: true,
  });
}

function found(one: Translator, operations: readonly Operation[] = [], text = TEXT) {
  return one.translate(text, {}, { operations }).hypotheses;
}

/** The translator with some of its weights changed, or with a smaller config and the weights that it still has. */
function other(one: Translator, change: (name: string, values: Float32Array) => Float32Array, settings = {}) {
  const config = modelConfig({ ...one.bundle.model, ...settings });
  const own = [...parameters(config).keys()].map(
    (name) => [name, change(name, one.bundle.weights.get(name)!)] as const,
  );
  return new Translator({ ...one.bundle, model: config, weights: new Map(own) });
}

function equal(one: ReturnType<typeof found>, another: ReturnType<typeof found>): void {
  expect(one.map(({ ids }) => ids)).toEqual(another.map(({ ids }) => ids));
  one.forEach(({ score }, at) => expect(score).toBeCloseTo(another[at].score, 5));
}

const same = (_: string, values: Float32Array) => values;
const SELF = "decoder.layers.1.self_attention";
const CROSS = "decoder.layers.0.cross_attention";
const ENCODER = "encoder.layers.1.self_attention";
const CELLS: Cell[] = [
  [0, 1],
  [1, 0],
  [2, 2],
  [2, 1],
  [3, 0],
];
const EVERY: Operation[] = [
  { kind: "layer", where: "decoder.layers.1" },
  { kind: "layer", where: "encoder.layers.0" },
  { kind: "residual", where: CROSS },
  { kind: "residual", where: "decoder.layers.1.feed_forward" },
  { kind: "norm", where: `${SELF}_norm` },
  { kind: "feed_forward", where: "encoder.layers.1.feed_forward" },
  { kind: "head", where: CROSS, head: 1 },
  { kind: "uniform", where: SELF, head: null },
  { kind: "uniform", where: CROSS, head: 0 },
  { kind: "mask", where: SELF, head: 1, cells: CELLS },
  { kind: "mask", where: CROSS, head: null, cells: CELLS },
  { kind: "mask", where: ENCODER, head: 0, cells: CELLS },
  { kind: "shuffle", seed: 4 },
  { kind: "piece", at: 1, id: 263 },
  { kind: "prefix", ids: [263, 262] },
];

test.each(VARIANTS)("no operation changes nothing, and every other one something: %j", (settings) => {
  const one = translator(settings);
  const plain = one.translate(TEXT);
  expect(one.translate(TEXT, {}, { operations: [] })).toEqual(plain);
  for (const operation of EVERY) {
    expect(found(one, [operation])[0].score, JSON.stringify(operation)).not.toBe(plain.hypotheses[0].score);
  }
  expect(one.translate(TEXT)).toEqual(plain);
});

test.each(VARIANTS)("a step of a search and a pass over all of what it found are operated alike: %j", (settings) => {
  const one = translator(settings);
  for (const operations of [...EVERY.map((operation) => [operation]), EVERY]) {
    const { search, steps } = trace(one, TEXT, { operations });
    const scored = search.hypotheses[0].log_probabilities;
    steps.forEach(({ chosen }, at) => expect(chosen.log_probability).toBeCloseTo(scored[at], 4));
  }
});

test.each(VARIANTS)("a head that is off is one whose rows of the output projection are zeros: %j", (settings) => {
  const one = translator(settings);
  const { d_model, heads } = one.bundle.model;
  for (const where of [ENCODER, SELF, CROSS]) {
    for (let head = 0; head < heads; head++) {
      const columns = (at: number) => Math.floor((at % d_model) / (d_model / heads)) === head;
      const without = other(one, (name, values) =>
        name === `${where}.out.weight` ? values.map((value, at) => (columns(at) ? 0 : value)) : values,
      );
      equal(found(one, [{ kind: "head", where, head }]), found(without));
    }
  }
});

test.each(VARIANTS)("a last layer that is off is not there: %j", (settings) => {
  const one = translator(settings);
  const shallow = other(one, same, { encoder_layers: 1, decoder_layers: 1 });
  const off = ["encoder.layers.1", "decoder.layers.1"].map((where) => ({ kind: "layer", where }) as const);
  equal(found(one, off), found(shallow));
});

test.each(VARIANTS)("all residuals off, or all norms, it is the model that has none: %j", (settings) => {
  const one = translator(settings);
  const off = (kind: "residual" | "norm") => parts(one.bundle.model, kind).map((where) => ({ kind, where }));
  const experiment = { residual: false, scale_scores: true, scale_embeddings: true };
  equal(found(one, off("residual")), found(other(one, same, { experiment })));
  if (settings.activation === "swiglu") return; // its products overflow without norms
  equal(found(one, off("norm")), found(other(one, same, { norm: "none" })));
});

test.each(VARIANTS)("a feed-forward network that is off has zeros in its last matrix: %j", (settings) => {
  const one = translator(settings);
  const where = "decoder.layers.0.feed_forward";
  const zero = other(one, (name, values) => (name.startsWith(`${where}.down`) ? values.map(() => 0) : values));
  equal(found(one, [{ kind: "feed_forward", where }]), found(zero));
});

test("to look at all alike is to ask for nothing", () => {
  const one = translator({ norm: "post" });
  for (const where of parts(one.bundle.model, "uniform")) {
    const mute = other(one, (name, values) => (name.startsWith(`${where}.query`) ? values.map(() => 0) : values));
    equal(found(one, [{ kind: "uniform", where, head: null }]), found(mute));
    const each = [0, 1].map((head) => ({ kind: "uniform", where, head }) as const);
    equal(found(one, each), found(mute));
  }
});

test("a piece at which nothing may look is not there, where places do not count", () => {
  const one = translator({ positions: "none" });
  const cells = Array.from({ length: 12 }, (_, query): Cell => [query, 1]);
  const looking = parts(one.bundle.model, "mask").filter((part) => !part.includes("decoder") || part.includes("cross"));
  const hidden = looking.map((where) => ({ kind: "mask", where, head: null, cells }) as const);
  equal(found(one, hidden, "dabac"), found(one, [], "dbac"));
});

test("rows that are told whole are hidden by their position too", () => {
  const operations: Operation[] = [{ kind: "mask", where: SELF, head: 1, cells: CELLS }];
  const { decoder } = trace(translator(), TEXT, { operations });
  const { shape, values } = decoder.layers[1].self_attention!.weights;
  values.forEach((weight, at) => {
    const [head, query, key] = [Math.floor(at / shape[1] ** 2), Math.floor(at / shape[1]) % shape[1], at % shape[1]];
    const off = head === 1 && CELLS.some((cell) => cell[0] === query && cell[1] === key);
    expect(weight === 0).toBe(off || key > query);
  });
});

test.each([...VARIANTS, { positions: "learned" } as const])("pieces elsewhere are pieces in another order: %j", (s) => {
  const one = translator(s);
  const ids = one.sourceIds("dabc");
  const places = (seed: number) => {
    let told: readonly number[] = [];
    const record = (name: string, values: Float32Array) => void (name === "encoder.places" && (told = [...values]));
    one.operated({ operations: [{ kind: "shuffle", seed }], record }).encode(ids);
    return told;
  };
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);
  for (const seed of seeds) expect([...places(seed)].sort()).toEqual([0, 1, 2, 3, 4]);
  const moved = seeds.filter((seed) => places(seed)[4] === 4 && places(seed)[0] !== 0); // the end cannot be another piece
  expect(moved.length).toBeGreaterThan(1);
  for (const seed of moved.slice(0, 2)) {
    const order = [0, 1, 2, 3].map((place) => places(seed).indexOf(place));
    const pieces = order.map((from, at): Operation => ({ kind: "piece", at, id: ids[from] }));
    equal(found(one, [{ kind: "shuffle", seed }], "dabc"), found(one, pieces, "dabc"));
  }
});

test("a cell that is off leaves the decoder blind to what it wrote", () => {
  const one = translator({ decoder_cell: "ssru", positions: "none" });
  const wheres = parts(one.bundle.model, "cell");
  expect(wheres).toEqual(["decoder.layers.0.recurrence", "decoder.layers.1.recurrence"]);
  const cells = wheres.map((where): Operation => ({ kind: "cell", where }));
  const scored = (target: string, operations: Operation[]) => one.score(TEXT, target, { operations });
  const last = (target: string, operations: Operation[]) => scored(target, operations).at(-1);
  expect(last("ba", cells)).toBeCloseTo(last("da", cells)!, 6); // the step that reads a knows nothing of b or d
  expect(last("ba", [])).not.toBeCloseTo(last("da", [])!, 3);
  for (const kind of ["head", "uniform", "mask"] as const) {
    expect(parts(one.bundle.model, kind).every((where) => !/decoder.*self/.test(where))).toBe(true);
  }
  const [residual] = found(one, [{ kind: "residual", where: wheres[0] }]);
  expect(residual.score).not.toBe(found(one)[0].score);
});

test("another piece is another text", () => {
  const one = translator();
  const [a, d] = [one.sourceIds("a")[0], one.sourceIds("d")[0]];
  const operations: Operation[] = [
    { kind: "piece", at: 0, id: a },
    { kind: "piece", at: 2, id: d },
  ];
  equal(found(one, operations, "dabac"), found(one, [], "aadac"));
  const traced = trace(one, "dabac", { operations });
  expect([traced.text, traced.source.pieces.map(({ text }) => text).join("")]).toEqual(["aadac", "aadac"]);
});

test("a prefix stays, and forcing what is found anyway changes nothing", () => {
  const one = translator();
  const plain = found(one);
  equal(found(one, [{ kind: "prefix", ids: plain[0].ids.slice(0, 2) }]).slice(0, 1), plain.slice(0, 1));
  for (const { ids } of found(one, [{ kind: "prefix", ids: [263, 261] }])) expect(ids.slice(0, 2)).toEqual([263, 261]);
});

test.each([
  [{ kind: "layer", where: "encoder.layers.2" }, "this model has none; it has encoder.layers.0 to decoder.layers.1"],
  [{ kind: "head", where: ENCODER, head: 2 }, "head 2 of encoder.layers.1.self_attention: this model has the heads 0"],
  [{ kind: "norm", where: "__proto__" }, "norm of __proto__: this model has none"],
  [{ kind: "piece", at: 5, id: 261 }, "there is no piece 5 to change; 0 to 4 are there, and the end stays"],
  [{ kind: "piece", at: 0, id: 9999 }, "source id 9999 is outside the vocabulary"],
  [{ kind: "prefix", ids: [3] }, "a prefix holds </s>"],
  [{ kind: "prefix", ids: [9999] }, "a prefix holds 9999; the vocabulary has the ids 0 to 264"],
  [{ kind: "uniform", where: "encoder.layers.0.cross_attention", head: null }, "this model has none"],
] as [Operation, string][])("what a model has not is refused: %j", (operation, words) => {
  expect(() => found(translator(), [operation])).toThrow(words);
});

test("a model without norms has none to switch off, and changing nothing is no change", () => {
  expect(() => found(translator({ norm: "none" }), [{ kind: "norm", where: "encoder.norm" }])).toThrow("nothing");
  expect(changedSource([7, 3], [{ kind: "shuffle", seed: 1 }], true)).toEqual([7, 3]);
  const last = [{ kind: "piece", at: 1, id: 9 }] as const;
  expect(() => changedSource([7, 3], last, true)).toThrow("0 to 0 are there, and the end stays");
  expect(changedSource([7, 3], last, false)).toEqual([7, 9]); // a source without an end has none that stays
  expect(() => changedSource([7], last, false)).toThrow("there is no piece 1 to change; 0 to 0 are there");
});
