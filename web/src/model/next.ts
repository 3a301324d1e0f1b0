/** What may come next at every step of a translation: the model's logits, from one pass over what a search found. */

// Shapes.  T steps, V target vocabulary.

import { targetVocabulary } from "./architecture.ts";
import { WHOLE } from "./grammar.ts";
import type { DecodeOptions } from "./options.ts";
import { BOS, EOS } from "./spelling.ts";
import { type Call, type Translator, isBlank } from "./translator.ts";

export interface Next {
  readonly chosen: number; // what the translation goes on with
  readonly likeliest: readonly number[]; // of the pieces that may come, the best first
  readonly logits: Float32Array; // [V], -Infinity for a piece that may not come
}

/** Return the steps of a text's translation; throws an Error for what the model cannot take. */
export function nexts(
  translator: Translator,
  text: string,
  options: Partial<DecodeOptions>,
  call: Call = {},
  most = 40,
): Next[] {
  if (isBlank(text)) return [];
  const chosen = translator.options(options);
  const found = translator.translate(text, options, call).hypotheses[0].ids;
  const model = translator.operated(call);
  const source = translator.source(translator.reading(text, chosen), call);
  const state = model.start(model.encode(source));
  const before = [BOS, ...found.slice(0, -1)];
  const logits_TV = model.decode(
    before,
    before.map(() => state),
  );
  const pieces = targetVocabulary(translator.bundle.model);
  const grammar = translator.grammar(chosen.one_line);
  let whole = WHOLE;
  return found.map((id, step) => {
    const logits = logits_TV
      .slice(step * pieces, (step + 1) * pieces)
      .map((logit, id) =>
        grammar.allows(whole, id) && !(id === EOS && step + 1 < chosen.min_length) ? logit : -Infinity,
      );
    const order = Array.from(logits.keys()).filter((id) => logits[id] > -Infinity);
    order.sort((one, other) => logits[other] - logits[one]);
    whole = grammar.after(whole, id);
    return { chosen: id, likeliest: order.slice(0, most), logits };
  });
}
