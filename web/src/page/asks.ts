/**
 * What a section may ask of the model beside a translation: each question has a name, what it is asked with, and its
 * answer; all of it must survive `postMessage`.
 *
 * To add one: its types in `Asks`, what answers it in `ANSWERS`. A section calls `await model.ask(name, asked)`.
 */

import { type TraceOptions, trace } from "../model/trace.ts";
import type { Trace } from "../model/trace_types.ts";
import type { Translator } from "../model/translator.ts";

export interface Asks {
  /** The numbers of a translation on its way. */
  readonly trace: { readonly asked: { text: string; options: Omit<TraceOptions, "change"> }; readonly answer: Trace };
}

export type Ask = keyof Asks;

/** What answers a question; an Error that it throws reaches the one who asked. */
type Answering<K extends Ask> = (
  translator: Translator,
  asked: Asks[K]["asked"],
) => Asks[K]["answer"] | Promise<Asks[K]["answer"]>;

export const ANSWERS: { readonly [K in Ask]: Answering<K> } = {
  trace: (translator, { text, options }) => trace(translator, text, options),
};
