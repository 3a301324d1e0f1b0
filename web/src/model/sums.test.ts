import { expect, test } from "vitest";

import type { ModelConfig } from "./architecture.ts";
import { type Place, offset, placeOf, tensorOf, written } from "./places.ts";
import { type Factor, type Sum, result } from "./sum.ts";
import type { Sums } from "./sums.ts";
import { TOY_PIECES, tracedToy } from "./toy_trace.ts";

const experiment = { residual: true, scale_scores: true, scale_embeddings: true };

/** The variants of tests/model_configs.py. */
const VARIANTS: Record<string, Partial<ModelConfig>> = {
  default: {},
  deep: { encoder_layers: 2, decoder_layers: 1 },
  paper: { norm: "post" },
  norm_none: { norm: "none" },
  rms: { norm_kind: "rms" },
  rms_post: { norm: "post", norm_kind: "rms" },
  epsilon: { norm_epsilon: 0.1 },
  gelu: { activation: "gelu" },
  swiglu: { activation: "swiglu" },
  silu: { activation: "silu" },
  ssru: { decoder_cell: "ssru" },
  ssru_post: { decoder_cell: "ssru", norm: "post" },
  learned: { positions: "learned" },
  rotary: { positions: "rotary" },
  alibi: { positions: "alibi" },
  alibi_three_heads: { positions: "alibi", d_model: 12, heads: 3 },
  table: { positions: "table" },
  positions_none: { positions: "none" },
  tie_target: { tie: "target", target_vocab_size: TOY_PIECES },
  tie_none: { tie: "none", target_vocab_size: TOY_PIECES },
  no_biases: { biases: false },
  grouped: { heads: 4, key_value_heads: 2 },
  multi_query: { heads: 4, key_value_heads: 1 },
  grouped_rotary: { heads: 4, key_value_heads: 2, positions: "rotary" },
  no_residual: { experiment: { ...experiment, residual: false } },
  no_score_scale: { experiment: { ...experiment, scale_scores: false } },
  no_embedding_scale: { experiment: { ...experiment, scale_embeddings: false } },
  modern: {
    heads: 4,
    key_value_heads: 2,
    norm_kind: "rms",
    activation: "swiglu",
    positions: "rotary",
    biases: false,
  },
};

/** Return the paths of all tensors of a trace. */
function paths(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("shape" in value && "values" in value) return [path];
  return Object.entries(value).flatMap(([name, one]) => paths(one, path ? `${path}.${name}` : name));
}

/** Return every place of a shape. */
function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, length) => all.flatMap((at) => Array.from({ length }, (_, one) => [...at, one])),
    [[]],
  );
}

function factors(sum: Sum): Factor[] {
  return sum.terms.flatMap(({ factors, over }) => (over ? [...factors, over] : factors));
}

function isClose(given: number, wanted: number): boolean {
  return given === wanted || Math.abs(given - wanted) <= 1e-4; // -Infinity too
}

/** Return what is wrong with a sum: its terms, its total, the values of its factors. */
function faults({ trace, weights }: Sums, sum: Sum): string[] {
  const masked = sum.kind === "mask" && !sum.terms.length;
  const wrong = isClose(masked ? -Infinity : result(sum), sum.value) ? [] : [`Σ = ${result(sum)}, not ${sum.value}`];
  for (const { factors, over, minus, value } of sum.terms) {
    const product = factors.reduce((all, one) => all * one.value, minus ? -1 : 1);
    if (!isClose(over ? product / over.value : product, value)) wrong.push(`a term is not ${value}`);
  }
  for (const { source, value } of factors(sum)) {
    if (source.kind === "number") {
      const tensor = tensorOf(trace, source.place.path);
      if (tensor && tensor.values[offset(tensor.shape, source.place)] !== value) wrong.push(written(source.place));
    } else if (source.kind === "weight" && !weights.get(source.name)?.includes(value)) wrong.push(source.name);
  }
  return wrong.map((what) => `${written(sum.place)}: ${what}`);
}

test.each(Object.keys(VARIANTS))("the terms of every number add up to it: %s", (name) => {
  const sums = tracedToy(VARIANTS[name]);
  const { trace, weights } = sums;
  const all = paths(trace).flatMap((path) => places(tensorOf(trace, path)!.shape).map((at) => ({ path, at })));
  all.push(...trace.steps.map((_, step) => ({ path: `steps.${step}.log_sum_exp`, at: [] })));
  const found = all.map((place) => sums.sum(place));
  expect(found.flatMap((sum) => faults(sums, sum))).toEqual([]);
  expect(found.map(({ place }) => place)).toEqual(all);
  const named = found.flatMap(factors).map(({ source }) => (source.kind === "weight" ? source.name : ""));
  expect([...new Set(named)].filter(Boolean).sort()).toEqual([...weights.keys()].sort()); // every one is used
  trace.steps.forEach(({ top }, step) => {
    for (const { id, probability, log_probability } of top) {
      const of = (part: string) => sums.number({ path: `steps.${step}.${part}`, at: [id] });
      expect([of("probability"), of("log_probability")].map((one) => one.toFixed(4))).toEqual(
        [probability, log_probability].map((one) => one.toFixed(4)),
      );
    }
  });
});

test.each(["default", "paper", "modern", "alibi"])("every way down ends at weights and constants: %s", (name) => {
  const sums = tracedToy(VARIANTS[name]);
  const last = sums.trace.steps.length - 1;
  const open: Place[] = [{ path: `steps.${last}.probability`, at: [sums.trace.steps[last].chosen.id] }];
  const seen = new Set(open.map(written));
  const weights = new Set<string>();
  for (let place = open.pop(); place; place = open.pop()) {
    const sum = sums.sum(place);
    expect(faults(sums, sum)).toEqual([]);
    for (const { source } of factors(sum)) {
      if (source.kind === "weight") weights.add(source.name);
      if (source.kind !== "number" || seen.has(written(source.place))) continue;
      seen.add(written(source.place));
      open.push(source.place);
    }
  }
  expect(weights.size).toBe(sums.weights.size); // the last number comes from all of them
});

test("what is no number of the trace is refused in words", () => {
  const sums = tracedToy();
  const wrong = ["memory:99,0", "memory:0", "memory:", "model:0", "encoder.layers.7.input:0,0", "steps.0.nothing:1"];
  wrong.push("constructor.name:0", "encoder.layers.0.self_attention.query_turned:0,0,0", "steps.0.powers:10000");
  wrong.push("encoder.layers.0.self_attention.totals:0,9", "memory.mean:8", "encoder.embedding.angles:0,8");
  for (const text of wrong) expect(() => sums.sum(placeOf(text)!), text).toThrow(/no number/);
});

test("a place is text and back", () => {
  for (const place of [
    { path: "memory", at: [3, 0] },
    { path: "steps.0.log_sum_exp", at: [] },
  ]) {
    expect(placeOf(written(place))).toEqual(place);
  }
  for (const text of ["", "memory", "memory:-1", "memory:1,2,3,4", "a b:1", "memory:1.5", "x:99999999"]) {
    expect(placeOf(text)).toBe(null);
  }
});
