import { expect, test } from "vitest";

import { Characters } from "./merging.ts";
import { decodeOptions } from "./options.ts";
import { BYTES, SPECIALS } from "./spelling.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { type TraceOptions, trace } from "./trace.ts";
import { readTrace, writeTrace } from "./trace_json.ts";
import type { Tensor } from "./trace_types.ts";
import { Translator } from "./translator.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));

function traced(options: TraceOptions = {}, text = "a c🙂b") {
  const { config, weights } = toy(1, { vocab_size: tokenizer.pieces.length, max_positions: 40 });
  const both = { sourceTokenizer: tokenizer, targetTokenizer: tokenizer };
  const decode = decodeOptions({ beam: 3, max_length: 6 });
  return trace(
    new Translator({
      model: config,
      weights,
      ...both,
      directions: [],
      decode,
      alignmentHeads: [],
      alignmentStep: "receiving",
      sourceEnded: true,
    }),
    text,
    {
      target: "ab",
      ...options,
    },
  );
}

/** Return the rows of a tensor along its last dimension. */
function rows({ shape, values }: Tensor): Float32Array[] {
  const width = shape.at(-1)!;
  return Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

test("rows of attention sum to one, and what is masked has no share", () => {
  for (const layer of traced().decoder.layers) {
    for (const { scores, weights } of [layer.self_attention!, layer.cross_attention]) {
      rows(weights).forEach((row) => expect(row.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5));
      scores.values.forEach((score, at) => expect(weights.values[at] === 0).toBe(score === -Infinity));
    }
  }
});

test("a piece knows its characters, of which one may have several pieces", () => {
  const { pieces } = traced().source;
  expect(pieces.map(({ text }) => text)).toEqual(["a", " ", "c", "🙂", "🙂", "🙂", "🙂", "b", ""]);
  expect(pieces.map(({ start }) => start)).toEqual([0, 1, 2, 3, 3, 3, 3, 4, null]);
});

test("JSON and back gives the same to its digits, -Infinity included", () => {
  const found = traced({ logits: true });
  expect(readTrace(writeTrace(found, 9))).toEqual(found);
  const again = readTrace(writeTrace(found));
  again.memory.values.forEach((value, at) => expect(value / found.memory.values[at]).toBeCloseTo(1, 3));
  expect(() => writeTrace({ ...found, memory: { shape: [1], values: Float32Array.of(NaN) } })).toThrow("not finite");
});

test("a change is seen in the trace, and in nothing that comes before it", () => {
  const off: TraceOptions["change"] = (name, values) =>
    name === "decoder.layers.1.cross_attention.seen" ? values.map(() => 0) : undefined;
  const [plain, changed] = [traced(), traced({ change: off })];
  expect(changed.encoder).toEqual(plain.encoder);
  expect(changed.decoder.layers[0]).toEqual(plain.decoder.layers[0]);
  expect(changed.decoder.layers[1].cross_attention.contexts.values.every((value) => value === 0)).toBe(true);
  expect(changed.steps[0].log_sum_exp).not.toBeCloseTo(plain.steps[0].log_sum_exp, 3);
  const narrow: TraceOptions["change"] = (_, values) => values.subarray(1);
  expect(() => traced({ change: narrow })).toThrow("encoder.places has 9 numbers, not 8; keep its shape");
});
