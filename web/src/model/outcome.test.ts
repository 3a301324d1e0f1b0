import { expect, test } from "vitest";

import { Characters } from "./merging.ts";
import { type Operation } from "./operations.ts";
import { decodeOptions } from "./options.ts";
import { outcome } from "./outcome.ts";
import { BYTES, SPECIALS } from "./spelling.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { trace } from "./trace.ts";
import { Translator } from "./translator.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));
const { config, weights } = toy(1, { vocab_size: tokenizer.pieces.length, max_positions: 40 });
const translator = new Translator({
  model: config,
  weights,
  sourceTokenizer: tokenizer,
  targetTokenizer: tokenizer,
  directions: [],
  decode: decodeOptions({ beam: 3, max_length: 6 }),
  alignmentHeads: [],
  alignmentStep: "receiving",
  sourceEnded: true,
});
const CROSS = "decoder.layers.1.cross_attention";
const asked = { text: "abca", to: null, options: {}, operations: [], attention: null, rival: null };

test.each([
  [],
  [{ kind: "head", where: CROSS, head: 0 }],
  [
    { kind: "shuffle", seed: 3 },
    { kind: "prefix", ids: [262, 262] },
    { kind: "piece", at: 1, id: 263 },
  ],
] as Operation[][])("an outcome is what the trace has: %j", (...operations) => {
  const found = outcome(translator, { ...asked, operations, attention: CROSS });
  const traced = trace(translator, "abca", { operations });
  const best = traced.search.hypotheses[0];
  expect(found.text).toBe(traced.translation);
  expect([found.score, found.finished]).toEqual([best.score, best.finished]);
  expect(found.logProbability).toBeCloseTo(best.log_probability, 5);
  expect(found.source).toEqual(traced.source.pieces.map(({ id }) => id));
  expect(found.places).toEqual(traced.encoder.embedding.places);
  expect(found.weights).toEqual(traced.decoder.layers[1].cross_attention.weights);
  found.steps.forEach(({ id, probability, others }, step) => {
    const { chosen, top } = traced.steps[step];
    expect(id).toBe(chosen.id);
    expect(probability).toBeCloseTo(chosen.probability, 5);
    const open = top.filter(({ allowed }) => allowed).slice(0, 8);
    expect(others.slice(0, open.length).map((one) => one.id)).toEqual(open.map((one) => one.id));
  });
});

test("another translation is as likely as it is when it is forced", () => {
  const operations: Operation[] = [{ kind: "layer", where: "decoder.layers.0" }];
  const rival = outcome(translator, asked).steps.map(({ id }) => id);
  const { rival: found } = outcome(translator, { ...asked, operations, rival });
  const again = outcome(translator, {
    ...asked,
    operations: [...operations, { kind: "prefix", ids: rival.slice(0, -1) }],
  });
  const likely = again.steps
    .slice(0, rival.length - 1)
    .reduce((sum, { probability }) => sum + Math.log(probability), 0);
  expect(found).toBeLessThan(likely);
  const own = outcome(translator, { ...asked, rival });
  expect(own.rival).toBeCloseTo(own.logProbability, 4);
});

test("a blank text has none", () => {
  expect(() => outcome(translator, { ...asked, text: " " })).toThrow("blank");
});
