import { expect, test } from "vitest";
import { Characters } from "../model/merging.ts";
import { decodeOptions } from "../model/options.ts";
import { BYTES, SPECIALS } from "../model/spelling.ts";
import { Tokenizer } from "../model/tokenizer.ts";
import { toy } from "../model/toy.ts";
import { trace } from "../model/trace.ts";
import { Translator } from "../model/translator.ts";
import { entropies } from "./habits.ts";
import { inside } from "./inside.ts";
import { nearest, vocabulary } from "./vocabulary.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));
const TEXT = "ab c🙂b";
const OPTIONS = { decode: { beam: 3, max_length: 6 } };

function translator(norm: "pre" | "post", tie: "all" | "none" = "all"): Translator {
  const { config, weights } = toy(1, {
    vocab_size: tokenizer.pieces.length,
    max_positions: 40,
    positions: "rotary",
    norm,
    tie,
  });
  return new Translator({
    model: config,
    weights,
    sourceTokenizer: tokenizer,
    targetTokenizer: tokenizer,
    directions: [],
    decode: decodeOptions({}),
    alignmentHeads: [[1, 0]],
    alignmentStep: "receiving",
    sourceEnded: true,
  });
}

function looked() {
  const model = translator("pre");
  return inside(model, trace(model, TEXT, OPTIONS));
}

test.each(["pre", "post"] as const)("behind its last layer the lens says what the model says, %s-norm", (norm) => {
  const model = translator(norm);
  const traced = trace(model, TEXT, OPTIONS);
  const { steps, translation } = traced;
  const found = inside(model, traced);
  expect(found.translation).toBe(translation);
  expect(found.decoder.length).toBe(3);
  steps.forEach(({ chosen, top }, step) => {
    const { best, own } = found.decoder[2][step];
    expect(found.written[step]).toBe(chosen.piece);
    expect(own).toBeCloseTo(chosen.probability, 6);
    expect(best.map(({ piece }) => piece)).toEqual(top.slice(0, best.length).map(({ piece }) => piece));
  });
});

test("before the first layer a row of the encoder is its embedding, and nothing is added yet", () => {
  const { encoder, added, source } = looked();
  expect(encoder[0].map(({ best }) => best[0].piece)).toEqual(source);
  for (const { own, rank } of encoder[0]) expect([rank, own]).toEqual([1, expect.closeTo(1, 5)]);
  for (const { best } of added[0]) expect(best[0].value).toBe(0);
});

test("every head of every layer is there, with what it looks at", () => {
  const { heads, source, read } = looked();
  expect(heads.map(({ part, layer, head }) => `${part} ${layer} ${head}`)).toEqual([
    ...["encoder 0 0", "encoder 0 1", "decoder 0 0", "decoder 0 1", "decoder 1 0", "decoder 1 1"],
    ...["cross 0 0", "cross 0 1", "cross 1 0", "cross 1 1"],
  ]);
  expect(heads.filter(({ aligns }) => aligns).map(({ part, layer, head }) => [part, layer, head])).toEqual([
    ["cross", 1, 0],
  ]);
  for (const { part, weights, entropy } of heads) {
    const [rows, keys] = [part === "encoder" ? source : read, part === "decoder" ? read : source];
    expect(weights.length).toBe(rows.length * keys.length);
    const bits = entropies(weights, keys.length);
    expect(entropy).toBeCloseTo(bits.reduce((sum, one) => sum + one) / rows.length, 9);
    expect(weights.reduce((sum, one) => sum + one)).toBeCloseTo(rows.length, 4);
  }
});

test("each side has pieces, places and neighbours of its own", () => {
  const model = translator("pre", "none");
  const [source, target] = (["source", "target"] as const).map((side) => vocabulary(model, { side }));
  expect(source.pieces).toEqual(tokenizer.pieces);
  expect(source.places.length).toBe(2 * source.pieces.length);
  expect(source.places).not.toEqual(target.places);
  const near = (["source", "target"] as const).map((side) => nearest(model, { side, id: 261, count: 5 }).near);
  expect(near[0]).not.toEqual(near[1]);
  expect(near.map((one) => one.length)).toEqual([5, 5]);
});
