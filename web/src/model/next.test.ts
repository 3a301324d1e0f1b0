import { expect, test } from "vitest";

import { Characters } from "./merging.ts";
import { nexts } from "./next.ts";
import { decodeOptions } from "./options.ts";
import { BYTES, EOS, SPECIALS } from "./spelling.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { search, trace } from "./trace.ts";
import { Translator } from "./translator.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));

function translator(): Translator {
  const { config, weights } = toy(1, { vocab_size: tokenizer.pieces.length, max_positions: 40 });
  return new Translator({
    model: config,
    weights,
    sourceTokenizer: tokenizer,
    targetTokenizer: tokenizer,
    directions: [],
    decode: decodeOptions({ beam: 3, max_length: 6, min_length: 3 }),
    alignmentHeads: [],
    alignmentStep: "receiving",
    sourceEnded: true,
  });
}

test("what may come next is what a trace says of it, without what a search may not take", () => {
  const operations = [{ kind: "piece", at: 0, id: 263 } as const];
  for (const options of [{}, { operations }]) {
    const { steps } = trace(translator(), "a c🙂b", { logits: true, top: 264, ...options });
    const found = nexts(translator(), "a c🙂b", {}, options, 264);
    expect(found.length).toBe(steps.length);
    found.forEach(({ chosen, likeliest, logits }, step) => {
      const open = steps[step].top.filter(({ allowed }) => allowed);
      expect(likeliest).toEqual(open.map(({ id }) => id));
      expect(chosen).toBe(steps[step].chosen.id);
      steps[step].top.forEach(({ id, logit, allowed }) => expect(logits[id]).toBe(allowed ? logit : -Infinity));
      if (step < 2) expect(logits[EOS]).toBe(-Infinity);
    });
  }
  expect(nexts(translator(), " ", {})).toEqual([]);
});

test("a search alone is that of the trace", () => {
  for (const decode of [{}, { beam: 1 }, { temperature: 1.4, seed: 3 }]) {
    expect(search(translator(), "abba", { decode })).toEqual(trace(translator(), "abba", { decode }).search);
  }
  expect(() => search(translator(), " ")).toThrow("blank");
});
