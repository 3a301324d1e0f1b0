/**
 * What a section may ask of the model beside a translation: each question has a name, what it is asked with, and its
 * answer; all of it must survive `postMessage`.
 *
 * To add one: its types in `Asks`, what answers it in `ANSWERS`. A section calls `await model.ask(name, asked)`.
 */

import { type Next, nexts } from "../model/next.ts";
import type { DecodeOptions } from "../model/options.ts";
import { type Asked as OutcomeAsked, type Outcome, outcome } from "../model/outcome.ts";
import { placeOf } from "../model/places.ts";
import type { Sum } from "../model/sum.ts";
import { Sums } from "../model/sums.ts";
import { type TraceOptions, search, trace } from "../model/trace.ts";
import type { Search, Trace } from "../model/trace_types.ts";
import { type Inside, inside } from "../analysis/inside.ts";
import {
  type Neighbours,
  type NeighboursAsked,
  type Side,
  type Vocabulary,
  nearest,
  vocabulary,
} from "../analysis/vocabulary.ts";
import { type Next, nexts } from "../model/next.ts";
import type { DecodeOptions } from "../model/options.ts";
import { placeOf } from "../model/places.ts";
import type { Sum } from "../model/sum.ts";
import { Sums } from "../model/sums.ts";
import { type TraceOptions, search, trace } from "../model/trace.ts";
import type { Search, Trace } from "../model/trace_types.ts";
import type { Translator } from "../model/translator.ts";

/** What is traced. */
interface Traced {
  readonly text: string;
  readonly options: Omit<TraceOptions, "change">;
}

type Decode = Partial<DecodeOptions>;

export interface Asks {
  /** The numbers of a translation on its way. */
  readonly trace: { readonly asked: Traced; readonly answer: Trace };
  /** What a number of such a trace is the sum of; `number` is a place of `model/places.ts`, written. */
  readonly sum: { readonly asked: Traced & { readonly number: string }; readonly answer: Sum };
  /** What may come next at every step of a translation. */
  readonly nexts: { readonly asked: { text: string; to: string | null; options: Decode }; readonly answer: Next[] };
  /** How several searches go, side by side. */
  readonly searches: {
    readonly asked: { text: string; to: string | null; options: Decode[] };
    readonly answer: Search[];
  };
  /** What its layers would say, and what its heads do. */
  readonly inside: { readonly asked: Traced; readonly answer: Inside };
  /** All pieces of one side, on a flat map. */
  readonly vocabulary: { readonly asked: { side: Side }; readonly answer: Vocabulary };
  /** The nearest pieces of one. */
  readonly neighbours: { readonly asked: NeighboursAsked; readonly answer: Neighbours };
  /** What comes of a text under operations on the model. */
  readonly outcome: { readonly asked: OutcomeAsked; readonly answer: Outcome };
}

export type Ask = keyof Asks;

/** What answers a question; an Error that it throws reaches the one who asked. */
type Answering<K extends Ask> = (
  translator: Translator,
  asked: Asks[K]["asked"],
) => Asks[K]["answer"] | Promise<Asks[K]["answer"]>;

export const ANSWERS: { readonly [K in Ask]: Answering<K> } = {
  trace: (translator, asked) => traced(translator, asked),
  sum: (translator, { number, ...asked }) => {
    const place = placeOf(number);
    if (!place) throw new Error(`no number is called ${number}`);
    const { model, weights } = translator.bundle;
    const options = { ...asked.options, logits: true }; // sums of the last step want them all
    return new Sums(traced(translator, { ...asked, options }), model, weights).sum(place);
  },
  nexts: (translator, { text, to, options }) => nexts(translator, text, options, into(to)),
  searches: (translator, { text, to, options }) =>
    options.map((decode) => search(translator, text, { decode, ...into(to) })),
  inside: (translator, asked) => inside(translator, traced(translator, asked), into(asked.options.to ?? null)),
  vocabulary,
  neighbours: nearest,
  outcome: (translator, asked) => outcome(translator, asked),
};

let last: { translator: Translator; asked: string; trace: Trace } | null = null;

/** Return a trace; the last one is kept, for what is asked next is mostly about it. */
function traced(translator: Translator, { text, options }: Traced): Trace {
  const asked = JSON.stringify({ text, options });
  if (last?.translator !== translator || last.asked !== asked) {
    last = { translator, asked, trace: trace(translator, text, options) };
  }
  return last.trace;
}

function into(to: string | null): { to?: string } {
  return to === null ? {} : { to };
}
