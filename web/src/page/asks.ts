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
import { type Loss, expected, measured, rounded } from "../model/rounding.ts";
import type { Sum } from "../model/sum.ts";
import { Sums } from "../model/sums.ts";
import { type Timing, timed } from "../model/timing.ts";
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
import { Translator } from "../model/translator.ts";

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
  /** How long the parts of a pass take here. */
  readonly timing: { readonly asked: { text: string; to: string | null }; readonly answer: Timing };
  /** What the model says with weights of so few bits, and how sure it is of `wanted`; of what it says itself, if null. */
  readonly fewer: {
    readonly asked: { text: string; to: string | null; bits: number; wanted: string | null };
    readonly answer: Fewer;
  };
}

export interface Fewer {
  readonly translation: string;
  readonly sure: number; // probability of a piece of what was wanted, its geometric mean
  readonly losses: readonly Loss[]; // of the weights in this page; of 8 bits, which they have, what is to be expected
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
  timing: (translator, { text, to }) => timed(translator, text, to ?? undefined),
  fewer,
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

let less: { whole: Translator; bits: number; translator: Translator; losses: readonly Loss[] } | null = null;

/** Translate with weights rounded anew; the last ones are kept, for the next text is asked of all of them. */
function fewer(whole: Translator, { text, to, bits, wanted }: Asks["fewer"]["asked"]): Fewer {
  const { bundle } = whole;
  if (less?.whole !== whole || less.bits !== bits) {
    less = null; // before there are three models
    const weights = bits === 8 ? bundle.weights : rounded(bundle.model, bundle.weights, bits);
    const losses = bits === 8 ? expected(bundle.model, weights) : measured(bundle.model, bundle.weights, weights);
    less = { whole, bits, translator: bits === 8 ? whole : new Translator({ ...bundle, weights }), losses };
  }
  const { translator, losses } = less;
  const { text: translation } = translator.translate(text, {}, into(to));
  const scores = translator.score(text, wanted ?? translation, into(to));
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return { translation, sure: Math.exp(mean), losses };
}
