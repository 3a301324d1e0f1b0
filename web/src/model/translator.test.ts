import { expect, test } from "vitest";

import { Characters } from "./merging.ts";
import { type Way, decodeOptions } from "./options.ts";
import { BYTES, SPECIALS } from "./spelling.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { Translator } from "./translator.ts";

/** A translator of letters, with the directions of its config.json. */
function translator(...directions: [string, string][]): Translator {
  const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));
  const tags = new Set(directions.map(([, target]) => target)).size;
  const vocab_size = tokenizer.pieces.length + (tags > 1 ? tags : 0);
  const { config, weights } = toy(1, { vocab_size, max_positions: 40 });
  const both = { sourceTokenizer: tokenizer, targetTokenizer: tokenizer };
  const decode = decodeOptions({ beam: 3, penalty: "average" });
  return new Translator({
    model: config,
    weights,
    ...both,
    directions,
    decode,
    alignmentHeads: [],
    alignmentStep: "receiving",
    sourceEnded: true,
  });
}

test("text in, text out, with the model's own options unless told otherwise", () => {
  const steps: (readonly Way[])[] = [];
  const { text, hypotheses, sourcePieces } = translator().translate(
    "a cab",
    {},
    { watch: (_, ways) => steps.push(ways) },
  );
  expect(text).toBe(hypotheses[0].text);
  expect(sourcePieces).toEqual(["a", "▁", "c", "a", "b", "</s>"]);
  expect(steps[1].length).toBe(6); // twice the beam
  expect(hypotheses.length).toBe(1);
  expect(translator().translate("a cab", { beam: 5, n_best: 5 }).hypotheses.length).toBe(5);
  const drawn = translator().translate("a cab", { temperature: 2, n_best: 7 }); // samples need no word on the beam
  expect(drawn.hypotheses.length).toBe(7);
  expect(translator().translate("a cab", { temperature: 2, n_best: 7 }, { sentence: 1 })).not.toEqual(drawn);
});

test("every number is told by its name on request, and nothing changes by that", () => {
  const names = new Set<string>();
  const told = translator().translate("ab", {}, { record: (name) => void names.add(name) });
  expect(told).toEqual(translator().translate("ab"));
  for (const name of ["encoder.layers.0.self_attention.query", "decoder.layers.1.cross_attention.weights", "logits"]) {
    expect(names).toContain(name);
  }
});

test("no model is asked about a text without a letter", () => {
  for (const blank of ["", " ", "\t\u3000\x1c\x85"]) {
    expect(translator().translate(blank).text).toBe(blank);
  }
});

test("a model of several directions reads a tag, and of one it needs none", () => {
  const several = translator(["en", "de"], ["en", "fr"]);
  expect(several.sourceIds("a", "de").at(-1)).toBe(264);
  expect(several.sourceIds("a", "fr").at(-1)).toBe(265);
  expect(several.translate("a", {}, { to: "fr" }).sourcePieces).toEqual(["a", "<to fr>"]);
  expect(translator(["en", "de"]).sourceIds("a", "de").at(-1)).toBe(3);
  expect(translator(["en", "de"]).sourceIds("a").at(-1)).toBe(3);
  expect(() => several.sourceIds("a")).toThrow("this model translates into de, fr");
  expect(() => several.sourceIds("a", "es")).toThrow("does not translate into es");
});

test("a model that reads no end behind its sources is given none", () => {
  const { bundle } = translator(["en", "de"]);
  const endless = new Translator({ ...bundle, sourceEnded: false });
  expect(endless.translate("a cab").sourcePieces).toEqual(["a", "▁", "c", "a", "b"]);
  expect(endless.score("a", "b")).not.toEqual(translator().score("a", "b"));
  expect(() => endless.sourceIds("a", "es")).toThrow("does not translate into es");
});

test("what does not fit is refused, never cut off", () => {
  expect(() => translator().translate("a".repeat(39))).toThrow(
    "the text has 39 pieces, this model takes at most 38 pieces",
  );
  expect(() => translator().translate("a".repeat(1e6))).toThrow("the text has 1000000 characters, this model takes");
  expect(() => translator().score("a", "a".repeat(39))).toThrow("the translation has 39 pieces");
});
