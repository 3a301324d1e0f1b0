import { expect, it } from "vitest";
import { PARTS } from "./cost.ts";
import { Characters } from "./merging.ts";
import { decodeOptions } from "./options.ts";
import { BYTES, SPECIALS } from "./spelling.ts";
import { timed } from "./timing.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { Translator } from "./translator.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));
const { config, weights } = toy(1, { vocab_size: tokenizer.pieces.length, max_positions: 40, positions: "learned" });
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

it("all of the time is somebody's, and every part takes some", () => {
  let now = 0;
  let told = 0;
  const timing = timed(translator, "a cab", undefined, () => {
    told++;
    return (now += 1); // every look at the clock takes one more
  });
  const parts = PARTS.map((part) => timing.spent[part]);
  const sum = parts.reduce((all, { products, looking }) => all + products + looking, 0);
  expect(sum * timing.passes).toBeCloseTo(told - 1 - 2 * timing.passes); // begun; before and after a pass
  for (const part of PARTS.filter((part) => part !== "decoder cells"))
    expect(timing.spent[part].products, part).toBeGreaterThan(0);
  expect(timing.spent["encoder attention"].looking).toBeGreaterThan(0);
  expect(timing.source).toBe(6);
  expect(timing.target).toBe(translator.translate("a cab", { beam: 1 }).hypotheses[0].ids.length);
});

it("refuses what is no text, and does not time for ever", () => {
  expect(() => timed(translator, " \n")).toThrow("blank");
  expect(timed(translator, "a", undefined, () => 0).passes).toBeLessThan(100);
});
