/**
 * How long each part of a pass takes here: the time between two numbers that a `Recorder` is told of belongs to the
 * second. A browser's clock is coarse, so a pass is made several times; the sum of all parts is exact.
 */

import { PARTS, type Part, isLooking, partOf } from "./cost.ts";
import { BOS } from "./spelling.ts";
import { type Translator, isBlank } from "./translator.ts";

const LONG = 150; // ms after which no more passes are made
const MOST = 30; // passes

export interface Timing {
  readonly translation: string; // found greedily
  readonly source: number; // pieces that the encoder reads, the end included
  readonly target: number; // pieces that the decoder reads
  readonly passes: number;
  /** Milliseconds of one pass, by part and whether they went into looking. */
  readonly spent: Readonly<Record<Part, { readonly products: number; readonly looking: number }>>;
}

/** Translate a text, and time the pass that reads it with its translation; throws an Error for a blank text. */
export function timed(translator: Translator, text: string, to?: string, clock = () => performance.now()): Timing {
  if (isBlank(text)) throw new Error("the text is blank, so no model is asked; give one with a word in it");
  const call = to === undefined ? {} : { to };
  const options = { beam: 1, temperature: null, top_k: null, top_p: null, n_best: 1 };
  const [{ ids, text: translation }] = translator.translate(text, options, call).hypotheses;
  const source = translator.sourceIds(text, to);
  const target = [BOS, ...ids.slice(0, -1)];

  const spent = Object.fromEntries(PARTS.map((part) => [part, { products: 0, looking: 0 }])) as Record<
    Part,
    { products: number; looking: number }
  >;
  let before = 0;
  const model = translator.model.recorded((name) => {
    const now = clock();
    spent[partOf(name)][isLooking(name) ? "looking" : "products"] += now - before;
    before = now;
  });
  const begun = clock();
  let passes = 0;
  do {
    before = clock();
    const state = model.start(model.encode(source));
    model.decode(target, new Array<typeof state>(target.length).fill(state));
    passes++;
  } while (passes < MOST && clock() - begun < LONG);
  for (const part of PARTS) {
    spent[part] = { products: spent[part].products / passes, looking: spent[part].looking / passes };
  }
  return { translation, source: source.length, target: target.length, passes, spent };
}
