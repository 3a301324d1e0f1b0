/** A trace of a toy model, for tests: its pieces are single characters. */

import { type ModelConfig, modelConfig } from "./architecture.ts";
import { Characters } from "./merging.ts";
import { decodeOptions } from "./options.ts";
import { BYTES, SPECIALS } from "./spelling.ts";
import { Sums } from "./sums.ts";
import { Tokenizer } from "./tokenizer.ts";
import { toy } from "./toy.ts";
import { trace } from "./trace.ts";
import { Translator } from "./translator.ts";

const tokenizer = new Tokenizer(new Characters([...SPECIALS, ...BYTES, ..."▁abc"]));

export const TOY_PIECES = tokenizer.pieces.length;

/** Return the trace of a given translation by a toy of these settings, and all its sums. */
export function tracedToy(settings: Partial<ModelConfig> = {}): Sums {
  const { config, weights } = toy(3, { vocab_size: tokenizer.pieces.length, max_positions: 40, ...settings });
  const translator = new Translator({
    model: modelConfig({ ...config }),
    weights: new Map(Array.from(weights, ([name, values]) => [name, values.map((one) => one / 2)])), // calm numbers
    sourceTokenizer: tokenizer,
    targetTokenizer: tokenizer,
    directions: [],
    decode: decodeOptions({ beam: 1, max_length: 4 }),
    alignmentHeads: [],
    alignmentStep: "receiving",
    sourceEnded: true,
  });
  const traced = trace(translator, "ac🙂", { target: "ab", logits: true });
  return new Sums(traced, translator.bundle.model, translator.bundle.weights);
}
