/** What comes of a text under operations: the translation, what else could have come at each step, one attention. */

// Shapes.  N heads, L rows that look, K rows that are looked at, V target vocabulary.

import { targetVocabulary } from "./architecture.ts";
import { WHOLE } from "./grammar.ts";
import type { Recorder } from "./layers.ts";
import type { Operation } from "./operations.ts";
import type { DecodeOptions } from "./options.ts";
import { forced, logProbabilities } from "./search.ts";
import { BOS, EOS } from "./spelling.ts";
import type { Tensor } from "./trace_types.ts";
import { type Translator, isBlank } from "./translator.ts";

export interface Asked {
  readonly text: string;
  readonly to: string | null;
  readonly options: Partial<DecodeOptions>;
  readonly operations: readonly Operation[];
  readonly attention: string | null; // whose weights are wanted, such as decoder.layers.0.cross_attention
  readonly rival: readonly number[] | null; // another translation, to be scored
}

export interface Outcome {
  readonly source: readonly number[]; // ids, the end included
  readonly places: readonly number[]; // where each of them is said to stand
  readonly text: string;
  readonly steps: readonly OutcomeStep[];
  readonly logProbability: number; // of the whole translation
  readonly score: number; // that, divided by its length's penalty
  readonly finished: boolean;
  readonly rival: number | null; // the log-probability of the other translation
  readonly weights: Tensor | null; // [N, L, K] of the attention
}

export interface OutcomeStep {
  readonly id: number;
  readonly probability: number;
  readonly others: readonly { readonly id: number; readonly probability: number }[]; // the likeliest that may come, itself included
}

/** Return the outcome; throws an Error for what the model cannot take. */
export function outcome(translator: Translator, asked: Asked, most = 8): Outcome {
  const { text, options, operations, attention, rival } = asked;
  if (isBlank(text)) throw new Error("the text is blank, so no model is asked; give one with a word in it");
  const call = { ...(asked.to === null ? {} : { to: asked.to }), operations };
  const [found] = translator.translate(text, options, call).hypotheses;
  if (!found.ids.length) throw new Error("the translation has no pieces");
  const chosen = translator.options(options);
  const source = translator.source(translator.reading(text, chosen), call);

  let places: readonly number[] = [];
  let weights: Tensor | null = null;
  const record: Recorder = (name, values, shape) => {
    if (name === "encoder.places") places = Array.from(values);
    if (name === `${attention}.weights`) weights = { shape, values };
  };
  const model = translator.operated({ operations, record });
  const state = model.start(model.encode(source));
  const before = [BOS, ...found.ids.slice(0, -1)];
  const logits_LV = model.decode(
    before,
    before.map(() => state),
  );
  const pieces = targetVocabulary(translator.bundle.model);
  const grammar = translator.grammar(chosen.one_line);
  let whole = WHOLE;
  const steps = found.ids.map((id, step) => {
    const logs = logProbabilities(logits_LV.subarray(step * pieces, (step + 1) * pieces));
    const may = (other: number) => grammar.allows(whole, other) && !(other === EOS && step + 1 < chosen.min_length);
    const others = best(logs, most, may).map((other) => ({ id: other, probability: Math.exp(logs[other]) }));
    whole = grammar.after(whole, id);
    return { id, probability: Math.exp(logs[id]), others };
  });
  const rivals = rival?.length ? forced(translator.operated({ operations }), source, rival) : null;
  return {
    source,
    places,
    text: found.text,
    steps,
    logProbability: found.logProbabilities.reduce((sum, one) => sum + one, 0),
    score: found.score,
    finished: found.finished,
    rival: rivals && rivals.reduce((sum, one) => sum + one, 0),
    weights,
  };
}

/** Return the ids of the highest values that may come, the best first, of equal ones the lowest id. */
function best(values_V: Float32Array, count: number, may: (id: number) => boolean): number[] {
  const found: number[] = [];
  values_V.forEach((value, id) => {
    if (found.length === count && value <= values_V[found[count - 1]]) return;
    if (!may(id)) return;
    let place = found.length;
    while (place > 0 && values_V[found[place - 1]] < value) place--;
    found.splice(place, 0, id);
    if (found.length > count) found.pop();
  });
  return found;
}
